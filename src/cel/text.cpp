#include "base/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "cel/encoding.hpp"
#include "cel/time.hpp"
#include "cel/value.hpp"

namespace ms::cel {
namespace {

constexpr int kDeepest = 100;  // what nests deeper is cut, not followed until the stack ends

std::string real_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, number);
  return std::string(text, result.ptr);
}

void write(const Value& value, std::string& out, int depth);

void write_list(const Value& value, std::string& out, int depth) {
  out += '[';
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ", ";
    write(value.at(i), out, depth + 1);
  }
  out += ']';
}

void write_map(const Value& value, std::string& out, int depth) {
  out += '{';
  bool first = true;
  Value key;
  Value member;
  for (MapCursor cursor(value); cursor.next(key, member); first = false) {
    if (!first) out += ", ";
    write(key, out, depth + 1);
    out += ": ";
    write(member, out, depth + 1);
  }
  out += '}';
}

void write_unknown(const Value& value, std::string& out) {
  if (value.is_marker()) {
    out += fmt::format("unknown ({})", absent_fact(*value.json()).reason);
    return;
  }
  out += "unknown (";
  bool first = true;
  for (const UnknownFact& fact : value.unknown()) {
    out += fmt::format("{}{}: {}", first ? "" : "; ", fact.path, fact.reason);
    first = false;
  }
  out += ')';
}

void write(const Value& value, std::string& out, int depth) {
  if (depth > kDeepest) {
    out += "...";
    return;
  }
  switch (value.kind()) {
    case Kind::null:
      out += "null";
      break;
    case Kind::boolean:
      out += value.as_bool() ? "true" : "false";
      break;
    case Kind::integer:
      out += fmt::format("{}", value.as_int());
      break;
    case Kind::unsigned_integer:
      out += fmt::format("{}", value.as_uint());
      break;
    case Kind::real:
      out += real_text(value.as_double());
      break;
    case Kind::string:
    case Kind::type:
      out += value.as_string();
      break;
    case Kind::bytes:
      out += sanitize_utf8(value.as_bytes());
      break;
    case Kind::timestamp:
      out += format_timestamp(value.as_timestamp());
      break;
    case Kind::duration:
      out += format_duration(value.as_duration());
      break;
    case Kind::list:
      write_list(value, out, depth);
      break;
    case Kind::map:
      write_map(value, out, depth);
      break;
    case Kind::optional:
      out += value.as_optional() == nullptr ? "optional.none(" : "optional.of(";
      if (value.as_optional() != nullptr) write(*value.as_optional(), out, depth + 1);
      out += ')';
      break;
    case Kind::opaque:
      out += value.as_opaque().type->to_text(value.as_opaque());
      break;
    case Kind::unknown:
      write_unknown(value, out);
      break;
    case Kind::error:
      out += fmt::format("error ({})", value.error().message);
      break;
  }
}

Json to_json_within(const Value& value, int depth) {
  if (value.json() != nullptr) return *value.json();
  if (depth > kDeepest) return nullptr;
  switch (value.kind()) {
    case Kind::null:
      return nullptr;
    case Kind::boolean:
      return value.as_bool();
    case Kind::integer:
      return value.as_int();
    case Kind::unsigned_integer:
      return value.as_uint();
    case Kind::real:
      return std::isfinite(value.as_double()) ? Json(value.as_double()) : Json(to_text(value));
    case Kind::bytes:
      return encode_base64(value.as_bytes());
    case Kind::list: {
      Json result = Json::array();
      for (std::size_t i = 0; i < value.size(); ++i) result.push_back(to_json_within(value.at(i), depth + 1));
      return result;
    }
    case Kind::map: {
      Json result = Json::object();
      Value key;
      Value member;
      for (MapCursor cursor(value); cursor.next(key, member);)
        result[to_text(key)] = to_json_within(member, depth + 1);
      return result;
    }
    case Kind::optional:
      return value.as_optional() == nullptr ? Json() : to_json_within(*value.as_optional(), depth + 1);
    case Kind::unknown: {
      const UnknownFact fact = value.unknown().empty() ? UnknownFact{} : value.unknown().front();
      return {{"$absent", {{"path", fact.path}, {"reason", fact.reason}, {"source", fact.source}}}};
    }
    case Kind::error:
      return {{"$error", value.error().message}};
    default:
      return to_text(value);
  }
}

}  // namespace

Json to_json(const Value& value) {
  return to_json_within(value, 0);
}

std::string to_text(const Value& value) {
  std::string out;
  write(value, out, 0);
  return out;
}

}  // namespace ms::cel
