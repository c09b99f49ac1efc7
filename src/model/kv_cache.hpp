#pragma once

#include <cstdint>
#include <string>

#include "model/parallelism.hpp"
#include "model/spec.hpp"

namespace ms {

struct KvOptions {
  std::int64_t element_bytes = 2;  ///< of one cached element: 2 for BF16 and FP16, 1 for INT8 and FP8
  std::int64_t draft_layers = 0;   ///< draft layers that run, each with a cache like a layer of the model
};

/// What one rank keeps of a request. A rank of the fullest pipeline stage, if there are several.
struct KvCache {
  std::int64_t bytes_per_token = 0;          ///< layers that keep every token [bytes/token/rank]
  std::int64_t window_bytes_per_token = 0;   ///< layers that keep the last window_tokens [bytes/token/rank]
  std::int64_t window_tokens = 0;            ///< the largest window, 0 without such layers
  std::int64_t state_bytes_per_request = 0;  ///< linear attention, of any length [bytes/request/rank]
  std::string formula;                       ///< the arithmetic, for a person
};

/// Throws InputError where the KV heads cannot be spread over tp ranks.
///
/// full and sliding layers: 2 x layers x heads on the rank x head_dim x element bytes; a rank holds
/// kv_heads / tp heads, or one when there are more ranks than heads. MLA: layers x (kv_lora_rank +
/// qk_rope_head_dim + indexer) x element bytes on every rank alike. Source: MindIE-LLM npu_mem_tool,
/// Ascend/msmodeling input_generator.
KvCache kv_cache(const ModelSpec& spec, const Parallelism& parallelism, const KvOptions& options = {});

/// KV-cache bytes that a request of `tokens` keeps on one rank, with a cache manager for windows: layers with
/// a window keep min(tokens, window + `chunk_tokens`), the others all; and the state. The chunk is what an
/// engine holds beside the window: the tokens of a prefill step while they are computed, later a block.
/// Source: vLLM's SlidingWindowSpec. [bytes/request/rank]
std::int64_t kv_bytes_of_request(const KvCache& cache, std::int64_t tokens, std::int64_t chunk_tokens);

/// The same cache where no layer drops a token: an engine without a cache manager for windows.
KvCache keeping_whole_windows(KvCache cache);

/// Whether layers keep one vector for several tokens: DeepSeek V4.
bool has_compressed_layers(const ModelSpec& spec);

/// KV-cache bytes that one token costs on one rank [bytes/token/rank], windows counted as if they kept every
/// token: the size of a block, also in engines whose requests give blocks back.
std::int64_t kv_bytes_per_token_per_rank(const ModelSpec& spec, const Parallelism& parallelism,
                                         const KvOptions& options = {});

/// 1 where the model's own quantisation keeps the cache in 8 bits, else 2: engines cache in the type in which
/// they compute, also for weights stored wider or narrower.
std::int64_t default_kv_element_bytes(const ModelSpec& spec);

}  // namespace ms
