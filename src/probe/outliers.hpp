#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ms {

/// What one of several like things took.
struct Measurement {
  double seconds = 0;  ///< or any other measure of which less is better
  std::string group;   ///< only things of the same group are compared
};

/// The middle of the values; of an even number the lower of the two in the middle. It moves only when more
/// than half of the values do, so that outliers do not hide themselves, and of two values it is the better
/// one. nullopt for none.
std::optional<double> lower_median(std::vector<double> values);

/// How much longer each took than the lower median of its group. [percent, 0 is the median itself] nullopt
/// where the group has no other member.
std::vector<std::optional<double>> percent_over_median(std::span<const Measurement> measurements);

}  // namespace ms
