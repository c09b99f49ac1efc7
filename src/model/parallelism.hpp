#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/spec.hpp"

namespace ms {

/// How a model is spread over NPUs. The ranks of one pipeline stage are tp x dp x cp.
struct Parallelism {
  std::int64_t tp = 1;  ///< tensor parallel
  std::int64_t dp = 1;  ///< data parallel: copies of attention with a KV cache of their own
  std::int64_t pp = 1;  ///< pipeline stages
  std::int64_t cp = 1;  ///< context parallel: a request's tokens are spread over these ranks
  std::int64_t sp = 1;  ///< MindIE's sequence parallel within a TP group: divides the blocks of a request
  std::optional<std::int64_t> moe_tp = std::nullopt;  ///< tensor parallel inside an expert
  std::optional<std::int64_t> moe_ep = std::nullopt;  ///< expert parallel

  /// NPUs in use.
  std::int64_t world_size() const { return tp * dp * pp * cp; }
  /// Ranks that share the routed experts of a stage: moe_tp x moe_ep where both are stated, else all of it.
  std::int64_t expert_ranks() const { return moe_tp && moe_ep ? *moe_tp * *moe_ep : tp * dp * cp; }
};

/// Throws InputError that starts with `source` when a degree is out of range, or does not divide what it
/// splits, with the degrees that do.
void require_valid(const Parallelism& parallelism, const ModelSpec& spec, const std::string& source);

/// KV heads that one rank holds: heads / tp where tp divides them, 1 where there are more ranks than heads
/// and every head is kept by tp / heads ranks. Throws InputError with the degrees that work.
std::int64_t kv_heads_per_rank(std::int64_t kv_heads, std::int64_t tp, const std::string& source);

}  // namespace ms
