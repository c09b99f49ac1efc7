#include "profile/outlier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace ms::profile {
namespace {

constexpr std::size_t kLeast = 3;
constexpr std::size_t kMostOfDixon = 100;

// Dixon's ratio compares with the value behind the lowest or the second lowest, and leaves out the highest or
// the two highest, so that a second outlier does not hide the first.
double dixon_ratio(const std::vector<double>& sorted) {
  const std::size_t n = sorted.size();
  const std::size_t next = n <= 10 ? 1 : 2;
  const std::size_t left_out = n <= 7 ? 0 : n <= 13 ? 1 : 2;
  const double range = sorted[n - 1 - left_out] - sorted[0];
  return range > 0 ? (sorted[next] - sorted[0]) / range : 0;
}

// What the ratio stays below in 99.5 % of samples of one normal distribution. Up to 25 from Dixon's table;
// the others are the quantiles of a million samples each (tests/unit/profile_outlier_test.cpp draws again).
double critical_ratio(std::size_t n) {
  constexpr std::array<double, 26> kDixon = {0,     0,     0,     0.994, 0.926, 0.821, 0.740, 0.680, 0.725,
                                             0.677, 0.639, 0.713, 0.675, 0.649, 0.674, 0.647, 0.624, 0.605,
                                             0.589, 0.575, 0.562, 0.551, 0.541, 0.532, 0.524, 0.516};
  if (n < kDixon.size()) return kDixon[n];
  struct Point {
    double n;
    double ratio;
  };
  constexpr std::array<Point, 6> kPoints = {
      {{25, 0.516}, {30, 0.484}, {40, 0.439}, {50, 0.410}, {70, 0.372}, {100, 0.341}}};
  const auto size = static_cast<double>(n);
  std::size_t i = 1;
  while (i + 1 < kPoints.size() && kPoints[i].n < size) ++i;
  const Point& low = kPoints[i - 1];
  const Point& high = kPoints[i];
  return low.ratio + (high.ratio - low.ratio) * (size - low.n) / (high.n - low.n);
}

bool is_three_sigma(const std::vector<double>& sorted) {
  const auto n = static_cast<double>(sorted.size());
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / n;
  double squares = 0;
  for (const double value : sorted) squares += (value - mean) * (value - mean);
  return sorted.front() < mean - 3 * std::sqrt(squares / n);
}

}  // namespace

std::optional<LowOutlier> low_outlier(const std::vector<double>& values) {
  if (values.size() < kLeast) return std::nullopt;
  const auto lowest = std::min_element(values.begin(), values.end());
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const bool small = sorted.size() <= kMostOfDixon;
  const bool outlier = small ? dixon_ratio(sorted) > critical_ratio(sorted.size()) : is_three_sigma(sorted);
  if (!outlier) return std::nullopt;
  return LowOutlier{static_cast<std::size_t>(lowest - values.begin()), small ? "dixon" : "three sigma"};
}

}  // namespace ms::profile
