#include "profile/distribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ms::profile {
namespace {

constexpr int kFractionBits = 10;
constexpr int kShift = 52 - kFractionBits;
// Within 1e-12 .. 1e15 a value keeps its bin; what lies beyond goes to the ends, so that bins are bounded.
constexpr double kSmallest = 1e-12;
constexpr double kLargest = 1e15;

std::int64_t bin_of(double value) {
  return static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(std::clamp(value, kSmallest, kLargest)) >>
                                   kShift);
}

// Of more values, percentiles are read off a distribution: putting millions in order takes longer than
// reading them did.
constexpr std::size_t kExactValues = 100'000;

double middle_of(std::int64_t bin) {
  const auto bits = static_cast<std::uint64_t>(bin);
  return (std::bit_cast<double>(bits << kShift) + std::bit_cast<double>((bits + 1) << kShift)) / 2;
}

// The value below which the share `q` of `count` values lies, between the values of the two nearest ranks.
template <class F>
double between(double q, std::uint64_t count, F value_at) {
  const double rank = q * static_cast<double>(count - 1);
  const auto below = static_cast<std::uint64_t>(rank);
  const double low = value_at(below);
  const double high = value_at(std::min(below + 1, count - 1));
  return low + (high - low) * (rank - static_cast<double>(below));
}

// Ranks of a list that is put in order only where it is looked at; they must be asked for in ascending order.
class RankedValues {
 public:
  explicit RankedValues(std::vector<double>& values) : values_(values) {}

  double at(std::uint64_t rank) {
    const auto offset = [](std::uint64_t index) { return static_cast<std::ptrdiff_t>(index); };
    if (rank >= ordered_) {
      std::nth_element(values_.begin() + offset(ordered_), values_.begin() + offset(rank), values_.end());
      ordered_ = rank + 1;
    }
    return values_[rank];
  }

 private:
  std::vector<double>& values_;
  std::uint64_t ordered_ = 0;  // behind the last rank that was asked for
};

}  // namespace

std::optional<Spread> spread_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  Spread spread;
  spread.count = values.size();
  spread.mean = sum / static_cast<double>(values.size());
  RankedValues ranked(values);
  const auto value_at = [&](std::uint64_t rank) { return ranked.at(rank); };
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  spread.min = *least;
  spread.max = *most;
  spread.p50 = between(0.50, spread.count, value_at);
  spread.p90 = between(0.90, spread.count, value_at);
  spread.p95 = between(0.95, spread.count, value_at);
  spread.p99 = between(0.99, spread.count, value_at);
  return spread;
}

std::optional<Spread> spread_of_counts(const std::map<std::int64_t, std::uint64_t>& counts) {
  std::uint64_t total = 0;
  double sum = 0;
  for (const auto& [value, count] : counts) {
    total += count;
    sum += static_cast<double>(value) * static_cast<double>(count);
  }
  if (total == 0) return std::nullopt;
  const auto value_at = [&](std::uint64_t rank) {
    std::uint64_t seen = 0;
    for (const auto& [value, count] : counts) {
      seen += count;
      if (rank < seen) return static_cast<double>(value);
    }
    return static_cast<double>(counts.rbegin()->first);
  };
  const auto quantile = [&](double q) { return between(q, total, value_at); };
  return Spread{.count = total,
                .mean = sum / static_cast<double>(total),
                .p50 = quantile(0.50),
                .p90 = quantile(0.90),
                .p95 = quantile(0.95),
                .p99 = quantile(0.99),
                .min = quantile(0),
                .max = quantile(1)};
}

void Distribution::add(double value, std::uint64_t times) {
  if (std::isnan(value) || times == 0) return;
  value = std::max(value, 0.0);
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  count_ += times;
  sum_ += value * static_cast<double>(times);
  if (value == 0) {
    zeros_ += times;
    return;
  }
  const std::int64_t bin = bin_of(value);
  if (bins_.empty()) first_bin_ = bin;
  if (bin < first_bin_) {
    bins_.insert(bins_.begin(), static_cast<std::size_t>(first_bin_ - bin), 0);
    first_bin_ = bin;
  }
  const auto index = static_cast<std::size_t>(bin - first_bin_);
  if (index >= bins_.size()) bins_.resize(index + 1);
  bins_[index] += times;
}

// The value of a rank, counted from 0: the middle of its bin; the first and the last are exact.
double Distribution::value_at(std::uint64_t rank) const {
  if (rank + 1 >= count_) return max_;
  std::uint64_t seen = zeros_;
  if (rank < seen) return 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    seen += bins_[i];
    if (rank < seen) return std::clamp(middle_of(first_bin_ + static_cast<std::int64_t>(i)), min_, max_);
  }
  return max_;
}

double Distribution::quantile(double q) const {
  if (count_ == 0) return 0;
  return between(q, count_, [this](std::uint64_t rank) { return value_at(rank); });
}

std::optional<Spread> Distribution::spread() const {
  if (count_ == 0) return std::nullopt;
  return Spread{.count = count_,
                .mean = mean(),
                .p50 = quantile(0.50),
                .p90 = quantile(0.90),
                .p95 = quantile(0.95),
                .p99 = quantile(0.99),
                .min = min_,
                .max = max_};
}

void Values::add(double value) {
  if (counted_.count() > 0) {
    counted_.add(value);
    return;
  }
  if (std::isnan(value)) return;
  kept_.push_back(value);
  if (kept_.size() <= kExactValues) return;
  for (const double kept : kept_) counted_.add(kept);
  kept_ = {};
}

std::optional<Spread> Values::spread() && {
  return counted_.count() > 0 ? counted_.spread() : spread_of(std::move(kept_));
}

}  // namespace ms::profile
