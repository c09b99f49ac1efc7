#pragma once

#include <cstdint>
#include <vector>

#include "model/kv_cache.hpp"
#include "plan/lengths.hpp"

namespace ms {

/// How many blocks a request holds on one rank.
struct BlocksOfRequest {
  std::int64_t block_tokens = 128;
  std::int64_t block_bytes = 0;  ///< 0: neither windows nor states
  std::int64_t ranks = 1;        ///< that share the blocks of a request (context and sequence parallel)
  KvCache cache = {};            ///< of which windows and states matter

  /// Bytes that a request of `tokens` holds, in whole blocks of the layers that keep every token and one
  /// block above the window in the others; the state included. block_bytes > 0. [bytes/rank]
  std::int64_t bytes(std::int64_t tokens) const;
  /// The same in blocks, without the state, rounded up; at least 1.
  std::int64_t blocks(std::int64_t tokens) const;
  /// Blocks that the state takes, rounded up.
  std::int64_t state_blocks() const;
};

/// How a running request fills the KV cache at a moment that is picked at random: the chance that it holds i
/// blocks is at(i). Longer answers are met more often, in the proportion of their length, and each at a
/// random age.
class BlockDistribution {
 public:
  /// Lengths are not empty.
  BlockDistribution(const RequestLengths& lengths, const BlocksOfRequest& request);

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
