#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ms::profile {

/// Decimal microseconds as profilers write them, in whole nanoseconds: "1736405443863674.400\t" is
/// 1736405443863674400. A double keeps only 0.25 us of such a time, too coarse for gaps between kernels.
///
/// White space at both ends is dropped; the fourth decimal rounds. "1.69512E+15" is read as well. nullopt
/// when it is no finite number or lies outside +-146 years: sums and differences of two times fit. [ns]
std::optional<std::int64_t> parse_microseconds(std::string_view text);

/// The largest time that is taken. [ns]
inline constexpr std::int64_t kMostNanoseconds = std::int64_t{1} << 62;

}  // namespace ms::profile
