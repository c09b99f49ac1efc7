#include "model/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/saturating.hpp"

namespace ms {
namespace {

constexpr std::int64_t kMostTokens = 10'000'000'000;

void require_length(const ConfigFields& fields, std::string_view name, std::size_t length,
                    const ModelSpec& spec) {
  if (static_cast<std::int64_t>(length) == spec.layers) return;
  fields.fail(name, fmt::format("lists {} layers, but the model has {}", length, spec.layers));
}

LayerKind kind_of(const std::string& type, std::set<std::string>& unknown) {
  if (type == "full_attention" || type == "attention" || type == "global") return LayerKind::full;
  if (type == "sliding_attention" || type == "chunked_attention" || type == "local")
    return LayerKind::sliding;
  if (type == "linear_attention" || type == "mamba" || type == "mamba2" || type == "recurrent") {
    return LayerKind::linear;
  }
  unknown.insert(type);
  return LayerKind::full;
}

// Every `interval`th layer is full attention, the others are `other`.
std::vector<LayerKind> every(std::int64_t layers, std::int64_t interval, LayerKind other) {
  std::vector<LayerKind> kinds;
  for (std::int64_t i = 0; i < layers; ++i)
    kinds.push_back((i + 1) % interval == 0 ? LayerKind::full : other);
  return kinds;
}

std::vector<LayerKind> listed_kinds(const ConfigFields& fields, const std::vector<std::string>& types,
                                    ModelSpec& spec) {
  require_length(fields, "layer_types", types.size(), spec);
  std::set<std::string> unknown;
  std::vector<LayerKind> kinds;
  for (const std::string& type : types) kinds.push_back(kind_of(type, unknown));
  for (const std::string& type : unknown) {
    spec.notes.push_back(
        fmt::format("layer type '{}' is not modelled: it is counted as full attention", type));
  }
  return kinds;
}

// Kimi-Linear lists the layers with attention, counted from 1.
std::vector<LayerKind> kinds_of_linear_config(const ConfigFields& fields, const ConfigFields& linear,
                                              const ModelSpec& spec) {
  std::vector<LayerKind> kinds(static_cast<std::size_t>(spec.layers), LayerKind::linear);
  const auto full = linear.counts({"full_attn_layers"});
  if (!full) fields.fail("linear_attn_config", "has no 'full_attn_layers'");
  for (const std::int64_t layer : *full) {
    if (layer < 1 || layer > spec.layers) {
      fields.fail("linear_attn_config.full_attn_layers",
                  fmt::format("names layer {} of {}", layer, spec.layers));
    }
    kinds[static_cast<std::size_t>(layer - 1)] = LayerKind::full;
  }
  return kinds;
}

// Classes whose windows follow from the class and not from a list.
std::vector<LayerKind> kinds_by_class(const ConfigFields& fields, const ModelSpec& spec) {
  const std::string& type = spec.model_type;
  const auto all = [&](LayerKind kind) {
    return std::vector<LayerKind>(static_cast<std::size_t>(spec.layers), kind);
  };
  if (type.starts_with("gpt_oss") || type == "gemma2") return every(spec.layers, 2, LayerKind::sliding);
  if (type.starts_with("gemma3")) {
    return every(spec.layers, fields.count({"sliding_window_pattern"}, 1000).value_or(6), LayerKind::sliding);
  }
  if (type == "llama4_text" && fields.has("attention_chunk_size"))
    return every(spec.layers, 4, LayerKind::sliding);
  const auto window = fields.count({"sliding_window"}, kMostTokens, 0);
  if (!window || *window == 0) return all(LayerKind::full);
  const auto use = fields.flag({"use_sliding_window"});
  if (use.has_value() && !*use) return all(LayerKind::full);
  // Qwen2 starts its windows after the first max_window_layers layers, and only where they are switched on.
  if (type.starts_with("qwen2") || type.starts_with("qwen3")) {
    if (!use) return all(LayerKind::full);
    std::vector<LayerKind> kinds = all(LayerKind::sliding);
    const auto full = fields.count({"max_window_layers"}, kMostTokens, 0).value_or(spec.layers);
    std::fill_n(kinds.begin(), std::min(full, spec.layers), LayerKind::full);
    return kinds;
  }
  return all(LayerKind::sliding);
}

// Nemotron-H: a letter a layer, which is a mixer or an MLP, never both: "M-M-M*-".
std::vector<LayerKind> kinds_of_pattern(const ConfigFields& fields, const std::string& pattern,
                                        ModelSpec& spec) {
  require_length(fields, "hybrid_override_pattern", pattern.size(), spec);
  std::vector<LayerKind> kinds;
  for (const char letter : pattern) {
    if (letter == 'M') {
      kinds.push_back(LayerKind::linear);
    } else if (letter == '*') {
      kinds.push_back(LayerKind::full);
    } else if (letter == '-' || letter == 'E') {
      kinds.push_back(LayerKind::none);
    } else {
      fields.fail("hybrid_override_pattern",
                  fmt::format("has the letter '{}'; known are M, *, - and E", letter));
    }
  }
  spec.mlp_layers = std::count(pattern.begin(), pattern.end(), '-');
  spec.gated_mlp = false;
  return kinds;
}

std::vector<LayerKind> read_kinds(const ConfigFields& fields, ModelSpec& spec) {
  if (const auto pattern = fields.string({"hybrid_override_pattern"})) {
    return kinds_of_pattern(fields, *pattern, spec);
  }
  if (const auto types = fields.strings({"layer_types", "layers_block_type"})) {
    return listed_kinds(fields, *types, spec);
  }
  if (const auto interval = fields.count({"full_attention_interval"}, 10'000)) {
    return every(spec.layers, *interval, LayerKind::linear);
  }
  if (const auto period = fields.count({"attn_layer_period"}, 10'000)) {  // Jamba
    const std::int64_t offset = fields.count({"attn_layer_offset"}, 10'000, 0).value_or(0);
    std::vector<LayerKind> kinds;
    for (std::int64_t i = 0; i < spec.layers; ++i) {
      kinds.push_back(i % *period == offset ? LayerKind::full : LayerKind::linear);
    }
    return kinds;
  }
  if (const auto linear = fields.object({"linear_attn_config"}))
    return kinds_of_linear_config(fields, *linear, spec);
  if (const auto types = fields.counts({"attn_type_list"})) {  // MiniMax: 1 is attention, 0 is linear
    require_length(fields, "attn_type_list", types->size(), spec);
    std::vector<LayerKind> kinds;
    for (const std::int64_t t : *types) kinds.push_back(t == 0 ? LayerKind::linear : LayerKind::full);
    return kinds;
  }
  return kinds_by_class(fields, spec);
}

void add_layer(std::vector<AttentionLayers>& groups, AttentionLayers layer) {
  for (AttentionLayers& group : groups) {
    layer.layers = group.layers;
    if (group == layer) {
      ++group.layers;
      return;
    }
  }
  layer.layers = 1;
  groups.push_back(layer);
}

// DeepSeek V4: every layer keeps a window, and all but those of ratio 0 a compressed past.
void read_compressed(const ConfigFields& fields, const std::vector<std::int64_t>& ratios, ModelSpec& spec) {
  const std::int64_t window = fields.required_count({"sliding_window"}, kMostTokens);
  // The list goes on over the draft layers.
  if (static_cast<std::int64_t>(ratios.size()) < spec.layers) {
    require_length(fields, "compress_ratios", ratios.size(), spec);
  }
  for (std::int64_t i = 0; i < spec.layers; ++i) {
    const std::int64_t ratio = ratios[static_cast<std::size_t>(i)];
    if (ratio < 0 || ratio > 1'000'000) fields.fail("compress_ratios", fmt::format("holds {}", ratio));
    add_layer(spec.attention, {.kind = LayerKind::compressed,
                               .kv_heads = 1,
                               .head_dim = spec.head_dim,
                               .window_tokens = window,
                               .compress_ratio = ratio});
  }
  spec.notes.push_back(
      "compressed sparse attention: its KV cache is estimated, the indexer's part is not counted");
}

AttentionLayers describe(LayerKind kind, const ConfigFields& fields, const ModelSpec& spec) {
  if (kind == LayerKind::linear || kind == LayerKind::none) return {.kind = kind};
  if (kind == LayerKind::full && spec.latent) return {.kind = LayerKind::mla};
  AttentionLayers layer{.kind = kind, .kv_heads = spec.kv_heads, .head_dim = spec.head_dim};
  if (kind == LayerKind::sliding) {
    layer.window_tokens =
        fields.count({"sliding_window", "attention_chunk_size"}, kMostTokens, 0).value_or(0);
  }
  // Gemma 4 has other heads in its global layers than in its local ones.
  if (kind == LayerKind::full) {
    layer.kv_heads = fields.count({"num_global_key_value_heads"}, 100'000).value_or(layer.kv_heads);
    layer.head_dim = fields.count({"global_head_dim"}, 100'000'000).value_or(layer.head_dim);
  }
  return layer;
}

}  // namespace

void read_layers(const ConfigFields& fields, ModelSpec& spec) {
  if (const auto ratios = fields.counts({"compress_ratios"})) return read_compressed(fields, *ratios, spec);
  for (const LayerKind kind : read_kinds(fields, spec))
    add_layer(spec.attention, describe(kind, fields, spec));
  for (const AttentionLayers& group : spec.attention) {
    if (group.kind == LayerKind::sliding && group.window_tokens == 0) {
      fields.fail("sliding_window", "is missing, but layers have sliding attention");
    }
  }
  const bool has_linear =
      std::any_of(spec.attention.begin(), spec.attention.end(),
                  [](const AttentionLayers& group) { return group.kind == LayerKind::linear; });
  if (spec.linear && !has_linear) {
    spec.notes.push_back(
        "sizes of linear layers are stated, but not which layers these are: all are counted as "
        "full attention");
  }
  if (has_linear && !spec.linear) {
    spec.notes.push_back(
        "the sizes of its linear layers are not stated: their state of a request is not counted");
  }
  if (fields.flag({"attention_k_eq_v"}).value_or(false)) {
    spec.notes.push_back("K and V are the same in some layers; the cache is counted as if it held both");
  }
  const auto shared = fields.count({"num_kv_shared_layers"}, 10'000, 0).value_or(0);
  if (shared > 0) {
    spec.notes.push_back(
        fmt::format("{} layers share the KV cache of others; they are counted as if they did not", shared));
  }
}

}  // namespace ms
