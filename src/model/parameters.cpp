#include "model/parameters.hpp"

#include <algorithm>

#include "model/linear_attention.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

struct AttentionParameters {
  std::int64_t split = 0;
  std::int64_t replicated = 0;
};

// Sizes are positive and bounded, but a product of four of them may pass 64 bits.
std::int64_t product(std::int64_t a, std::int64_t b) {
  return saturating_mul(a, b);
}
std::int64_t product(std::int64_t a, std::int64_t b, std::int64_t c) {
  return saturating_mul(a, b, c);
}
std::int64_t sum(std::initializer_list<std::int64_t> terms) {
  std::int64_t total = 0;
  for (const std::int64_t term : terms) total = saturating_add(total, term);
  return total;
}

AttentionParameters latent_attention(const ModelSpec& spec, const LatentAttention& latent) {
  const std::int64_t h = spec.hidden_size;
  const std::int64_t q_width = product(spec.heads, latent.qk_nope_head_dim + latent.qk_rope_head_dim);
  const std::int64_t kv_width = product(spec.heads, latent.qk_nope_head_dim + latent.v_head_dim);
  AttentionParameters parameters;
  parameters.split = sum({product(latent.kv_lora_rank, kv_width), product(spec.heads, latent.v_head_dim, h),
                          product(latent.q_lora_rank.value_or(h), q_width)});
  parameters.replicated =
      sum({product(h, latent.kv_lora_rank + latent.qk_rope_head_dim), latent.kv_lora_rank});
  if (latent.q_lora_rank) {
    parameters.replicated =
        sum({parameters.replicated, product(h, *latent.q_lora_rank), *latent.q_lora_rank});
  }
  return parameters;
}

// One layer's indexer of sparse attention: queries from the query's latent, keys and head weights from the
// input.
std::int64_t indexer(const ModelSpec& spec, const LatentAttention& latent) {
  return sum(
      {product(latent.q_lora_rank.value_or(spec.hidden_size), latent.index_heads, latent.index_head_dim),
       product(spec.hidden_size, latent.index_head_dim), product(spec.hidden_size, latent.index_heads),
       2 * latent.index_head_dim});
}

// Q and output through narrow projections; one K that is V as well.
AttentionParameters low_rank_attention(const ModelSpec& spec, const LowRankHeads& ranks,
                                       std::int64_t kv_heads, std::int64_t head_dim) {
  const std::int64_t q_width = product(spec.heads, head_dim);
  const std::int64_t out = sum(
      {product(q_width, ranks.o_lora_rank), product(ranks.o_groups, ranks.o_lora_rank, spec.hidden_size)});
  return {.split = sum({product(ranks.q_lora_rank, q_width), out}),
          .replicated = product(spec.hidden_size, sum({ranks.q_lora_rank, product(kv_heads, head_dim)}))};
}

std::int64_t head_attention(const ModelSpec& spec, std::int64_t kv_heads, std::int64_t head_dim) {
  const std::int64_t q_width = product(spec.heads, head_dim);
  const std::int64_t kv_width = product(2, kv_heads, head_dim);
  const std::int64_t q = product(spec.hidden_size, q_width, spec.output_gate ? 2 : 1);
  const std::int64_t bias = spec.qkv_bias ? sum({q_width, kv_width}) : 0;
  const std::int64_t norm = spec.qk_norm ? product(2, head_dim) : 0;
  return sum({q, product(spec.hidden_size, kv_width), product(q_width, spec.hidden_size), bias, norm});
}

AttentionParameters layer_attention(const ModelSpec& spec, const AttentionLayers& group) {
  switch (group.kind) {
    case LayerKind::mla:
      if (spec.latent) return latent_attention(spec, *spec.latent);
      return {};
    case LayerKind::none:
      return {};
    case LayerKind::linear:
      if (spec.linear) return {.split = linear_attention_parameters(spec, *spec.linear)};
      // Without its sizes, a layer of this kind is about as large as one of full attention.
      return {.split = head_attention(spec, spec.kv_heads, spec.head_dim)};
    default:
      if (spec.low_rank) return low_rank_attention(spec, *spec.low_rank, group.kv_heads, group.head_dim);
      return {.split = head_attention(spec, group.kv_heads, group.head_dim)};
  }
}

std::int64_t mlp(const ModelSpec& spec, std::int64_t width) {
  return product(spec.gated_mlp ? 3 : 2, spec.hidden_size, width);
}

void count_attention(const ModelSpec& spec, Parameters& parameters) {
  for (const AttentionLayers& group : spec.attention) {
    const AttentionParameters layer = layer_attention(spec, group);
    parameters.attention = sum({parameters.attention, product(group.layers, layer.split)});
    parameters.attention_replicated =
        sum({parameters.attention_replicated, product(group.layers, layer.replicated)});
  }
  if (spec.latent && spec.latent->index_layers > 0) {
    parameters.attention_replicated = sum(
        {parameters.attention_replicated, product(spec.latent->index_layers, indexer(spec, *spec.latent))});
  }
}

void count_mlp(const ModelSpec& spec, Parameters& parameters) {
  const std::int64_t moe_layers = spec.experts ? spec.experts->layers : 0;
  parameters.dense_mlp =
      product(spec.mlp_layers.value_or(spec.layers - moe_layers), mlp(spec, spec.intermediate_size));
  if (!spec.experts) return;
  const Experts& experts = *spec.experts;
  parameters.shared_experts =
      product(moe_layers, product(3, spec.hidden_size, experts.shared_intermediate_size));
  parameters.routed_experts =
      product(product(moe_layers, experts.routed), product(3, spec.hidden_size, experts.intermediate_size));
  parameters.router = product(moe_layers, experts.routed, spec.hidden_size);
}

// A draft layer is a layer of the last kind, joined to the model by a projection of 2H to H. DeepSeek and GLM
// store the embedding and the head with it once more.
void count_draft(const ModelSpec& spec, Parameters& parameters) {
  if (spec.mtp_layers == 0 || spec.attention.empty()) return;
  AttentionLayers full;
  for (const AttentionLayers& group : spec.attention) {
    if (group.kind == LayerKind::full || group.kind == LayerKind::mla) full = group;
  }
  const AttentionParameters attention =
      layer_attention(spec, full.head_dim > 0 || spec.latent ? full : spec.attention.back());
  std::int64_t layer = sum({attention.split, attention.replicated,
                            product(2, spec.hidden_size, spec.hidden_size), product(5, spec.hidden_size)});
  if (spec.latent && spec.latent->index_layers > 0) layer = sum({layer, indexer(spec, *spec.latent)});
  if (spec.experts) {
    const std::int64_t width = product(3, spec.hidden_size, spec.experts->intermediate_size);
    const std::int64_t routed = product(spec.experts->routed, width);
    parameters.draft_routed = product(spec.mtp_layers, routed);
    layer = sum({layer, routed, product(3, spec.hidden_size, spec.experts->shared_intermediate_size),
                 product(spec.experts->routed, spec.hidden_size)});
  } else {
    layer = sum({layer, mlp(spec, spec.intermediate_size)});
  }
  const bool stores_vocabulary = spec.latent.has_value() || spec.model_type.starts_with("glm4");
  if (stores_vocabulary) layer = sum({layer, product(2, spec.vocab_size, spec.hidden_size)});
  parameters.draft = product(spec.mtp_layers, layer);
}

}  // namespace

std::int64_t Parameters::total() const {
  return sum({embedding, lm_head, attention, attention_replicated, dense_mlp, shared_experts, routed_experts,
              router, norms, encoder});
}

Parameters count_parameters(const ModelSpec& spec) {
  Parameters parameters;
  parameters.embedding = product(spec.vocab_size, spec.hidden_size);
  parameters.lm_head = spec.tied_embeddings ? 0 : parameters.embedding;
  count_attention(spec, parameters);
  count_mlp(spec, parameters);
  const std::int64_t norms_of_layer = spec.model_type.starts_with("gemma") ? 4 : 2;
  parameters.norms = product(sum({product(norms_of_layer, spec.layers), 1}), spec.hidden_size);
  parameters.encoder = spec.encoder_parameters;
  count_draft(spec, parameters);
  std::int64_t idle = parameters.encoder;
  if (spec.experts) {
    const Experts& experts = *spec.experts;
    idle = sum({idle, parameters.routed_experts / experts.routed * (experts.routed - experts.per_token)});
  }
  parameters.active = std::max<std::int64_t>(0, parameters.total() - idle);
  return parameters;
}

double WeightParts::total() const {
  return embedding + lm_head + attention + attention_replicated + dense_mlp + shared_experts +
         routed_experts + router + norms + encoder;
}

WeightParts weight_parts(const ModelSpec& spec) {
  const Parameters parameters = count_parameters(spec);
  const auto plain = static_cast<double>(spec.dtype_bytes);
  const Quantization as_stored{
      .method = {}, .attention_bytes = plain, .mlp_bytes = plain, .expert_bytes = plain};
  const Quantization& bytes = spec.quantization ? *spec.quantization : as_stored;
  // What is not quantised is at least two bytes wide, whatever the dtype says.
  const double kept = spec.quantization ? std::max(2.0, plain) : plain;
  const auto of = [](std::int64_t count, double each) { return static_cast<double>(count) * each; };
  WeightParts parts;
  parts.embedding = of(parameters.embedding, kept);
  parts.lm_head = of(parameters.lm_head, kept);
  parts.attention = of(parameters.attention, bytes.attention_bytes);
  parts.attention_replicated = of(parameters.attention_replicated, bytes.attention_bytes);
  parts.dense_mlp = of(parameters.dense_mlp, bytes.mlp_bytes);
  parts.shared_experts = of(parameters.shared_experts, bytes.mlp_bytes);
  parts.routed_experts = of(parameters.routed_experts, bytes.expert_bytes);
  parts.router = of(parameters.router, kept);
  parts.norms = of(parameters.norms, kept);
  parts.encoder = of(parameters.encoder, kept);
  parts.draft = of(parameters.draft_routed, bytes.expert_bytes) +
                of(parameters.draft - parameters.draft_routed, bytes.attention_bytes);
  return parts;
}

}  // namespace ms
