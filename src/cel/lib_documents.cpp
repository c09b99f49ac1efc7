#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"
#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

// What is at a path that leads nowhere. It equals itself alone and has no order.
constexpr OpaqueType kMissingType = {
    .name = "missing",
    .equal = [](const Opaque&, const Opaque&) { return true; },
    .compare = nullptr,
    .to_text = [](const Opaque&) { return std::string("not set"); },
};
constexpr Opaque kMissing{&kMissingType};

Value missing_value() {
  return Value::opaque(kMissing);
}

bool is_missing(const Value& value) {
  return value.is(Kind::opaque) && value.as_opaque().type == &kMissingType;
}

Value missing(Arguments, EvalContext&) {
  return missing_value();
}

std::string_view without_dot(std::string_view path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  return path;
}

std::optional<Value> find_at(const Value& value, std::string_view path, EvalContext& context);

// "[2].name": the element, and what is left of the path within it.
std::optional<Value> find_element(const Value& list, std::string_view path, EvalContext& context) {
  const auto close = path.find(']');
  if (close == path.npos) return std::nullopt;
  const auto index = parse_int(path.substr(1, close - 1));
  if (!index || *index < 0 || static_cast<std::size_t>(*index) >= list.size()) return std::nullopt;
  return find_at(list.at(static_cast<std::size_t>(*index)), without_dot(path.substr(close + 1)), context);
}

// A key may hold dots itself ("huawei.com/Ascend910"), so every beginning of the path may be one.
std::optional<Value> find_at(const Value& value, std::string_view path, EvalContext& context) {
  if (path.empty() || value.is_marker()) return value;
  if (value.is(Kind::list)) {
    return path.starts_with('[') ? find_element(value, path, context) : std::nullopt;
  }
  if (!value.is(Kind::map)) return std::nullopt;
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end < path.size() && path[end] != '.' && path[end] != '[') continue;
    if (!context.step()) return std::nullopt;
    const auto member = value.find(path.substr(0, end));
    if (!member) continue;
    if (auto found = find_at(*member, without_dot(path.substr(end)), context)) return found;
  }
  return std::nullopt;
}

Value at(Arguments args, EvalContext& context) {
  const auto found = find_at(args[0], args[1].as_string(), context);
  if (context.exhausted()) return context.limit_reached();
  return found.value_or(missing_value());
}

bool is_true_enough(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return false;
    case Kind::boolean:
      return value.as_bool();
    case Kind::integer:
      return value.as_int() != 0;
    case Kind::unsigned_integer:
      return value.as_uint() != 0;
    case Kind::real:
      return value.as_double() != 0;
    case Kind::string:
      return !value.as_string().empty();
    case Kind::list:
    case Kind::map:
      return value.size() != 0;
    default:
      return !is_missing(value);
  }
}

Value truth(Arguments args, EvalContext&) {
  return Value::boolean(is_true_enough(args[0]));
}

Value either(Arguments args, EvalContext&) {
  return is_true_enough(args[0]) ? args[0] : args[1];
}

Value none(Arguments args, EvalContext&) {
  return Value::boolean(args[0].is(Kind::null) || is_missing(args[0]));
}

Value no_order(const Value& a, const Value& b, EvalContext& context) {
  return context.error(ErrorCode::no_such_overload,
                       fmt::format("{} and {} have no order", type_name(a.kind()), type_name(b.kind())));
}

Value less(Arguments args, EvalContext& context) {
  if (is_missing(args[0]) || is_missing(args[1])) return Value::boolean(false);
  const auto order = compare(args[0], args[1]);
  return order ? Value::boolean(*order < 0) : no_order(args[0], args[1], context);
}

Value less_equal(Arguments args, EvalContext& context) {
  if (is_missing(args[0]) || is_missing(args[1])) return Value::boolean(false);
  const auto order = compare(args[0], args[1]);
  return order ? Value::boolean(*order <= 0) : no_order(args[0], args[1], context);
}

Value contains(Arguments args, EvalContext& context) {
  const Value& whole = args[0];
  if (whole.is(Kind::string) && args[1].is(Kind::string)) {
    if (!context.step(1 + whole.size() / 16)) return context.limit_reached();
    return Value::boolean(whole.as_string().find(args[1].as_string()) != std::string_view::npos);
  }
  if (whole.is(Kind::map)) return Value::boolean(whole.find(args[1]).has_value());
  if (!whole.is(Kind::list)) {
    return context.error(
        ErrorCode::no_such_overload,
        fmt::format("{} cannot be in {}", type_name(args[1].kind()), type_name(whole.kind())));
  }
  if (!context.step(1 + whole.size())) return context.limit_reached();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const Value same = equal(whole.at(i), args[1]);
    if (!same.is_false()) return same;
  }
  return Value::boolean(false);
}

Value items(Arguments args, EvalContext& context) {
  const Value& value = args[0];
  if (value.is(Kind::list)) return value;
  if (value.is(Kind::null) || is_missing(value)) return context.list({});
  if (!value.is(Kind::map)) {
    return context.error(ErrorCode::no_such_overload,
                         fmt::format("{} has no elements to go through", type_name(value.kind())));
  }
  std::vector<Value> keys;
  Value key;
  Value member;
  for (MapCursor cursor(value); cursor.next(key, member);) keys.push_back(key);
  return context.list(keys);
}

Value last(Arguments args, EvalContext&) {
  for (std::size_t i = args[0].size(); i-- > 0;) {
    const Value value = args[0].at(i);
    if (!is_missing(value)) return value;
  }
  return missing_value();
}

constexpr std::int64_t kLongestRange = 100'000;

Value range(Arguments args, EvalContext& context) {
  const std::int64_t first = args[0].as_int();
  const std::int64_t end = args[1].as_int();
  const std::int64_t step = args[2].as_int();
  if (step == 0) return context.invalid_argument("a range with a step of 0");
  std::vector<Value> numbers;
  for (std::int64_t n = first; step > 0 ? n < end : n > end;) {
    if (static_cast<std::int64_t>(numbers.size()) >= kLongestRange) {
      return context.invalid_argument(fmt::format("a range of more than {} numbers", kLongestRange));
    }
    numbers.push_back(Value::integer(n));
    if (__builtin_add_overflow(n, step, &n)) break;
  }
  if (!context.step(1 + numbers.size())) return context.limit_reached();
  return context.list(numbers);
}

Value in_range(Arguments args, EvalContext&) {
  if (!args[0].is_number()) return Value::boolean(false);
  const auto from = compare(args[0], args[1]);
  const auto to = compare(args[0], args[2]);
  const bool is_whole = !args[0].is(Kind::real) || std::floor(args[0].as_double()) == args[0].as_double();
  return Value::boolean(is_whole && from && *from >= 0 && to && *to < 0);
}

double as_real(const Value& number) {
  if (number.is(Kind::integer)) return static_cast<double>(number.as_int());
  if (number.is(Kind::unsigned_integer)) return static_cast<double>(number.as_uint());
  return number.as_double();
}

// How an operator computes with two ints (false: the result does not fit) and with two doubles.
struct Arithmetic {
  std::string_view sign;
  bool (*of_ints)(std::int64_t a, std::int64_t b, std::int64_t& result);
  double (*of_reals)(double a, double b);
};

std::int64_t floored_quotient(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

bool int_power(std::int64_t base, std::int64_t exponent, std::int64_t& result) {
  result = 1;
  for (std::int64_t i = 0; i < exponent; ++i) {
    if (__builtin_mul_overflow(result, base, &result)) return false;
    if (result == 0 || result == 1) return true;
    if (result == -1) {
      result = (exponent - i) % 2 == 1 ? -1 : 1;
      return true;
    }
  }
  return true;
}

constexpr Arithmetic kAdd = {
    "+", [](std::int64_t a, std::int64_t b, std::int64_t& r) { return !__builtin_add_overflow(a, b, &r); },
    [](double a, double b) { return a + b; }};
constexpr Arithmetic kSubtract = {
    "-", [](std::int64_t a, std::int64_t b, std::int64_t& r) { return !__builtin_sub_overflow(a, b, &r); },
    [](double a, double b) { return a - b; }};
constexpr Arithmetic kMultiply = {
    "*", [](std::int64_t a, std::int64_t b, std::int64_t& r) { return !__builtin_mul_overflow(a, b, &r); },
    [](double a, double b) { return a * b; }};
constexpr Arithmetic kFloorDivide = {"//",
                                     [](std::int64_t a, std::int64_t b, std::int64_t& r) {
                                       if (b == -1) return !__builtin_sub_overflow(std::int64_t{0}, a, &r);
                                       r = floored_quotient(a, b);
                                       return true;
                                     },
                                     [](double a, double b) { return std::floor(a / b); }};
constexpr Arithmetic kModulo = {"%",
                                [](std::int64_t a, std::int64_t b, std::int64_t& r) {
                                  r = b == -1 ? 0 : a - floored_quotient(a, b) * b;
                                  return true;
                                },
                                [](double a, double b) { return a - std::floor(a / b) * b; }};
constexpr Arithmetic kPower = {"**", int_power, [](double a, double b) { return std::pow(a, b); }};

Value no_arithmetic(const Value& a, const Value& b, std::string_view sign, EvalContext& context) {
  return context.error(
      ErrorCode::no_such_overload,
      fmt::format("cannot compute {} {} {}", type_name(a.kind()), sign, type_name(b.kind())));
}

Value compute(const Value& a, const Value& b, const Arithmetic& arithmetic, EvalContext& context) {
  if (!a.is_number() || !b.is_number()) return no_arithmetic(a, b, arithmetic.sign, context);
  if (!a.is(Kind::integer) || !b.is(Kind::integer)) {
    return Value::real(arithmetic.of_reals(as_real(a), as_real(b)));
  }
  std::int64_t result = 0;
  if (!arithmetic.of_ints(a.as_int(), b.as_int(), result)) {
    return context.overflow(fmt::format("{} {} {} does not fit", a.as_int(), arithmetic.sign, b.as_int()));
  }
  return Value::integer(result);
}

bool is_zero(const Value& number) {
  return number.is_number() && as_real(number) == 0;
}

Value division_by_zero(EvalContext& context) {
  return context.error(ErrorCode::divide_by_zero, "division by zero");
}

Value sum_of(const Value& a, const Value& b, EvalContext& context) {
  if (a.is(Kind::string) && b.is(Kind::string)) {
    return context.string(fmt::format("{}{}", a.as_string(), b.as_string()));
  }
  if (!a.is(Kind::list) || !b.is(Kind::list)) return compute(a, b, kAdd, context);
  std::vector<Value> both;
  for (std::size_t i = 0; i < a.size(); ++i) both.push_back(a.at(i));
  for (std::size_t i = 0; i < b.size(); ++i) both.push_back(b.at(i));
  return context.list(both);
}

Value add(Arguments args, EvalContext& context) {
  return sum_of(args[0], args[1], context);
}
Value subtract(Arguments args, EvalContext& context) {
  return compute(args[0], args[1], kSubtract, context);
}
Value multiply(Arguments args, EvalContext& context) {
  return compute(args[0], args[1], kMultiply, context);
}
Value divide(Arguments args, EvalContext& context) {
  if (!args[0].is_number() || !args[1].is_number()) return no_arithmetic(args[0], args[1], "/", context);
  if (is_zero(args[1])) return division_by_zero(context);
  return Value::real(as_real(args[0]) / as_real(args[1]));
}
Value floor_divide(Arguments args, EvalContext& context) {
  return is_zero(args[1]) ? division_by_zero(context) : compute(args[0], args[1], kFloorDivide, context);
}
Value modulo(Arguments args, EvalContext& context) {
  return is_zero(args[1]) ? division_by_zero(context) : compute(args[0], args[1], kModulo, context);
}
Value power(Arguments args, EvalContext& context) {
  // A negative power of a whole number is a fraction.
  if (args[1].is(Kind::integer) && args[1].as_int() < 0 && args[0].is_number()) {
    return is_zero(args[0]) ? division_by_zero(context)
                            : Value::real(std::pow(as_real(args[0]), as_real(args[1])));
  }
  return compute(args[0], args[1], kPower, context);
}

Value sum(Arguments args, EvalContext& context) {
  Value total = Value::integer(0);
  if (!context.step(1 + args[0].size())) return context.limit_reached();
  for (std::size_t i = 0; i < args[0].size() && !total.is_failure(); ++i) {
    total = compute(total, args[0].at(i), kAdd, context);
  }
  return total;
}

constexpr FunctionEntry kEntries[] = {
    {"dyn.at(string) -> dyn",
     "What is at a path of a document, missing() where the path leads nowhere. A key with dots in it is "
     "found as "
     "well.",
     "{'a': [{'b.c/d': 1}]}.at('a[0].b.c/d') == 1 && {'a': 1}.at('x.y') == missing()", at},
    {"missing() -> dyn", "What is at a path that leads nowhere: it equals nothing but itself.",
     "missing() == missing() && missing() != 0", missing},
    {"loose.truth(dyn) -> bool", "False for false, 0, null, missing(), and what is empty.",
     "!loose.truth('') && loose.truth('0')", truth},
    {"loose.either(dyn, dyn) -> dyn", "The first where loose.truth() holds of it, otherwise the second.",
     "loose.either(missing(), 1) == 1", either},
    {"loose.none(dyn) -> bool", "Whether it is null or missing().", "loose.none(null)", none},
    {"loose.less(dyn, dyn) -> bool", "a < b, and false where one of them is missing().",
     "loose.less(1, 2.5) && !loose.less(missing(), 1)", less},
    {"loose.less_equal(dyn, dyn) -> bool", "a <= b, and false where one of them is missing().",
     "loose.less_equal(2, 2) && !loose.less_equal(1, missing())", less_equal},
    {"loose.contains(dyn, dyn) -> bool", "Whether a list has an element, a map a key, or a text a part.",
     "loose.contains('abc', 'b') && loose.contains([1, 2], 2)", contains},
    {"loose.items(dyn) -> list(dyn)",
     "The elements of a list or the keys of a map; none of null or missing().",
     "loose.items(missing()) == []", items},
    {"loose.last(list(dyn)) -> dyn", "The last element that is not missing().",
     "loose.last([1, 2, missing()]) == 2", last},
    {"loose.range(int, int, int) -> list(int)",
     "The numbers from the first to before the second, by the third.", "loose.range(1, 6, 2) == [1, 3, 5]",
     range},
    {"loose.in_range(dyn, int, int) -> bool",
     "Whether it is a whole number from the first to before the second.",
     "loose.in_range(1024, 1024, 65536) && !loose.in_range('1024', 1024, 65536)", in_range},
    {"loose.add(dyn, dyn) -> dyn", "Sum of numbers of any type; concatenation of texts and of lists.",
     "loose.add(1, 0.5) == 1.5 && loose.add('a', 'b') == 'ab'", add},
    {"loose.subtract(dyn, dyn) -> dyn", "Difference of numbers of any type.", "loose.subtract(1, 0.5) == 0.5",
     subtract},
    {"loose.multiply(dyn, dyn) -> dyn", "Product of numbers of any type.",
     "loose.multiply(0.05, 2000) == 100", multiply},
    {"loose.divide(dyn, dyn) -> double", "Quotient as a double, also of two ints.",
     "loose.divide(7, 2) == 3.5", divide},
    {"loose.floor_divide(dyn, dyn) -> dyn", "Quotient without its fraction, rounded down.",
     "loose.floor_divide(-7, 2) == -4", floor_divide},
    {"loose.modulo(dyn, dyn) -> dyn", "Remainder with the sign of the divisor.", "loose.modulo(-7, 2) == 1",
     modulo},
    {"loose.power(dyn, dyn) -> dyn", "Power of numbers.", "loose.power(2, 9) == 512", power},
    {"loose.sum(list(dyn)) -> dyn", "Sum of numbers of any type, 0 of an empty list.",
     "loose.sum([1, 0.5]) == 1.5", sum},
};

}  // namespace

std::span<const FunctionEntry> document_functions() {
  return kEntries;
}

}  // namespace ms::cel
