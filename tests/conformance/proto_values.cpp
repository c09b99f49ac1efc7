#include "proto_values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <vector>

namespace conformance {
namespace {

using ms::cel::Arena;
using ms::cel::Kind;
using ms::cel::MapData;
using ms::cel::MapEntry;
using ms::cel::Type;
using ms::cel::Value;

double double_of(const std::string& text) {
  return std::stod(text);
}

Value object_of(const Message& any) {
  constexpr std::string_view kPrefix = "[type.googleapis.com/";
  for (const Message::Field& field : any.fields) {
    if (!field.name.starts_with(kPrefix)) continue;
    const std::string name = field.name.substr(kPrefix.size(), field.name.size() - kPrefix.size() - 1);
    const auto number = [&](std::string_view part) {
      const std::string text = field.message->text(part);
      return text.empty() ? std::int64_t{0} : std::stoll(text);
    };
    if (name == "google.protobuf.Duration")
      return Value::duration(number("seconds") * 1'000'000'000 + number("nanos"));
    if (name == "google.protobuf.Timestamp") {
      return Value::timestamp({number("seconds"), static_cast<std::int32_t>(number("nanos"))});
    }
    throw Excluded(fmt::format("a protobuf message as a value ({})", name));
  }
  throw Excluded("a protobuf message as a value");
}

Value map_of(const Message& map, Arena& arena) {
  std::vector<MapEntry> entries;
  for (const Message* const entry : map.children("entries")) {
    entries.push_back({value_of(*entry->child("key"), arena), value_of(*entry->child("value"), arena)});
  }
  return Value::map(*arena.make<MapData>(MapData{.entries = arena.copy(std::span<const MapEntry>(entries))}));
}

Type basic_of(const std::string& name) {
  if (name == "BOOL") return Type::boolean();
  if (name == "INT64") return Type::integer();
  if (name == "UINT64") return Type::unsigned_integer();
  if (name == "DOUBLE") return Type::real();
  if (name == "STRING") return Type::string();
  if (name == "BYTES") return Type::bytes();
  if (name == "TIMESTAMP") return Type::timestamp();
  if (name == "DURATION") return Type::duration();
  return Type::dyn();
}

}  // namespace

Value value_of(const Message& value, Arena& arena) {
  const Message::Field& field = value.fields.at(0);
  const std::string& name = field.name;
  const auto kept = [&] { return arena.copy(std::string_view(field.text)); };
  if (name == "null_value") return Value::null();
  if (name == "bool_value") return Value::boolean(field.text == "true");
  if (name == "int64_value") return Value::integer(std::stoll(field.text));
  if (name == "uint64_value") return Value::unsigned_integer(std::stoull(field.text));
  if (name == "double_value") return Value::real(double_of(field.text));
  if (name == "string_value") return Value::string(kept());
  if (name == "bytes_value") return Value::bytes(kept());
  if (name == "type_value") return Value::type(kept());
  if (name == "map_value") return map_of(*field.message, arena);
  if (name == "enum_value") throw Excluded("an enum as a value");
  if (name == "object_value") return object_of(*field.message);
  if (name == "list_value") {
    std::vector<Value> elements;
    for (const Message* const element : field.message->children("values"))
      elements.push_back(value_of(*element, arena));
    return Value::list(arena.copy(std::span<const Value>(elements)));
  }
  throw std::runtime_error("a value of an unknown kind: " + name);
}

Type type_of(const Message& type) {
  const Message::Field& field = type.fields.at(0);
  const std::string& name = field.name;
  if (name == "primitive" || name == "well_known") return basic_of(field.text);
  if (name == "null") return Type::null();
  if (name == "dyn") return Type::dyn();
  if (name == "wrapper") throw Excluded("the type of a protobuf wrapper message");
  if (name == "type_param") return Type::parameter(field.text);
  if (name == "type") return Type::type();
  if (name == "message_type") {
    if (field.text == "google.protobuf.Duration") return Type::duration();
    if (field.text == "google.protobuf.Timestamp") return Type::timestamp();
    throw Excluded(fmt::format("a protobuf message type ({})", field.text));
  }
  if (name == "list_type") {
    const Message* const element = field.message->child("elem_type");
    return Type::list(element == nullptr ? Type::dyn() : type_of(*element));
  }
  if (name == "map_type") {
    return Type::map(type_of(*field.message->child("key_type")),
                     type_of(*field.message->child("value_type")));
  }
  if (name == "abstract_type") {
    std::vector<Type> parameters;
    for (const Message* const parameter : field.message->children("parameter_types")) {
      parameters.push_back(type_of(*parameter));
    }
    const std::string opaque = field.message->text("name");
    return opaque == "optional_type" ? Type::optional(parameters.at(0)) : Type::opaque(opaque, parameters);
  }
  throw std::runtime_error("a type of an unknown kind: " + name);
}

bool identical(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is(Kind::real) && std::isnan(a.as_double())) return std::isnan(b.as_double());
  if (a.is(Kind::list)) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!identical(a.at(i), b.at(i))) return false;
    }
    return true;
  }
  if (a.is(Kind::map)) {
    if (a.size() != b.size()) return false;
    Value key;
    Value value;
    for (ms::cel::MapCursor cursor(a); cursor.next(key, value);) {
      const std::optional<Value> other = b.find(key);
      if (!other || !identical(value, *other)) return false;
    }
    return true;
  }
  return equal(a, b).is_true();
}

}  // namespace conformance
