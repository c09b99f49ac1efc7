#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plan/memory_plan.hpp"

namespace ms {

/// What a start-up log of an engine says of memory, of its last start. Of several ranks the fullest counts:
/// the scheduler hands out what the rank with the least has. Every source is "FILE:LINE".
struct EngineLog {
  std::string source;
  std::string engine;  ///< "mindie", "vllm-ascend" or "vllm"; empty where the log does not say
  MeasuredMemory memory;
  std::optional<Sourced<std::int64_t>> total_bytes;  ///< device memory as the engine sees it

  bool empty() const {
    return !memory.weights_bytes && !memory.kv_bytes && !memory.kv_tokens && !memory.blocks;
  }
};

/// Reads vLLM's "Loading model weights took", "Available KV cache memory", "GPU KV cache size", "# NPU
/// blocks" and their older forms, vLLM-Ascend's "Available memory", and MindIE's warm-up and KV cache
/// settings. Throws InputError where the text says none of it.
EngineLog read_engine_log(std::string_view text, const std::string& source);

}  // namespace ms
