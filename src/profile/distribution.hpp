#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace ms::profile {

/// How values lie: what reports give of every quantity.
struct Spread {
  std::uint64_t count = 0;
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double min = 0;
  double max = 0;
};

/// Of the values that are no NaN, with percentiles interpolated between neighbours as numpy does by default.
/// nullopt where there are none.
std::optional<Spread> spread_of(std::vector<double> values);

/// Of whole numbers by how often each occurs.
std::optional<Spread> spread_of_counts(const std::map<std::int64_t, std::uint64_t>& counts);

/// Values by the million in a few kilobytes: count, sum and extremes are exact, percentiles within 0.05 %.
///
/// A power of two is 1024 bins of equal width, which the leading bits of a double number.
class Distribution {
 public:
  /// Counts a value; NaN is left out, and what is not positive counts as 0.
  void add(double value, std::uint64_t times = 1);

  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  /// The value below which the share `q` (0 to 1) of the values lies; 0 without values.
  double quantile(double q) const;
  /// nullopt without values.
  std::optional<Spread> spread() const;

 private:
  double value_at(std::uint64_t rank) const;

  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  double sum_ = 0;
  double min_ = 0;
  double max_ = 0;
  std::int64_t first_bin_ = 0;
  std::vector<std::uint64_t> bins_;
};

/// Values one by one, of which the spread is asked: kept up to 100,000, then counted in a Distribution.
class Values {
 public:
  void add(double value);
  /// As spread_of() gives it, of more values as a Distribution does.
  std::optional<Spread> spread() &&;

 private:
  std::vector<double> kept_;
  Distribution counted_;
};

}  // namespace ms::profile
