#include "model/kv_cache.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/linear_attention.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

std::string element_text(const KvOptions& options) {
  return fmt::format("{} B", options.element_bytes);
}

void add_formula(KvCache& cache, const std::string& part) {
  cache.formula += (cache.formula.empty() ? "" : " + ") + part;
}

// Layers of the group on the fullest pipeline stage. Draft layers are full layers of the last stage.
std::int64_t layers_on_rank(const AttentionLayers& group, const Parallelism& parallelism,
                            const KvOptions& options) {
  const bool drafts_like_it = group.kind == LayerKind::full || group.kind == LayerKind::mla;
  return saturating_add(ceil_div(group.layers, parallelism.pp), drafts_like_it ? options.draft_layers : 0);
}

void add_heads(KvCache& cache, const AttentionLayers& group, std::int64_t layers, const ModelSpec& spec,
               const Parallelism& parallelism, const KvOptions& options) {
  const std::int64_t heads = kv_heads_per_rank(group.kv_heads, parallelism.tp, spec.source);
  const std::int64_t bytes =
      saturating_mul(saturating_mul(2, layers), heads, group.head_dim, options.element_bytes);
  if (group.kind == LayerKind::sliding) {
    cache.window_bytes_per_token = saturating_add(cache.window_bytes_per_token, bytes);
    cache.window_tokens = std::max(cache.window_tokens, group.window_tokens);
  } else {
    cache.bytes_per_token = saturating_add(cache.bytes_per_token, bytes);
  }
  const std::string replicated = parallelism.tp > group.kv_heads ? " (replicated)" : "";
  add_formula(cache, fmt::format("2 x {} {}layers x {} KV heads{} x {} x {}", layers,
                                 group.kind == LayerKind::sliding ? "sliding " : "", heads, replicated,
                                 group.head_dim, element_text(options)));
}

void add_latent(KvCache& cache, const LatentAttention& latent, std::int64_t layers, std::int64_t index_layers,
                const KvOptions& options) {
  const std::int64_t width = latent.kv_lora_rank + latent.qk_rope_head_dim;
  const std::int64_t elements =
      saturating_add(saturating_mul(layers, width), saturating_mul(index_layers, latent.index_head_dim));
  cache.bytes_per_token =
      saturating_add(cache.bytes_per_token, saturating_mul(elements, options.element_bytes));
  const std::string indexer =
      index_layers > 0 ? fmt::format(" + {} indexer layers x {}", index_layers, latent.index_head_dim) : "";
  add_formula(cache, fmt::format("({} layers x ({} + {}){}) x {}, on every rank", layers, latent.kv_lora_rank,
                                 latent.qk_rope_head_dim, indexer, element_text(options)));
}

void add_compressed(KvCache& cache, const AttentionLayers& group, std::int64_t layers,
                    const KvOptions& options) {
  const std::int64_t vector = saturating_mul(layers, group.head_dim, options.element_bytes);
  cache.window_bytes_per_token = saturating_add(cache.window_bytes_per_token, vector);
  cache.window_tokens = std::max(cache.window_tokens, group.window_tokens);
  if (group.compress_ratio == 0) return;
  cache.bytes_per_token = saturating_add(cache.bytes_per_token, ceil_div(vector, group.compress_ratio));
  add_formula(cache, fmt::format("{} layers x {} x {} / {}", layers, group.head_dim, element_text(options),
                                 group.compress_ratio));
}

void add_state(KvCache& cache, const LinearAttention& linear, std::int64_t layers,
               const Parallelism& parallelism) {
  const std::int64_t bytes = ceil_div(linear_attention_state_bytes(linear), parallelism.tp);
  cache.state_bytes_per_request =
      saturating_add(cache.state_bytes_per_request, saturating_mul(layers, bytes));
}

}  // namespace

KvCache kv_cache(const ModelSpec& spec, const Parallelism& parallelism, const KvOptions& options) {
  KvCache cache;
  for (const AttentionLayers& group : spec.attention) {
    const std::int64_t layers = layers_on_rank(group, parallelism, options);
    switch (group.kind) {
      case LayerKind::full:
      case LayerKind::sliding:
        add_heads(cache, group, layers, spec, parallelism, options);
        break;
      case LayerKind::mla:
        if (spec.latent) {
          // A draft layer brings an indexer of its own.
          const std::int64_t index_layers = ceil_div(spec.latent->index_layers, parallelism.pp);
          add_latent(cache, *spec.latent, layers, index_layers > 0 ? index_layers + options.draft_layers : 0,
                     options);
        }
        break;
      case LayerKind::compressed:
        add_compressed(cache, group, layers, options);
        break;
      case LayerKind::none:
        break;
      case LayerKind::linear:
        if (spec.linear) add_state(cache, *spec.linear, layers, parallelism);
        break;
    }
  }
  return cache;
}

std::int64_t kv_bytes_of_request(const KvCache& cache, std::int64_t tokens, std::int64_t chunk_tokens) {
  const std::int64_t in_window = std::min(tokens, saturating_add(cache.window_tokens, chunk_tokens));
  return saturating_add(saturating_add(saturating_mul(cache.bytes_per_token, tokens),
                                       saturating_mul(cache.window_bytes_per_token, in_window)),
                        cache.state_bytes_per_request);
}

KvCache keeping_whole_windows(KvCache cache) {
  cache.bytes_per_token = saturating_add(cache.bytes_per_token, cache.window_bytes_per_token);
  cache.window_bytes_per_token = 0;
  cache.window_tokens = 0;
  return cache;
}

bool has_compressed_layers(const ModelSpec& spec) {
  return std::any_of(spec.attention.begin(), spec.attention.end(),
                     [](const AttentionLayers& group) { return group.kind == LayerKind::compressed; });
}

std::int64_t kv_bytes_per_token_per_rank(const ModelSpec& spec, const Parallelism& parallelism,
                                         const KvOptions& options) {
  const KvCache cache = kv_cache(spec, parallelism, options);
  return has_compressed_layers(spec) ? cache.bytes_per_token
                                     : saturating_add(cache.bytes_per_token, cache.window_bytes_per_token);
}

std::int64_t default_kv_element_bytes(const ModelSpec& spec) {
  return spec.quantization && spec.quantization->kv_cache_8bit ? 1 : 2;
}

}  // namespace ms
