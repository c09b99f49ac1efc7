#include "plan/preemption.hpp"

#include <algorithm>
#include <cmath>

#include "model/saturating.hpp"

namespace ms {
namespace {

// Requests of more blocks than this count as of this many: far beyond any cache.
constexpr std::int64_t kMostBlocks = 1 << 20;
// Multiplications that a convolution may cost before the approximation takes its place.
constexpr double kMostWork = 1e5;

double exact_overflow(const std::vector<double>& one, std::int64_t batch, std::int64_t blocks) {
  const auto capacity = static_cast<std::size_t>(blocks);
  std::vector<double> sum = {1};
  for (std::int64_t request = 0; request < batch; ++request) {
    // What has outgrown the cache stays so: only sums within it are carried on.
    std::vector<double> next(std::min(sum.size() + one.size() - 1, capacity + 1), 0.0);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      for (std::size_t j = 0; j < one.size() && i + j < next.size(); ++j) next[i + j] += sum[i] * one[j];
    }
    sum = std::move(next);
  }
  double within = 0;
  for (const double chance : sum) within += chance;
  return std::clamp(1 - within, 0.0, 1.0);
}

}  // namespace

std::int64_t BlocksOfRequest::bytes(std::int64_t tokens) const {
  const std::int64_t on_rank = std::max<std::int64_t>(1, ceil_div(ceil_div(tokens, block_tokens), ranks));
  return kv_bytes_of_request(cache, saturating_mul(on_rank, block_tokens), block_tokens);
}

std::int64_t BlocksOfRequest::blocks(std::int64_t tokens) const {
  if (block_bytes == 0 || cache.window_bytes_per_token == 0)
    return std::max<std::int64_t>(1, ceil_div(ceil_div(tokens, block_tokens), ranks));
  return std::max<std::int64_t>(1, ceil_div(bytes(tokens) - cache.state_bytes_per_request, block_bytes));
}

std::int64_t BlocksOfRequest::state_blocks() const {
  return block_bytes == 0 ? 0 : ceil_div(cache.state_bytes_per_request, block_bytes);
}

BlockDistribution::BlockDistribution(const RequestLengths& lengths, const BlocksOfRequest& of_request) {
  const std::int64_t block_tokens = of_request.block_tokens;
  const std::int64_t state_blocks = of_request.state_blocks();
  double total = 0;
  for (const RequestLength& request : lengths.requests) {
    // The cache holds the prompt and what was generated: 1 to `output` tokens, each for one step.
    std::int64_t generated = 0;
    while (generated < request.output) {
      const std::int64_t held = request.input + generated + 1;
      const std::int64_t block = ceil_div(held, block_tokens);
      const std::int64_t until = std::min(request.output, block * block_tokens - request.input);
      const std::int64_t on_rank =
          std::min(kMostBlocks, saturating_add(of_request.blocks(held), state_blocks));
      const auto index = static_cast<std::size_t>(on_rank);
      if (chances_.size() <= index) chances_.resize(index + 1, 0.0);
      const double steps = request.weight * static_cast<double>(until - generated);
      chances_[index] += steps;
      total += steps;
      if (on_rank == kMostBlocks) break;
      generated = until;
    }
  }
  if (total <= 0) chances_ = {1};
  for (double& chance : chances_) chance /= total > 0 ? total : 1;
  for (std::size_t i = 0; i < chances_.size(); ++i) mean_ += chances_[i] * static_cast<double>(i);
  for (std::size_t i = 0; i < chances_.size(); ++i) {
    const double apart = static_cast<double>(i) - mean_;
    variance_ += chances_[i] * apart * apart;
    third_moment_ += chances_[i] * apart * apart * apart;
  }
}

double BlockDistribution::overflow_chance(std::int64_t batch, std::int64_t blocks) const {
  if (batch <= 0) return 0;
  if (blocks <= 0) return 1;
  const auto requests = static_cast<double>(batch);
  const auto capacity = static_cast<double>(blocks);
  const auto widest = static_cast<double>(chances_.size() - 1);
  if (requests * widest <= capacity) return 0;
  const double sum = requests * mean_;
  const double size = std::min(requests * widest, capacity) + 1;
  if (requests * size * (widest + 1) <= kMostWork) return exact_overflow(chances_, batch, blocks);
  const double deviation = std::sqrt(requests * variance_);
  if (deviation < 1e-9) return sum > capacity ? 1 : 0;
  const double z = (capacity + 0.5 - sum) / deviation;  // block counts are whole: half a block up
  const double skewness = third_moment_ / (variance_ * std::sqrt(variance_) * std::sqrt(requests));
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0));
  const double above = std::erfc(z / std::sqrt(2.0)) / 2;
  return std::clamp(above + skewness / 6 * (z * z - 1) * density, 0.0, 1.0);
}

std::int64_t BlockDistribution::largest_batch(std::int64_t blocks, double chance) const {
  if (blocks <= 0 || mean_ <= 0) return 0;
  std::int64_t low = 0;
  auto high = static_cast<std::int64_t>(std::min(1e12, static_cast<double>(blocks) / mean_ * 1.5 + 2));
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (overflow_chance(middle, blocks) <= chance) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace ms
