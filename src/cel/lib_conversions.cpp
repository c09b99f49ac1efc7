#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "cel/library.hpp"
#include "cel/time.hpp"
#include "cel/utf8.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

Value identity(Arguments args, EvalContext&) {
  return args[0];
}

Value not_a(std::string_view type, std::string_view text, EvalContext& context) {
  return context.invalid_argument(fmt::format("'{}' is not {}", text.substr(0, 80), type));
}

template <class T>
Value whole_from_text(std::string_view text, std::string_view type, EvalContext& context) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  T number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec == std::errc::result_out_of_range) {
    return context.overflow(fmt::format("{} does not fit into {}", text.substr(0, 80), type));
  }
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size() || digits.starts_with("+")) {
    return not_a(type, text, context);
  }
  if constexpr (std::is_signed_v<T>)
    return Value::integer(number);
  else
    return Value::unsigned_integer(number);
}

Value int_from_uint(Arguments args, EvalContext& context) {
  if (args[0].as_uint() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return context.overflow(fmt::format("{} does not fit into int (range error)", args[0].as_uint()));
  }
  return Value::integer(static_cast<std::int64_t>(args[0].as_uint()));
}

Value int_from_double(Arguments args, EvalContext& context) {
  const double number = args[0].as_double();
  // Both bounds are excluded, since neither 2^63 - 1 nor its rounded form survives the way back.
  if (!(number > -0x1p63 && number < 0x1p63)) {
    return context.overflow(fmt::format("{} does not fit into int (range error)", to_text(args[0])));
  }
  return Value::integer(static_cast<std::int64_t>(number));
}

Value int_from_string(Arguments args, EvalContext& context) {
  return whole_from_text<std::int64_t>(args[0].as_string(), "int", context);
}

Value int_from_timestamp(Arguments args, EvalContext&) {
  return Value::integer(args[0].as_timestamp().seconds);
}

Value uint_from_int(Arguments args, EvalContext& context) {
  if (args[0].as_int() < 0)
    return context.overflow(fmt::format("{} does not fit into uint (range error)", args[0].as_int()));
  return Value::unsigned_integer(static_cast<std::uint64_t>(args[0].as_int()));
}

Value uint_from_double(Arguments args, EvalContext& context) {
  const double number = args[0].as_double();
  if (!(number > -1 && number < 0x1p64)) {
    return context.overflow(fmt::format("{} does not fit into uint (range error)", to_text(args[0])));
  }
  return Value::unsigned_integer(static_cast<std::uint64_t>(number));
}

Value uint_from_string(Arguments args, EvalContext& context) {
  return whole_from_text<std::uint64_t>(args[0].as_string(), "uint", context);
}

Value double_from_int(Arguments args, EvalContext&) {
  return Value::real(static_cast<double>(args[0].as_int()));
}
Value double_from_uint(Arguments args, EvalContext&) {
  return Value::real(static_cast<double>(args[0].as_uint()));
}

Value double_from_string(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  std::string_view number_text = text;
  if (number_text.starts_with('+')) number_text.remove_prefix(1);
  double number = 0;
  const auto result = std::from_chars(number_text.data(), number_text.data() + number_text.size(), number);
  if (result.ec == std::errc::result_out_of_range) {
    return context.overflow(fmt::format("{} does not fit into double", text.substr(0, 80)));
  }
  if (result.ec != std::errc() || result.ptr != number_text.data() + number_text.size() ||
      number_text.starts_with('+')) {
    return not_a("a double", text, context);
  }
  return Value::real(number);
}

Value bool_from_string(Arguments args, EvalContext& context) {
  const std::string_view text = args[0].as_string();
  for (const std::string_view yes : {"1", "t", "true", "TRUE", "True"}) {
    if (text == yes) return Value::boolean(true);
  }
  for (const std::string_view no : {"0", "f", "false", "FALSE", "False"}) {
    if (text == no) return Value::boolean(false);
  }
  return not_a("a bool", text, context);
}

Value string_from_any(Arguments args, EvalContext& context) {
  return context.string(to_text(args[0]));
}

Value string_from_bytes(Arguments args, EvalContext& context) {
  if (!is_valid_utf8(args[0].as_bytes())) return context.invalid_argument("the bytes are not valid UTF-8");
  return Value::string(args[0].as_bytes());
}

Value bytes_from_string(Arguments args, EvalContext&) {
  return Value::bytes(args[0].as_string());
}

Value timestamp_from_string(Arguments args, EvalContext& context) {
  const std::optional<Timestamp> time = parse_timestamp(args[0].as_string());
  if (!time)
    return not_a("a timestamp (RFC 3339, in the range of the years 1 to 9999)", args[0].as_string(), context);
  return Value::timestamp(*time);
}

Value timestamp_from_int(Arguments args, EvalContext& context) {
  const std::optional<Timestamp> time = make_timestamp(args[0].as_int(), 0);
  if (!time) return context.overflow("the timestamp is out of range (years 1 to 9999)");
  return Value::timestamp(*time);
}

Value duration_from_string(Arguments args, EvalContext& context) {
  const std::optional<std::int64_t> duration = parse_duration(args[0].as_string());
  if (!duration)
    return not_a("a duration (\"1h30m\", \"1.5s\", in the range of 292 years)", args[0].as_string(), context);
  return Value::duration(*duration);
}

Value type_of(Arguments args, EvalContext&) {
  if (args[0].is(Kind::opaque)) return Value::type(args[0].as_opaque().type->name);
  return Value::type(type_name(args[0].kind()));
}

constexpr FunctionEntry kEntries[] = {
    {"bool(bool) -> bool", "The value itself.", "bool(true)", identity},
    {"bool(string) -> bool", "From 1, t, true, TRUE, True, 0, f, false, FALSE or False.", "bool('true')",
     bool_from_string},
    {"int(int) -> int", "The value itself.", "int(1) == 1", identity},
    {"int(uint) -> int", "An error where it does not fit.", "int(3u) == 3", int_from_uint},
    {"int(double) -> int", "Without the fraction; an error where it does not fit.", "int(1.9) == 1",
     int_from_double},
    {"int(string) -> int", "A decimal number; an error where the text is not one.", "int('42') == 42",
     int_from_string},
    {"int(timestamp) -> int", "Seconds since 1970-01-01 UTC.", "int(timestamp('1970-01-01T00:01:00Z')) == 60",
     int_from_timestamp},
    {"uint(uint) -> uint", "The value itself.", "uint(1u) == 1u", identity},
    {"uint(int) -> uint", "An error where it is negative.", "uint(3) == 3u", uint_from_int},
    {"uint(double) -> uint", "Without the fraction; an error where it does not fit.", "uint(1.9) == 1u",
     uint_from_double},
    {"uint(string) -> uint", "A decimal number; an error where the text is not one.", "uint('42') == 42u",
     uint_from_string},
    {"double(double) -> double", "The value itself.", "double(1.5) == 1.5", identity},
    {"double(int) -> double", "The nearest double.", "double(2) == 2.0", double_from_int},
    {"double(uint) -> double", "The nearest double.", "double(2u) == 2.0", double_from_uint},
    {"double(string) -> double", "A decimal number, NaN or Infinity; an error where the text is not one.",
     "double('0.9') == 0.9", double_from_string},
    {"string(string) -> string", "The value itself.", "string('a') == 'a'", identity},
    {"string(bool) -> string", "true or false.", "string(true) == 'true'", string_from_any},
    {"string(int) -> string", "Decimal.", "string(-7) == '-7'", string_from_any},
    {"string(uint) -> string", "Decimal.", "string(7u) == '7'", string_from_any},
    {"string(double) -> string", "The shortest text that reads as the same double.", "string(0.1) == '0.1'",
     string_from_any},
    {"string(bytes) -> string", "An error where they are not valid UTF-8.", "string(b'a') == 'a'",
     string_from_bytes},
    {"string(timestamp) -> string", "RFC 3339 in UTC.", "string(timestamp(0)) == '1970-01-01T00:00:00Z'",
     string_from_any},
    {"string(duration) -> string", "In seconds.", "string(duration('1m')) == '60s'", string_from_any},
    {"bytes(bytes) -> bytes", "The value itself.", "bytes(b'a') == b'a'", identity},
    {"bytes(string) -> bytes", "As UTF-8.", "bytes('a') == b'a'", bytes_from_string},
    {"timestamp(timestamp) -> timestamp", "The value itself.", "timestamp(timestamp(0)) == timestamp(0)",
     identity},
    {"timestamp(string) -> timestamp", "From RFC 3339.", "timestamp('2026-01-01T00:00:00Z') > timestamp(0)",
     timestamp_from_string},
    {"timestamp(int) -> timestamp", "From seconds since 1970-01-01 UTC.", "int(timestamp(60)) == 60",
     timestamp_from_int},
    {"duration(duration) -> duration", "The value itself.", "duration(duration('1s')) == duration('1s')",
     identity},
    {"duration(string) -> duration", "From numbers with the units h, m, s, ms, us, ns.",
     "duration('1h30m') == duration('90m')", duration_from_string},
    {"type(A) -> type(A)", "The type of a value.", "type(1) == int", type_of},
    {"dyn(A) -> dyn", "The value itself, for the checker of any type.", "dyn(1) == 1.0", identity},
};

}  // namespace

std::span<const FunctionEntry> conversion_functions() {
  return kEntries;
}

}  // namespace ms::cel
