#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

Value not_numbers(std::string_view function, const Value& value, EvalContext& context) {
  return context.error(ErrorCode::no_such_overload,
                       fmt::format("{}() does not take {}", function, type_name(value.kind())));
}

// The extreme of the arguments, or of the one list among them.
template <int kSign>
Value extreme(Arguments args, EvalContext& context) {
  constexpr std::string_view kName = kSign > 0 ? "math.greatest" : "math.least";
  const bool of_list = args.size() == 1 && args[0].is(Kind::list);
  const std::size_t count = of_list ? args[0].size() : args.size();
  if (count == 0) return context.invalid_argument(fmt::format("{}() takes a list with elements", kName));
  if (!context.step(count / 16)) return context.limit_reached();
  Value best;
  for (std::size_t i = 0; i < count; ++i) {
    const Value value = of_list ? args[0].at(i) : args[i];
    if (value.is_failure()) return value;
    if (!value.is_number()) return not_numbers(kName, value, context);
    if (i == 0 || compare(value, best).value_or(0) * kSign > 0) best = value;
  }
  return best;
}

// Halves are rounded away from zero.
double round_half_away(double x) {
  return std::round(x);
}
double ceiling(double x) {
  return std::ceil(x);
}
double floor_of(double x) {
  return std::floor(x);
}
double truncate(double x) {
  return std::trunc(x);
}

template <double (*kFunction)(double)>
Value of_double(Arguments args, EvalContext&) {
  return Value::real(kFunction(args[0].as_double()));
}

Value abs_int(Arguments args, EvalContext& context) {
  if (args[0].as_int() == std::numeric_limits<std::int64_t>::min()) {
    return context.overflow("math.abs(-9223372036854775808) does not fit into int (overflow)");
  }
  return Value::integer(std::abs(args[0].as_int()));
}
Value abs_uint(Arguments args, EvalContext&) {
  return args[0];
}
Value abs_double(Arguments args, EvalContext&) {
  return Value::real(std::fabs(args[0].as_double()));
}

Value sign_int(Arguments args, EvalContext&) {
  return Value::integer(args[0].as_int() > 0 ? 1 : args[0].as_int() < 0 ? -1 : 0);
}
Value sign_uint(Arguments args, EvalContext&) {
  return Value::unsigned_integer(args[0].as_uint() > 0 ? 1 : 0);
}
Value sign_double(Arguments args, EvalContext&) {
  const double x = args[0].as_double();
  return Value::real(std::isnan(x) ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0);
}

Value is_nan(Arguments args, EvalContext&) {
  return Value::boolean(std::isnan(args[0].as_double()));
}
Value is_inf(Arguments args, EvalContext&) {
  return Value::boolean(std::isinf(args[0].as_double()));
}
Value is_finite(Arguments args, EvalContext&) {
  return Value::boolean(std::isfinite(args[0].as_double()));
}

Value square_root_double(Arguments args, EvalContext&) {
  const double x = args[0].as_double();
  return Value::real(x < 0 ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(x));
}
Value square_root_int(Arguments args, EvalContext& context) {
  const Value x = Value::real(static_cast<double>(args[0].as_int()));
  return square_root_double({&x, 1}, context);
}
Value square_root_uint(Arguments args, EvalContext& context) {
  const Value x = Value::real(static_cast<double>(args[0].as_uint()));
  return square_root_double({&x, 1}, context);
}

std::uint64_t bits_of(const Value& value) {
  return value.is(Kind::integer) ? static_cast<std::uint64_t>(value.as_int()) : value.as_uint();
}

Value like(const Value& model, std::uint64_t bits) {
  return model.is(Kind::integer) ? Value::integer(static_cast<std::int64_t>(bits))
                                 : Value::unsigned_integer(bits);
}

Value bit_and(Arguments args, EvalContext&) {
  return like(args[0], bits_of(args[0]) & bits_of(args[1]));
}
Value bit_or(Arguments args, EvalContext&) {
  return like(args[0], bits_of(args[0]) | bits_of(args[1]));
}
Value bit_xor(Arguments args, EvalContext&) {
  return like(args[0], bits_of(args[0]) ^ bits_of(args[1]));
}
Value bit_not(Arguments args, EvalContext&) {
  return like(args[0], ~bits_of(args[0]));
}

// A shift by 64 and more leaves nothing; one to the right fills with zeros, for an int as well.
template <bool kLeft>
Value bit_shift(Arguments args, EvalContext& context) {
  const std::int64_t by = args[1].as_int();
  if (by < 0) return context.invalid_argument(fmt::format("negative offset of a shift: {}", by));
  const std::uint64_t bits = bits_of(args[0]);
  return like(args[0], by >= 64 ? 0 : kLeft ? bits << by : bits >> by);
}

constexpr FunctionEntry kEntries[] = {
    {"math.greatest(dyn...) -> dyn", "The greatest of some numbers or of a list of numbers.",
     "math.greatest(1, 3, 2) == 3", extreme<1>},
    {"math.least(dyn...) -> dyn", "The least of some numbers or of a list of numbers.",
     "math.least([4, 2.5, 3u]) == 2.5", extreme<-1>},
    {"math.ceil(double) -> double", "The next whole number up.", "math.ceil(1.2) == 2.0", of_double<ceiling>},
    {"math.floor(double) -> double", "The next whole number down.", "math.floor(1.8) == 1.0",
     of_double<floor_of>},
    {"math.round(double) -> double", "The nearest whole number, halves away from zero.",
     "math.round(-1.5) == -2.0", of_double<round_half_away>},
    {"math.trunc(double) -> double", "Without the fraction.", "math.trunc(-1.8) == -1.0",
     of_double<truncate>},
    {"math.abs(int) -> int", "Without the sign.", "math.abs(-3) == 3", abs_int},
    {"math.abs(uint) -> uint", "The value itself.", "math.abs(3u) == 3u", abs_uint},
    {"math.abs(double) -> double", "Without the sign.", "math.abs(-1.5) == 1.5", abs_double},
    {"math.sign(int) -> int", "-1, 0 or 1.", "math.sign(-3) == -1", sign_int},
    {"math.sign(uint) -> uint", "0 or 1.", "math.sign(3u) == 1u", sign_uint},
    {"math.sign(double) -> double", "-1.0, 0.0 or 1.0.", "math.sign(-0.5) == -1.0", sign_double},
    {"math.isNaN(double) -> bool", "Whether it is not a number.", "math.isNaN(0.0 / 0.0)", is_nan},
    {"math.isInf(double) -> bool", "Whether it is infinite.", "math.isInf(1.0 / 0.0)", is_inf},
    {"math.isFinite(double) -> bool", "Whether it is neither.", "math.isFinite(1.5)", is_finite},
    {"math.sqrt(double) -> double", "The square root, NaN of a negative number.", "math.sqrt(6.25) == 2.5",
     square_root_double},
    {"math.sqrt(int) -> double", "The square root.", "math.sqrt(49) == 7.0", square_root_int},
    {"math.sqrt(uint) -> double", "The square root.", "math.sqrt(49u) == 7.0", square_root_uint},
    {"math.bitAnd(int, int) -> int", "Bits that are in both.", "math.bitAnd(6, 3) == 2", bit_and},
    {"math.bitAnd(uint, uint) -> uint", "Bits that are in both.", "math.bitAnd(6u, 3u) == 2u", bit_and},
    {"math.bitOr(int, int) -> int", "Bits that are in either.", "math.bitOr(6, 3) == 7", bit_or},
    {"math.bitOr(uint, uint) -> uint", "Bits that are in either.", "math.bitOr(6u, 3u) == 7u", bit_or},
    {"math.bitXor(int, int) -> int", "Bits that are in one of them.", "math.bitXor(6, 3) == 5", bit_xor},
    {"math.bitXor(uint, uint) -> uint", "Bits that are in one of them.", "math.bitXor(6u, 3u) == 5u",
     bit_xor},
    {"math.bitNot(int) -> int", "All bits turned.", "math.bitNot(0) == -1", bit_not},
    {"math.bitNot(uint) -> uint", "All bits turned.", "math.bitNot(0u) == 18446744073709551615u", bit_not},
    {"math.bitShiftLeft(int, int) -> int", "Bits moved up.", "math.bitShiftLeft(1, 4) == 16",
     bit_shift<true>},
    {"math.bitShiftLeft(uint, int) -> uint", "Bits moved up.", "math.bitShiftLeft(1u, 4) == 16u",
     bit_shift<true>},
    {"math.bitShiftRight(int, int) -> int", "Bits moved down, zeros above.", "math.bitShiftRight(16, 3) == 2",
     bit_shift<false>},
    {"math.bitShiftRight(uint, int) -> uint", "Bits moved down, zeros above.",
     "math.bitShiftRight(16u, 3) == 2u", bit_shift<false>},
};

}  // namespace

std::span<const FunctionEntry> math_functions() {
  return kEntries;
}

}  // namespace ms::cel
