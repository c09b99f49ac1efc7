#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace ms::profile {

/// The value that is too low to be one of the others.
struct LowOutlier {
  std::size_t index = 0;
  std::string_view test;  ///< "dixon", "three sigma"
};

/// Up to 100 values by Dixon's ratio of gaps at 99.5 %, more by three standard deviations below the mean.
/// nullopt where the lowest value belongs to the others, and for fewer than three.
/// Source: W. J. Dixon, Biometrics 9 (1953) 74; msprof-analyze, slow rank.
std::optional<LowOutlier> low_outlier(const std::vector<double>& values);

}  // namespace ms::profile
