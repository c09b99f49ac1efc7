#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

namespace ms {

/// Arithmetic of non-negative sizes that stays at the largest value instead of overflowing: an absurd input
/// must give an absurdly large size, never a small or negative one.
inline constexpr std::int64_t kSaturated = std::numeric_limits<std::int64_t>::max();

inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kSaturated : sum;
}

inline std::int64_t saturating_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kSaturated : product;
}

template <std::same_as<std::int64_t>... Rest>
std::int64_t saturating_mul(std::int64_t a, std::int64_t b, std::int64_t c, Rest... rest) {
  return saturating_mul(saturating_mul(a, b), c, rest...);
}

/// The whole part of a non-negative double; what does not fit saturates, NaN and negatives are 0.
inline std::int64_t saturating_cast(double value) {
  if (!(value > 0)) return 0;
  return value >= 0x1p63 ? kSaturated : static_cast<std::int64_t>(value);
}

/// dividend / divisor, rounded up. dividend >= 0, divisor > 0.
inline std::int64_t ceil_div(std::int64_t dividend, std::int64_t divisor) {
  return dividend / divisor + (dividend % divisor != 0 ? 1 : 0);
}

}  // namespace ms
