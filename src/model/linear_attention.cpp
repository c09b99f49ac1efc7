#include "model/linear_attention.hpp"

#include <algorithm>

#include "model/saturating.hpp"

namespace ms {
namespace {

constexpr std::int64_t kMostHeads = 100'000;
constexpr std::int64_t kMostWidth = 100'000'000;
constexpr std::int64_t kMostKernel = 1000;

std::int64_t keys_of(const LinearAttention& linear) {
  return saturating_mul(linear.key_heads, linear.key_head_dim);
}

std::int64_t values_of(const LinearAttention& linear) {
  return saturating_mul(linear.value_heads, linear.value_head_dim);
}

std::int64_t channels_of(const LinearAttention& linear) {
  return saturating_add(saturating_mul(2, keys_of(linear)), values_of(linear));
}

LinearAttention read_delta_net(const ConfigFields& fields, std::int64_t key_heads) {
  return {.kind = LinearKind::gated_delta_net,
          .key_heads = key_heads,
          .value_heads = fields.required_count({"linear_num_value_heads"}, kMostHeads),
          .key_head_dim = fields.required_count({"linear_key_head_dim"}, kMostWidth),
          .value_head_dim = fields.required_count({"linear_value_head_dim"}, kMostWidth),
          .conv_kernel = fields.count({"linear_conv_kernel_dim"}, kMostKernel).value_or(4)};
}

LinearAttention read_kimi(const ConfigFields& fields) {
  const std::int64_t heads = fields.required_count({"num_heads"}, kMostHeads);
  const std::int64_t head_dim = fields.required_count({"head_dim"}, kMostWidth);
  return {.kind = LinearKind::kimi_delta,
          .key_heads = heads,
          .value_heads = heads,
          .key_head_dim = head_dim,
          .value_head_dim = head_dim,
          .conv_kernel = fields.count({"short_conv_kernel_size"}, kMostKernel).value_or(4)};
}

LinearAttention read_mamba2(const ConfigFields& fields, std::int64_t heads) {
  return {.kind = LinearKind::mamba2,
          .key_heads = fields.count({"mamba_n_groups", "n_groups"}, kMostHeads).value_or(1),
          .value_heads = heads,
          .key_head_dim = fields.required_count({"mamba_d_state", "ssm_state_size"}, kMostWidth),
          .value_head_dim = fields.required_count({"mamba_d_head", "mamba_head_dim"}, kMostWidth),
          .conv_kernel = fields.count({"mamba_d_conv", "conv_kernel"}, kMostKernel).value_or(4)};
}

// What a layer of each kind has besides projections to q, k and v and the way back.
std::int64_t own_parameters(const ModelSpec& spec, const LinearAttention& linear) {
  const std::int64_t h = spec.hidden_size;
  const std::int64_t values = values_of(linear);
  const std::int64_t convolution = saturating_mul(channels_of(linear), linear.conv_kernel);
  switch (linear.kind) {
    case LinearKind::gated_delta_net: {  // z; beta and alpha of each head
      const std::int64_t gates = saturating_mul(h, saturating_add(values, 2 * linear.value_heads));
      return saturating_add(saturating_add(gates, convolution),
                            2 * linear.value_heads + linear.value_head_dim);
    }
    case LinearKind::kimi_delta: {  // forget and output gates through the width of one head; beta
      const std::int64_t gate = saturating_mul(linear.value_head_dim, saturating_add(h, values));
      const std::int64_t gates =
          saturating_add(saturating_mul(2, gate), saturating_mul(h, linear.value_heads));
      return saturating_add(saturating_add(gates, convolution), saturating_add(values, linear.value_heads));
    }
    case LinearKind::mamba2: {  // z; the time step, A and D of each head; the norm
      const std::int64_t gates = saturating_mul(h, saturating_add(values, linear.value_heads));
      return saturating_add(saturating_add(gates, convolution),
                            saturating_add(3 * linear.value_heads, values));
    }
    case LinearKind::lightning:  // the output gate and a norm
      return saturating_add(saturating_mul(h, values), values);
  }
  return 0;
}

}  // namespace

std::optional<LinearAttention> read_linear_attention(const ConfigFields& fields, const ModelSpec& spec) {
  if (const auto heads = fields.count({"linear_num_key_heads"}, kMostHeads))
    return read_delta_net(fields, *heads);
  if (const auto nested = fields.object({"linear_attn_config"})) return read_kimi(*nested);
  if (const auto heads = fields.count({"mamba_n_heads", "mamba_num_heads"}, kMostHeads)) {
    return read_mamba2(fields, *heads);
  }
  const auto types = fields.counts({"attn_type_list"});
  if (!types || std::find(types->begin(), types->end(), 0) == types->end()) return std::nullopt;
  return LinearAttention{.kind = LinearKind::lightning,
                         .key_heads = spec.heads,
                         .value_heads = spec.heads,
                         .key_head_dim = spec.head_dim,
                         .value_head_dim = spec.head_dim};
}

std::int64_t linear_attention_parameters(const ModelSpec& spec, const LinearAttention& linear) {
  const std::int64_t in = saturating_mul(spec.hidden_size, channels_of(linear));
  const std::int64_t out = saturating_mul(values_of(linear), spec.hidden_size);
  return saturating_add(saturating_add(in, out), own_parameters(spec, linear));
}

std::int64_t linear_attention_state_bytes(const LinearAttention& linear) {
  constexpr std::int64_t kStateBytes = 4;
  constexpr std::int64_t kInputBytes = 2;
  const std::int64_t state = saturating_mul(values_of(linear), linear.key_head_dim, kStateBytes);
  const std::int64_t kept = std::max<std::int64_t>(0, linear.conv_kernel - 1);
  return saturating_add(state, saturating_mul(channels_of(linear), kept, kInputBytes));
}

}  // namespace ms
