#include <cmath>

#include "cel/value.hpp"

namespace ms::cel {
namespace {

// Documents nest by hand, not by the hundred; deeper ones are taken as unequal rather than exhaust the stack.
constexpr int kDeepest = 200;

template <class T>
int order(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

std::optional<int> compare_int_double(std::int64_t a, double b) {
  if (std::isnan(b)) return std::nullopt;
  if (b >= 0x1p63) return -1;
  if (b < -0x1p63) return 1;
  // Within the range of int64 the whole part converts without loss, and the fraction decides a tie.
  const auto whole = static_cast<std::int64_t>(b);
  if (a != whole) return order(a, whole);
  return order(0.0, b - static_cast<double>(whole));
}

std::optional<int> compare_uint_double(std::uint64_t a, double b) {
  if (std::isnan(b)) return std::nullopt;
  if (b >= 0x1p64) return -1;
  if (b < 0) return 1;
  const auto whole = static_cast<std::uint64_t>(b);
  if (a != whole) return order(a, whole);
  return order(0.0, b - static_cast<double>(whole));
}

int compare_int_uint(std::int64_t a, std::uint64_t b) {
  return a < 0 ? -1 : order(static_cast<std::uint64_t>(a), b);
}

std::optional<int> reversed(std::optional<int> result) {
  if (result) *result = -*result;
  return result;
}

std::optional<int> compare_numbers(Value a, Value b) {
  switch (a.kind()) {
    case Kind::integer:
      if (b.is(Kind::integer)) return order(a.as_int(), b.as_int());
      if (b.is(Kind::unsigned_integer)) return compare_int_uint(a.as_int(), b.as_uint());
      return compare_int_double(a.as_int(), b.as_double());
    case Kind::unsigned_integer:
      if (b.is(Kind::integer)) return -compare_int_uint(b.as_int(), a.as_uint());
      if (b.is(Kind::unsigned_integer)) return order(a.as_uint(), b.as_uint());
      return compare_uint_double(a.as_uint(), b.as_double());
    default:
      if (b.is(Kind::integer)) return reversed(compare_int_double(b.as_int(), a.as_double()));
      if (b.is(Kind::unsigned_integer)) return reversed(compare_uint_double(b.as_uint(), a.as_double()));
      if (std::isnan(a.as_double()) || std::isnan(b.as_double())) return std::nullopt;
      return order(a.as_double(), b.as_double());
  }
}

Value equal_within(Value a, Value b, int depth);

Value equal_lists(Value a, Value b, int depth) {
  if (a.size() != b.size()) return Value::boolean(false);
  Value open = Value::boolean(true);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Value same = equal_within(a.at(i), b.at(i), depth + 1);
    if (same.is_false()) return same;
    if (same.is_failure() && !open.is_failure()) open = same;
  }
  return open;
}

Value equal_maps(Value a, Value b, int depth) {
  if (a.size() != b.size()) return Value::boolean(false);
  Value open = Value::boolean(true);
  Value key;
  Value value;
  for (MapCursor cursor(a); cursor.next(key, value);) {
    const std::optional<Value> other = b.find(key);
    if (!other) return Value::boolean(false);
    const Value same = equal_within(value, *other, depth + 1);
    if (same.is_false()) return same;
    if (same.is_failure() && !open.is_failure()) open = same;
  }
  return open;
}

Value equal_within(Value a, Value b, int depth) {
  if (a.is_failure()) return a;
  if (b.is_failure()) return b;
  if (a.is_number() && b.is_number()) {
    if (a.is(Kind::integer) && b.is(Kind::integer)) return Value::boolean(a.as_int() == b.as_int());
    return Value::boolean(compare_numbers(a, b) == 0);
  }
  if (a.kind() != b.kind() || depth > kDeepest) return Value::boolean(false);
  switch (a.kind()) {
    case Kind::null:
      return Value::boolean(true);
    case Kind::boolean:
      return Value::boolean(a.as_bool() == b.as_bool());
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
      return Value::boolean(a.as_string() == b.as_string());
    case Kind::timestamp: {
      const Timestamp left = a.as_timestamp();
      const Timestamp right = b.as_timestamp();
      return Value::boolean(left.seconds == right.seconds && left.nanos == right.nanos);
    }
    case Kind::duration:
      return Value::boolean(a.as_duration() == b.as_duration());
    case Kind::list:
      return equal_lists(a, b, depth);
    case Kind::map:
      return equal_maps(a, b, depth);
    case Kind::optional: {
      const Value* const left = a.as_optional();
      const Value* const right = b.as_optional();
      if (left == nullptr || right == nullptr) return Value::boolean(left == right);
      return equal_within(*left, *right, depth + 1);
    }
    case Kind::opaque: {
      const Opaque& left = a.as_opaque();
      return Value::boolean(left.type == b.as_opaque().type && left.type->equal(left, b.as_opaque()));
    }
    default:
      return Value::boolean(false);
  }
}

}  // namespace

Value equal(Value a, Value b) {
  return equal_within(a, b, 0);
}

std::optional<int> compare(Value a, Value b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::boolean:
      return order(a.as_bool(), b.as_bool());
    case Kind::string:
    case Kind::bytes:
      return a.as_string().compare(b.as_string());
    case Kind::duration:
      return order(a.as_duration(), b.as_duration());
    case Kind::timestamp: {
      const Timestamp left = a.as_timestamp();
      const Timestamp right = b.as_timestamp();
      if (left.seconds != right.seconds) return order(left.seconds, right.seconds);
      return order(left.nanos, right.nanos);
    }
    case Kind::opaque: {
      const Opaque& left = a.as_opaque();
      const Opaque& right = b.as_opaque();
      if (left.type != right.type || left.type->compare == nullptr) return std::nullopt;
      return left.type->compare(left, right);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace ms::cel
