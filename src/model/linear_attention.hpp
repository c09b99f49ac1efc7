#pragma once

#include <optional>

#include "model/config_fields.hpp"
#include "model/spec.hpp"

namespace ms {

/// The sizes of linear attention or Mamba layers, by the names that Qwen3-Next, Kimi-Linear, MiniMax and the
/// Mamba hybrids give them; nullopt when the config states none.
std::optional<LinearAttention> read_linear_attention(const ConfigFields& fields, const ModelSpec& spec);

/// Parameters of one such layer, without its MLP.
std::int64_t linear_attention_parameters(const ModelSpec& spec, const LinearAttention& linear);

/// What one request keeps in one such layer, of any length: the recurrent state in FP32, and the last inputs
/// of the convolution in 16 bits. [bytes, all ranks together]
std::int64_t linear_attention_state_bytes(const LinearAttention& linear);

}  // namespace ms
