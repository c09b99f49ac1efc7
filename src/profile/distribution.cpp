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

double middle_of(std::int64_t bin) {
  const auto bits = static_cast<std::uint64_t>(bin);
  return (std::bit_cast<double>(bits << kShift) + std::bit_cast<double>((bits + 1) << kShift)) / 2;
}

double interpolated(const std::vector<double>& sorted, double q) {
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (rank - static_cast<double>(below));
}

}  // namespace

std::optional<Spread> spread_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += value;
  return Spread{.count = values.size(),
                .mean = sum / static_cast<double>(values.size()),
                .p50 = interpolated(values, 0.50),
                .p90 = interpolated(values, 0.90),
                .p95 = interpolated(values, 0.95),
                .p99 = interpolated(values, 0.99),
                .min = values.front(),
                .max = values.back()};
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

double Distribution::quantile(double q) const {
  if (count_ == 0) return 0;
  const double rank = q * static_cast<double>(count_ - 1);
  std::uint64_t seen = zeros_;
  if (rank < static_cast<double>(seen)) return 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    seen += bins_[i];
    if (rank < static_cast<double>(seen)) {
      return std::clamp(middle_of(first_bin_ + static_cast<std::int64_t>(i)), min_, max_);
    }
  }
  return max_;
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

}  // namespace ms::profile
