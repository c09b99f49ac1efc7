#pragma once

#include <cstdint>
#include <vector>

#include "plan/lengths.hpp"

namespace ms {

/// How a running request fills the KV cache at a moment that is picked at random: the chance that it holds i
/// blocks is at(i). Longer answers are met more often, in the proportion of their length, and each at a
/// random age.
class BlockDistribution {
 public:
  /// `ranks` share the blocks of a request (context and sequence parallel); `fixed_blocks` are held at any
  /// length (states of linear attention). Lengths are not empty.
  BlockDistribution(const RequestLengths& lengths, std::int64_t block_tokens, std::int64_t ranks = 1,
                    std::int64_t fixed_blocks = 0);

  const std::vector<double>& chances() const { return chances_; }
  double mean() const { return mean_; }  ///< [blocks]

  /// The chance that `batch` requests hold more than `blocks` at a random moment. Exact by convolution for
  /// small batches, else the normal approximation with a correction for skewness, within 0.002 for 32
  /// requests and more of lengths that people serve (tests/data/preemption/).
  double overflow_chance(std::int64_t batch, std::int64_t blocks) const;

  /// The largest batch whose chance is at most `chance`; 0 when not even one request.
  std::int64_t largest_batch(std::int64_t blocks, double chance) const;

 private:
  std::vector<double> chances_;
  double mean_ = 0;
  double variance_ = 0;
  double third_moment_ = 0;  ///< about the mean
};

}  // namespace ms
