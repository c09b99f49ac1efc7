#include "probe/outliers.hpp"

#include <algorithm>
#include <map>

namespace ms {

std::optional<double> lower_median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<std::optional<double>> percent_over_median(std::span<const Measurement> measurements) {
  std::map<std::string, std::vector<double>> groups;
  for (const Measurement& measurement : measurements)
    groups[measurement.group].push_back(measurement.seconds);
  std::map<std::string, double> medians;
  for (const auto& [group, seconds] : groups) {
    if (seconds.size() > 1) medians[group] = *lower_median(seconds);
  }
  std::vector<std::optional<double>> percents;
  for (const Measurement& measurement : measurements) {
    const auto median = medians.find(measurement.group);
    if (median == medians.end() || median->second <= 0) {
      percents.emplace_back(std::nullopt);
    } else {
      percents.emplace_back((measurement.seconds / median->second - 1) * 100);
    }
  }
  return percents;
}

}  // namespace ms
