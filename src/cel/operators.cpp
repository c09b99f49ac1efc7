#include "cel/operators.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "cel/time.hpp"

namespace ms::cel {
namespace {

constexpr std::string_view symbol(Op op) {
  switch (op) {
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::remainder:
      return "%";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    default:
      return "?";
  }
}

Value mismatch(Op op, Value a, Value b, EvalContext& context) {
  return context.error(ErrorCode::no_such_overload, fmt::format("'{}' does not take {} and {}", symbol(op),
                                                                type_name(a.kind()), type_name(b.kind())));
}

template <class T>
Value wrap(T value) {
  if constexpr (std::is_signed_v<T>)
    return Value::integer(value);
  else
    return Value::unsigned_integer(value);
}

template <class T>
Value integer_arithmetic(Op op, T a, T b, EvalContext& context) {
  T result = 0;
  bool overflow = false;
  switch (op) {
    case Op::add:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Op::subtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Op::multiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) {
        return context.error(ErrorCode::divide_by_zero,
                             op == Op::divide ? "division by zero" : "modulus by zero");
      }
      // The one quotient that does not fit is the smallest int by -1.
      overflow = std::is_signed_v<T> && a == std::numeric_limits<T>::min() && b == static_cast<T>(-1);
      if (!overflow) result = op == Op::divide ? static_cast<T>(a / b) : static_cast<T>(a % b);
  }
  if (overflow) {
    constexpr std::string_view kType = std::is_signed_v<T> ? "int" : "uint";
    return context.overflow(fmt::format("{} {} {} does not fit into {}", a, symbol(op), b, kType));
  }
  return wrap(result);
}

Value real_arithmetic(Op op, Value a, Value b, EvalContext& context) {
  const double x = a.as_double();
  const double y = b.as_double();
  switch (op) {
    case Op::add:
      return Value::real(x + y);
    case Op::subtract:
      return Value::real(x - y);
    case Op::multiply:
      return Value::real(x * y);
    case Op::divide: {
      if (y != 0) return Value::real(x / y);
      // IEEE arithmetic, spelled out: a division by zero is undefined to the compiler's checks.
      if (x == 0 || std::isnan(x) || std::isnan(y))
        return Value::real(std::numeric_limits<double>::quiet_NaN());
      const double infinity = std::numeric_limits<double>::infinity();
      return Value::real(std::signbit(x) == std::signbit(y) ? infinity : -infinity);
    }
    default:
      return mismatch(op, a, b, context);
  }
}

Value concatenate_text(Value a, Value b, EvalContext& context) {
  const std::string_view left = a.as_string();
  const std::string_view right = b.as_string();
  const std::size_t size = left.size() + right.size();
  if (!context.charge(size)) return context.limit_reached();
  char* const text = context.arena.text(size);
  if (!left.empty()) std::memcpy(text, left.data(), left.size());
  if (!right.empty()) std::memcpy(text + left.size(), right.data(), right.size());
  return a.is(Kind::string) ? Value::string({text, size}) : Value::bytes({text, size});
}

Value concatenate_lists(Value a, Value b, EvalContext& context) {
  const std::size_t left = a.size();
  const std::size_t right = b.size();
  if (right == 0) return a;
  if (left == 0) return b;
  if (!context.charge((left + right) * sizeof(Value))) return context.limit_reached();
  const std::span<Value> elements = context.arena.array<Value>(left + right);
  for (std::size_t i = 0; i < left; ++i) elements[i] = a.at(i);
  for (std::size_t i = 0; i < right; ++i) elements[left + i] = b.at(i);
  return Value::list(elements);
}

Value time_or_error(std::optional<Timestamp> time, EvalContext& context) {
  if (!time) return context.overflow("the timestamp is out of range (years 1 to 9999)");
  return Value::timestamp(*time);
}

Value duration_or_error(std::optional<std::int64_t> duration, EvalContext& context) {
  if (!duration) return context.overflow("the duration is out of range (292 years)");
  return Value::duration(*duration);
}

Value time_arithmetic(Op op, Value a, Value b, EvalContext& context) {
  const bool adds = op == Op::add;
  if (!adds && op != Op::subtract) return mismatch(op, a, b, context);
  if (a.is(Kind::timestamp) && b.is(Kind::timestamp) && !adds) {
    return duration_or_error(difference(a.as_timestamp(), b.as_timestamp()), context);
  }
  if (a.is(Kind::duration) && b.is(Kind::duration)) {
    std::int64_t result = 0;
    const bool overflow = adds ? __builtin_add_overflow(a.as_duration(), b.as_duration(), &result)
                               : __builtin_sub_overflow(a.as_duration(), b.as_duration(), &result);
    return duration_or_error(overflow ? std::nullopt : std::optional(result), context);
  }
  if (a.is(Kind::timestamp) && b.is(Kind::duration)) {
    std::int64_t by = b.as_duration();
    if (!adds && __builtin_sub_overflow(std::int64_t{0}, by, &by)) return duration_or_error({}, context);
    return time_or_error(add(a.as_timestamp(), by), context);
  }
  if (a.is(Kind::duration) && b.is(Kind::timestamp) && adds) {
    return time_or_error(add(b.as_timestamp(), a.as_duration()), context);
  }
  return mismatch(op, a, b, context);
}

// The position that an index stands for; nullopt for a double with a fraction and for what is no number.
std::optional<std::int64_t> as_position(const Value& key) {
  switch (key.kind()) {
    case Kind::integer:
      return key.as_int();
    case Kind::unsigned_integer:
      return static_cast<std::int64_t>(std::min<std::uint64_t>(key.as_uint(), INT64_MAX));
    case Kind::real: {
      const double number = key.as_double();
      if (!(number > -0x1p62 && number < 0x1p62) || std::trunc(number) != number) return std::nullopt;
      return static_cast<std::int64_t>(number);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

Value arithmetic(Op op, Value a, Value b, EvalContext& context) {
  if (a.is(Kind::integer) && b.is(Kind::integer))
    return integer_arithmetic(op, a.as_int(), b.as_int(), context);
  if (a.is(Kind::timestamp) || a.is(Kind::duration)) return time_arithmetic(op, a, b, context);
  if (a.kind() != b.kind()) return mismatch(op, a, b, context);
  switch (a.kind()) {
    case Kind::unsigned_integer:
      return integer_arithmetic(op, a.as_uint(), b.as_uint(), context);
    case Kind::real:
      return real_arithmetic(op, a, b, context);
    case Kind::string:
    case Kind::bytes:
      return op == Op::add ? concatenate_text(a, b, context) : mismatch(op, a, b, context);
    case Kind::list:
      return op == Op::add ? concatenate_lists(a, b, context) : mismatch(op, a, b, context);
    default:
      return mismatch(op, a, b, context);
  }
}

Value negate(Value a, EvalContext& context) {
  if (a.is(Kind::integer)) {
    if (a.as_int() == std::numeric_limits<std::int64_t>::min()) {
      return context.overflow(fmt::format("-({}) does not fit into int", a.as_int()));
    }
    return Value::integer(-a.as_int());
  }
  if (a.is(Kind::real)) return Value::real(-a.as_double());
  return context.error(ErrorCode::no_such_overload, fmt::format("'-' does not take {}", type_name(a.kind())));
}

Value order(Op op, Value a, Value b, EvalContext& context) {
  const std::optional<int> result = compare(a, b);
  if (!result) {
    // NaN has an order to no number, and that is false; other types cannot be compared at all.
    return a.is_number() && b.is_number() ? Value::boolean(false) : mismatch(op, a, b, context);
  }
  switch (op) {
    case Op::less:
      return Value::boolean(*result < 0);
    case Op::less_equal:
      return Value::boolean(*result <= 0);
    case Op::greater:
      return Value::boolean(*result > 0);
    default:
      return Value::boolean(*result >= 0);
  }
}

Value membership(Value needle, Value range, EvalContext& context) {
  if (range.is(Kind::map)) return Value::boolean(range.find(needle).has_value());
  if (!range.is(Kind::list)) {
    return context.error(ErrorCode::no_such_overload,
                         fmt::format("'in' does not look into {}", type_name(range.kind())));
  }
  const std::size_t size = range.size();
  if (!context.step(size / 16)) return context.limit_reached();
  Value open = Value::boolean(false);
  for (std::size_t i = 0; i < size; ++i) {
    const Value same = equal(needle, range.at(i));
    if (same.is_true()) return same;
    if (same.is_failure() && !open.is_failure()) open = same;
  }
  return open;
}

Value combine_failures(Value a, Value b, EvalContext& context) {
  if (a.is(Kind::unknown) && b.is(Kind::unknown)) return merge_unknowns(a, b, context.arena);
  if (a.is(Kind::unknown)) return a;
  if (b.is(Kind::unknown)) return b;
  return a.is(Kind::error) ? a : b;
}

Value element(Value container, Value key, EvalContext& context) {
  if (container.is(Kind::map)) {
    if (const std::optional<Value> found = container.find(key)) return *found;
    return context.error(
        ErrorCode::no_such_key,
        fmt::format("no such key {}",
                    key.is(Kind::string) ? fmt::format("'{}'", key.as_string()) : to_text(key)));
  }
  if (container.is(Kind::list)) {
    const std::optional<std::int64_t> position = as_position(key);
    if (!position) {
      return context.invalid_argument(
          fmt::format("a list is indexed with a whole number, not with {}", to_text(key)));
    }
    if (*position < 0 || static_cast<std::uint64_t>(*position) >= container.size()) {
      return context.error(ErrorCode::no_such_key,
                           fmt::format("index {} is outside the list of {}", *position, container.size()));
    }
    return container.at(static_cast<std::size_t>(*position));
  }
  return context.error(ErrorCode::no_such_overload,
                       fmt::format("{} has no elements", type_name(container.kind())));
}

Value member(Value container, std::string_view name, EvalContext& context) {
  if (!container.is(Kind::map)) {
    return context.error(ErrorCode::no_such_field,
                         fmt::format("{} has no field '{}'", type_name(container.kind()), name));
  }
  if (const std::optional<Value> found = container.find(name)) return *found;
  return context.error(ErrorCode::no_such_key, fmt::format("no such key '{}'", name));
}

}  // namespace ms::cel
