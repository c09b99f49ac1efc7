#include "plan/activation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

constexpr std::int64_t kElementBytes = 2;

// Gate, up and their product at once; experts see a token once for each that it is sent to.
std::int64_t mlp_width(const ModelSpec& spec, const Parallelism& parallelism) {
  const std::int64_t moe_layers = spec.experts ? spec.experts->layers : 0;
  std::int64_t width = 0;
  if (moe_layers < spec.layers) width = saturating_mul(3, ceil_div(spec.intermediate_size, parallelism.tp));
  if (!spec.experts) return width;
  const Experts& experts = *spec.experts;
  const std::int64_t expert_tp = parallelism.moe_tp.value_or(parallelism.moe_ep ? 1 : parallelism.tp);
  const std::int64_t routed =
      saturating_mul(experts.per_token, ceil_div(experts.intermediate_size, expert_tp));
  const std::int64_t shared = ceil_div(experts.shared_intermediate_size, parallelism.tp);
  const std::int64_t copies = saturating_mul(2, experts.per_token, spec.hidden_size);
  return std::max(width, saturating_add(saturating_mul(3, saturating_add(routed, shared)), copies));
}

std::int64_t attention_width(const ModelSpec& spec, const Parallelism& parallelism) {
  const std::int64_t heads = ceil_div(spec.heads, parallelism.tp);
  if (spec.latent) {
    const std::int64_t of_head =
        2 * (spec.latent->qk_nope_head_dim + spec.latent->qk_rope_head_dim) + 2 * spec.latent->v_head_dim;
    return saturating_mul(heads, of_head);
  }
  return saturating_mul(2, saturating_add(heads, ceil_div(spec.kv_heads, parallelism.tp)), spec.head_dim);
}

}  // namespace

Estimate activation_peak(const ModelSpec& spec, const Parallelism& parallelism, std::int64_t tokens,
                         std::int64_t sequences) {
  const std::int64_t widest = std::max(mlp_width(spec, parallelism), attention_width(spec, parallelism));
  const std::int64_t of_token =
      saturating_mul(saturating_add(saturating_mul(3, spec.hidden_size), widest), kElementBytes);
  const std::int64_t logits = saturating_mul(sequences, spec.vocab_size, std::int64_t{4} + kElementBytes);
  Estimate estimate;
  estimate.bytes = saturating_add(saturating_mul(tokens, of_token), logits);
  estimate.how = fmt::format("{} prefill tokens x {} B, and logits of {} sequences: {}", tokens, of_token,
                             sequences, format_bytes(logits));
  return estimate;
}

Estimate vllm_profiling_peak(const ModelSpec& spec, const Parallelism& parallelism, std::int64_t tokens,
                             std::int64_t sequences) {
  constexpr double kLogitsHeld = 9.46;
  const Estimate forward = activation_peak(spec, parallelism, tokens, 0);
  const auto logits = static_cast<double>(saturating_mul(sequences, spec.vocab_size, std::int64_t{4}));
  const std::int64_t states = saturating_mul(tokens, spec.hidden_size, 2 * kElementBytes);
  const std::int64_t sampling = saturating_add(saturating_cast(logits * kLogitsHeld), states);
  if (forward.bytes >= sampling) return forward;
  return {.bytes = sampling, .how = fmt::format("sampling for {} requests in the profiling run", sequences)};
}

Estimate encoder_peak(const ModelSpec& spec) {
  if (!spec.vision) return {.bytes = 0, .how = "no vision encoder"};
  const VisionEncoder& vision = *spec.vision;
  const std::int64_t patches = saturating_mul(vision.item_tokens, vision.patches_per_token);
  const std::int64_t widest =
      std::max(saturating_mul(vision.gated_mlp ? 3 : 2, vision.intermediate_size), 4 * vision.hidden_size);
  const std::int64_t of_patch = saturating_mul(saturating_add(3 * vision.hidden_size, widest), kElementBytes);
  const std::int64_t outputs =
      saturating_mul(vision.item_tokens, vision.levels, saturating_mul(spec.hidden_size, kElementBytes));
  return {.bytes = saturating_add(saturating_mul(patches, of_patch), outputs),
          .how = fmt::format("the largest image in the vision encoder: {} patches x {} B, and {} of outputs",
                             patches, of_patch, format_bytes(outputs))};
}

Estimate rotary_table(const ModelSpec& spec) {
  const std::int64_t positions = spec.max_position_tokens.value_or(0);
  return {.bytes = saturating_mul(positions, spec.rotary_dim, kElementBytes),
          .how = fmt::format("{} positions x {} x {} B", positions, spec.rotary_dim, kElementBytes)};
}

Estimate communication_buffers(const Parallelism& parallelism, std::int64_t buffer_bytes) {
  std::int64_t domains = 0;
  for (const std::int64_t degree :
       {parallelism.tp, parallelism.dp, parallelism.pp, parallelism.cp, parallelism.moe_ep.value_or(1)}) {
    if (degree > 1) ++domains;
  }
  if (domains == 0) return {.bytes = 0, .how = "one NPU: no communication"};
  return {.bytes = saturating_mul(2, domains, buffer_bytes),
          .how = fmt::format("2 x {} x {} communication domain{}", format_bytes(buffer_bytes), domains,
                             domains == 1 ? "" : "s")};
}

}  // namespace ms
