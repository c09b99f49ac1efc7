#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "plan/memory_plan.hpp"

namespace ms {

/// How vLLM is started: the settings that advice is about, and all others as they were written. What is not
/// stated is absent, never a default.
struct VllmArguments {
  std::string source;
  std::optional<std::string> model;
  std::optional<std::int64_t> tensor_parallel_size;
  std::optional<std::int64_t> pipeline_parallel_size;
  std::optional<std::int64_t> data_parallel_size;
  std::optional<std::int64_t> decode_context_parallel_size;
  std::optional<std::int64_t> max_model_len;           ///< [tokens]
  std::optional<std::int64_t> max_num_seqs;            ///< requests in a batch
  std::optional<std::int64_t> max_num_batched_tokens;  ///< of a step [tokens]
  std::optional<std::int64_t> block_size;              ///< [tokens]
  std::optional<double> gpu_memory_utilization;
  std::optional<std::string> kv_cache_dtype;
  bool enable_expert_parallel = false;
  bool enforce_eager = false;
  bool hybrid_kv_cache = true;  ///< false with --disable-hybrid-kv-cache-manager
  std::int64_t num_speculative_tokens = 0;
  std::optional<std::string> speculative_model;  ///< directory or name of the draft model
  std::string speculative_method;                ///< "eagle3", "mtp"; empty where it is not stated
  /// Every option in its order, under its own name ("max-num-seqs") and with its value; flags have none.
  std::vector<std::pair<std::string, std::optional<std::string>>> options;
  /// Variables that the text sets for the process.
  std::vector<std::pair<std::string, std::string>> environment;
};

/// Reads arguments from a command line ("vllm serve MODEL --max-num-seqs 16", or the options alone), from a
/// script that holds one, whose assignments are followed, or from a YAML file of options. Throws InputError
/// where it is none of them, and for a setting that is not a number.
VllmArguments read_vllm_arguments(std::string_view text, const std::string& source);

/// Takes over parallelism, limits, utilisation and block size; the rest of `inputs` gets vLLM-Ascend's
/// defaults.
void apply_vllm(PlanInputs& inputs, const VllmArguments& arguments);

/// The `service` tree.
Json to_facts(const VllmArguments& arguments);

/// The command line with `changes` (option without dashes, value) put in or appended, for a shell:
/// environment first, one option a line.
std::string launch_command(const VllmArguments& arguments,
                           const std::vector<std::pair<std::string, std::string>>& changes);

}  // namespace ms
