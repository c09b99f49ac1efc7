#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/kv_cache.hpp"
#include "model/parallelism.hpp"
#include "model/spec.hpp"
#include "model/weights.hpp"
#include "plan/lengths.hpp"

namespace ms {

/// A value, where it comes from in words for a person, and whether someone said it or it is a default.
template <class T>
struct Sourced {
  T value = {};
  std::string source;
  bool assumed = true;
};

/// Whose arithmetic decides how much memory the KV cache gets.
enum class BudgetRule {
  mindie,             ///< the engine's own: total x NPU_MEMORY_FRACTION - what is in use after the warm-up
  vllm_ascend,        ///< memory that torch sees x gpu_memory_utilization - weights and the profiling run
  vllm,               ///< the same on a GPU, whose profiling run samples as well
  msserviceprofiler,  ///< that tool's: (free - weights) x 0.8 in whole GiB, to compare with its advice
};

/// "mindie", "vllm-ascend", "vllm" or "msserviceprofiler".
std::string_view name_of(BudgetRule rule);

/// A release of an inference engine. Its accounting of memory changed over time: docs/memory.md#versions.
struct EngineVersion {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  bool v0 = false;  ///< the engine before vLLM's V1

  bool before(std::int64_t other_major, std::int64_t other_minor) const {
    return major < other_major || (major == other_major && minor < other_minor);
  }
};

/// The first "N.N" in a text: "0.11.0rc1.dev209", "v0.9.1", "0.8.5 V0"; nullopt without one, and where a
/// digit is left open ("0.2x").
std::optional<EngineVersion> parse_engine_version(std::string_view text);

/// Device memory of one NPU. [bytes]
struct DeviceMemory {
  Sourced<std::int64_t> total;
  Sourced<std::int64_t> used;  ///< before the model is loaded
};

/// Tokens of a request. The mean may have a fraction.
struct Length {
  double mean = 0;
  std::int64_t max = 0;
};

struct Workload {
  Length input;
  Length output;
  RequestLengths lengths = {};  ///< that the two are taken from; without, every request is of mean length
  std::optional<std::int64_t> requests;  ///< how many there will be, where that is known
};

/// What an engine logged of its own memory, on one rank. It takes the place of what is estimated.
struct MeasuredMemory {
  std::optional<Sourced<std::int64_t>> weights_bytes;
  std::optional<Sourced<std::int64_t>> kv_bytes;
  std::optional<Sourced<std::int64_t>> kv_tokens;  ///< of one data-parallel rank
  std::optional<Sourced<std::int64_t>> blocks;
  std::optional<Sourced<std::int64_t>> peak_bytes;  ///< in use after MindIE's warm-up, weights included
};

struct PlanInputs {
  ModelSpec spec;
  Weights weights;
  Parallelism parallelism;
  DeviceMemory memory;
  Workload workload;
  BudgetRule rule = BudgetRule::mindie;
  Sourced<std::int64_t> block_size_tokens = {.value = 128, .source = "MindIE's default"};
  Sourced<std::int64_t> max_prefill_tokens = {.value = 8192, .source = "MindIE's default"};
  Sourced<std::int64_t> max_prefill_batch_size = {.value = 50, .source = "MindIE's default"};
  Sourced<double> memory_fraction = {.value = 0.8,
                                     .source = "NPU_MEMORY_FRACTION is not set; MindIE-LLM takes 0.8"};
  /// vLLM only: requests that its profiling run samples for.
  Sourced<std::int64_t> max_num_seqs = {.value = 256, .source = "vLLM's default"};
  std::optional<EngineVersion> engine_version;  ///< vLLM and vLLM-Ascend; absent: a recent one
  /// KV memory that the config fixes; without it the engine takes what is left.
  std::optional<Sourced<std::int64_t>> npu_mem_size_bytes;
  Sourced<std::int64_t> hccl_buffer_bytes = {.value = std::int64_t{200} << 20U,
                                             .source = "HCCL_BUFFSIZE is not set; HCCL takes 200 MiB"};
  MeasuredMemory measured;
  /// How the KV cache is stored; by default as default_kv_element_bytes() says.
  std::optional<Sourced<std::int64_t>> kv_element_bytes;
  std::int64_t draft_layers = 0;  ///< draft layers that run
  /// vLLM and vLLM-Ascend: false where a setting switches their cache manager for windows off.
  bool hybrid_kv_cache = true;
};

/// One line of the budget. The lines add up to the KV budget.
struct BudgetLine {
  std::string name;        ///< "weights", as in facts
  std::int64_t bytes = 0;  ///< below 0: takes memory away
  std::string how;         ///< the arithmetic or the source
  bool assumed = false;    ///< an estimate or a default, not a measured or stated value
};

/// Requests that fit at once.
struct BatchSizes {
  std::int64_t low = 0;       ///< every request at its greatest length: none is ever preempted
  std::int64_t expected = 0;  ///< requests of mean length
  std::int64_t high = 0;      ///< prompts of mean length and no output yet: more is never useful
};

/// How likely requests outgrow the cache together, each at an age of its own.
struct Preemption {
  double mean_blocks = 0;                 ///< that a running request holds
  double chance_at_expected = 0;          ///< with BatchSizes::expected requests
  std::int64_t batch_at_one_percent = 0;  ///< the largest batch that outgrows the cache 1 % of the time
};

struct MemoryPlan {
  BudgetRule rule = BudgetRule::mindie;
  std::vector<BudgetLine> lines;
  std::int64_t weights_bytes_per_rank = 0;
  std::string weights_source;
  std::int64_t kv_bytes_per_token_per_rank = 0;
  std::string kv_formula;
  std::int64_t kv_state_bytes_per_request = 0;  ///< linear attention
  std::int64_t kv_budget_bytes = 0;             ///< on one rank, never below 0
  std::int64_t kv_shortfall_bytes = 0;          ///< by how much the model alone does not fit; 0 when it does
  std::int64_t block_size_tokens = 0;
  std::int64_t block_bytes = 0;              ///< on one rank
  std::int64_t blocks = 0;                   ///< of one data-parallel rank
  std::int64_t tokens = 0;                   ///< of one data-parallel rank
  std::int64_t blocks_per_request_max = 0;   ///< of the greatest length
  std::int64_t blocks_per_request_mean = 0;  ///< of the mean length
  std::int64_t blocks_per_prompt = 0;        ///< of the mean prompt alone
  BatchSizes max_batch_size;                 ///< of one data-parallel rank
  std::optional<Preemption> preemption;      ///< absent where nothing fits
  std::vector<std::string> assumptions;
  std::vector<std::string> warnings;

  bool fits() const { return max_batch_size.low > 0; }
};

/// Plans the device memory of one rank and the batch sizes that follow. What does not fit is a plan of zeros
/// with warnings that say by how much and what would help. Throws InputError for inputs out of range and for
/// parallelism that does not divide the model. Rules: docs/memory.md#budget.
MemoryPlan make_memory_plan(const PlanInputs& inputs);

}  // namespace ms
