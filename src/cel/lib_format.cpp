#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

constexpr int kMostDigits = 100;  // of a precision

Value wrong(std::string_view clause, std::string_view takes, const Value& value, EvalContext& context) {
  const std::string_view given =
      value.is(Kind::opaque) ? value.as_opaque().type->name : type_name(value.kind());
  return context.invalid_argument(
      fmt::format("error during formatting: {} {}, was given {}", clause, takes, given));
}

// Lists and maps as %s shows them: maps in the order of their keys as texts.
bool write_text(const Value& value, std::string& out, Value& failure, int depth, EvalContext& context) {
  constexpr int kDeepest = 100;
  if (value.is_failure()) {
    failure = value;
    return false;
  }
  if (!context.step() || depth > kDeepest) {
    failure = context.exhausted() ? context.limit_reached()
                                  : context.invalid_argument("format() of a value nested too deep");
    return false;
  }
  if (value.is(Kind::list)) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      if (!write_text(value.at(i), out, failure, depth + 1, context)) return false;
    }
    out += ']';
    return true;
  }
  if (value.is(Kind::map)) {
    std::vector<std::pair<std::string, std::string>> entries;
    Value key;
    Value member;
    for (MapCursor cursor(value); cursor.next(key, member);) {
      entries.emplace_back(to_text(key), std::string());
      if (!write_text(member, entries.back().second, failure, depth + 1, context)) return false;
    }
    std::sort(entries.begin(), entries.end());
    out += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      out += fmt::format("{}{}: {}", i > 0 ? ", " : "", entries[i].first, entries[i].second);
    }
    out += '}';
    return true;
  }
  if (value.is(Kind::optional)) {
    failure = wrong("string clause",
                    "can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
                    "durations, and timestamps",
                    value, context);
    return false;
  }
  out += to_text(value);
  return true;
}

std::string not_finite_text(double number) {
  return to_text(Value::real(number));
}

bool as_real(const Value& value, double& number) {
  switch (value.kind()) {
    case Kind::integer:
      number = static_cast<double>(value.as_int());
      return true;
    case Kind::unsigned_integer:
      number = static_cast<double>(value.as_uint());
      return true;
    case Kind::real:
      number = value.as_double();
      return true;
    default:
      return false;
  }
}

std::string hex_of(std::string_view content, bool upper) {
  std::string out;
  for (const char c : content) {
    const auto octet = static_cast<unsigned>(static_cast<unsigned char>(c));
    out += upper ? fmt::format("{:02X}", octet) : fmt::format("{:02x}", octet);
  }
  return out;
}

template <class T>
std::string in_base(T number, char clause) {
  switch (clause) {
    case 'b':
      return fmt::format("{:b}", number);
    case 'o':
      return fmt::format("{:o}", number);
    case 'x':
      return fmt::format("{:x}", number);
    case 'X':
      return fmt::format("{:X}", number);
    default:
      return fmt::format("{}", number);
  }
}

// One clause of the format, appended to `out`; a failure where the value does not suit it.
Value write_clause(char clause, int precision, const Value& value, std::string& out, EvalContext& context) {
  double number = 0;
  switch (clause) {
    case 's': {
      Value failure;
      write_text(value, out, failure, 0, context);
      return failure;
    }
    case 'd':
      if (value.is(Kind::real)) {
        out += to_text(value);
        return Value();
      }
      [[fallthrough]];
    case 'b':
    case 'o':
    case 'x':
    case 'X':
      break;
    case 'e':
    case 'f': {
      const std::string_view name = clause == 'e' ? "scientific clause" : "fixed-point clause";
      if (!as_real(value, number)) return wrong(name, "can only be used on doubles", value, context);
      if (!std::isfinite(number)) {
        out += not_finite_text(number);
      } else {
        out += clause == 'e' ? fmt::format("{:.{}e}", number, precision)
                             : fmt::format("{:.{}f}", number, precision);
      }
      return Value();
    }
    default:
      return context.invalid_argument(
          fmt::format("could not parse formatting clause: unrecognized formatting clause \"{}\"", clause));
  }
  const bool hex = clause == 'x' || clause == 'X';
  if (value.is(Kind::integer)) {
    out += in_base(value.as_int(), clause);
  } else if (value.is(Kind::unsigned_integer)) {
    out += in_base(value.as_uint(), clause);
  } else if (hex && (value.is(Kind::string) || value.is(Kind::bytes))) {
    if (!context.charge(2 * value.as_string().size())) return context.limit_reached();
    out += hex_of(value.as_string(), clause == 'X');
  } else if (clause == 'b' && value.is(Kind::boolean)) {
    out += value.as_bool() ? '1' : '0';
  } else if (hex) {
    return wrong("only", "integers, byte buffers, and strings can be formatted as hex", value, context);
  } else if (clause == 'b') {
    return wrong("only", "integers and bools can be formatted as binary", value, context);
  } else {
    return wrong(clause == 'o' ? "octal clause" : "decimal clause", "can only be used on integers", value,
                 context);
  }
  return Value();
}

Value format(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (++i < text.size() && text[i] == '%') {
      out += '%';
      continue;
    }
    int precision = 6;
    if (i < text.size() && text[i] == '.') {
      precision = 0;
      for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9' && precision <= kMostDigits; ++i) {
        precision = precision * 10 + (text[i] - '0');
      }
      if (precision > kMostDigits)
        return context.invalid_argument("format() takes a precision of at most 100 digits");
    }
    if (i >= text.size())
      return context.invalid_argument("could not parse formatting clause: unexpected end of the format");
    if (next >= args[1].size()) return context.invalid_argument(fmt::format("index {} out of range", next));
    const Value value = args[1].at(next++);
    if (value.is_failure()) return value;
    const std::size_t before = out.size();
    const Value failure = write_clause(text[i], precision, value, out, context);
    if (failure.is_failure()) return failure;
    if (!context.charge(out.size() - before)) return context.limit_reached();
  }
  return context.string(out);
}

constexpr FunctionEntry kEntries[] = {
    {"string.format(list(dyn)) -> string",
     "The text with %s (anything), %d (whole numbers), %.2f, %.2e (decimals), %x, %X, %o, %b replaced by the "
     "elements.",
     "'%s: %.1f of %d'.format(['a', 0.5, 8]) == 'a: 0.5 of 8'", format},
};

}  // namespace

std::span<const FunctionEntry> format_functions() {
  return kEntries;
}

}  // namespace ms::cel
