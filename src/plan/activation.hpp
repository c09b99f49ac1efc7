#pragma once

#include <cstdint>
#include <string>

#include "model/parallelism.hpp"
#include "model/spec.hpp"

namespace ms {

struct Estimate {
  std::int64_t bytes = 0;
  std::string how;
};

/// Peak of the activations in a prefill of `tokens` on one rank: tokens x 2 B x (3 x hidden + the wider of
/// 3 x MLP width and the attention's q, k, v and output), and the logits of `sequences` in FP32 and 16 bits.
/// The first term agrees with start-up logs of vLLM for Llama-3.1-8B at 20 000 and 29 000 tokens (2.07 and
/// 2.99 GiB) within 1 %; for experts and MLA it is untested.
Estimate activation_peak(const ModelSpec& spec, const Parallelism& parallelism, std::int64_t tokens,
                         std::int64_t sequences);

/// Peak of vLLM's profiling run on a GPU: the forward pass of `tokens`, or sampling for `sequences`, which
/// holds their FP32 logits 9.5 times over beside two hidden states of all tokens. The factor agrees with five
/// start-up logs of vLLM 0.11 on 80 GB devices (4.76 to 5.64 GiB) within 1 %.
Estimate vllm_profiling_peak(const ModelSpec& spec, const Parallelism& parallelism, std::int64_t tokens,
                             std::int64_t sequences);

/// Peak of the profiling run with the largest image in a vision encoder; 0 bytes without one. Patches x 2 B x
/// (3 x hidden + the wider of MLP and attention), and the outputs of all levels.
Estimate encoder_peak(const ModelSpec& spec);

/// The table of sines and cosines that vLLM keeps on every rank, and counts among the weights when it logs
/// them: positions x rotated elements of a head x 2 B. 0 bytes where the positions are not known. Eleven
/// start-up logs show it, from 2 MiB (Llama-3-8B) to 32 MiB (Llama-3.1).
Estimate rotary_table(const ModelSpec& spec);

/// Communication buffers on one rank: two of HCCL_BUFFSIZE for each communication domain that the parallelism
/// makes; none on a single NPU. Source: HCCL documentation of HCCL_BUFFSIZE.
Estimate communication_buffers(const Parallelism& parallelism, std::int64_t buffer_bytes);

}  // namespace ms
