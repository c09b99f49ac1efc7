#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "model/layers.hpp"

namespace ms {
namespace {

constexpr std::int64_t kMostExperts = 100'000;
constexpr std::int64_t kMostWidth = 100'000'000;

// Layers that have experts: the publishers have six ways to say it.
std::int64_t moe_layers(const ConfigFields& fields, const ModelSpec& spec) {
  if (const auto pattern = fields.string({"hybrid_override_pattern"}))
    return std::count(pattern->begin(), pattern->end(), 'E');
  if (const auto types = fields.strings({"mlp_layer_types"})) {
    return std::min<std::int64_t>(spec.layers, std::count(types->begin(), types->end(), "sparse"));
  }
  const Json& json = fields.json();
  if (const auto frequency = json.find("moe_layer_freq"); frequency != json.end() && frequency->is_array()) {
    const auto list = *fields.counts({"moe_layer_freq"});
    if (static_cast<std::int64_t>(list.size()) < spec.layers) {
      fields.fail("moe_layer_freq",
                  fmt::format("lists {} layers, but the model has {}", list.size(), spec.layers));
    }
    if (std::any_of(list.begin(), list.end(), [](auto f) { return f != 0 && f != 1; }))
      fields.fail("moe_layer_freq", "must be a list of 0 and 1");
    return std::min<std::int64_t>(spec.layers,
                                  std::count_if(list.begin(), list.end(), [](auto f) { return f != 0; }));
  }
  const auto dense_first =
      std::min(spec.layers, fields.count({"first_k_dense_replace"}, 10'000, 0).value_or(0));
  const auto step =
      fields.count({"moe_layer_freq", "decoder_sparse_step", "interleave_moe_layer_step"}, 10'000)
          .value_or(1);
  const auto dense = static_cast<std::int64_t>(
      fields.counts({"mlp_only_layers"}).value_or(std::vector<std::int64_t>{}).size());
  return std::max<std::int64_t>(0, (spec.layers - dense_first) / step - dense);
}

std::int64_t shared_width(const ConfigFields& fields, std::int64_t expert_width) {
  if (const auto width =
          fields.count({"shared_expert_intermediate_size", "share_expert_dim", "shared_intermediate_size"},
                       kMostWidth, 0)) {
    return *width;
  }
  return fields.count({"n_shared_experts", "num_shared_experts"}, kMostExperts, 0).value_or(0) * expert_width;
}

// What a config of the DeepSeek family always states; where it does not, what is assumed is said.
void note_fallbacks(const ConfigFields& fields, ModelSpec& spec) {
  if (!fields.has("moe_intermediate_size") && !fields.has("expert_ffn_hidden_size") &&
      !fields.has("num_local_experts")) {
    spec.notes.push_back("no 'moe_intermediate_size': experts are as wide as 'intermediate_size'");
  }
  const bool like_deepseek = fields.has("n_routed_experts") || spec.model_type.starts_with("kimi");
  if (!like_deepseek) return;
  if (!fields.has("first_k_dense_replace") && !fields.has("mlp_layer_types"))
    spec.notes.push_back("no 'first_k_dense_replace': every layer has experts");
  if (!fields.has("n_shared_experts") && !fields.has("num_shared_experts"))
    spec.notes.push_back("no 'n_shared_experts': there are none");
}

}  // namespace

void read_experts(const ConfigFields& fields, ModelSpec& spec) {
  const auto width =
      fields.count({"dense_intermediate_size", "intermediate_size_mlp", "intermediate_size",
                    "ffn_hidden_size", "ffn_dim", "ff_intermediate_size", "ffn_embed_dim", "n_inner"},
                   kMostWidth);
  const auto routed = fields.count(
      {"n_routed_experts", "num_experts", "num_local_experts", "num_routed_experts", "moe_num_experts"},
      kMostExperts, 0);
  if (!routed || *routed == 0) {
    if (!routed && fields.has("moe_intermediate_size") && fields.has("num_experts_per_tok"))
      throw InputError(fields.source(), "states 'moe_intermediate_size', but no number of experts");
    if (!width) {
      spec.notes.push_back("no 'intermediate_size': four times 'hidden_size' is assumed");
      spec.intermediate_size = 4 * spec.hidden_size;
    } else {
      spec.intermediate_size = *width;
    }
    return;
  }
  Experts experts;
  experts.routed = *routed;
  experts.per_token = fields
                          .count({"num_experts_per_tok", "num_experts_per_token", "experts_per_token",
                                  "top_k_experts", "moe_topk", "moe_k"},
                                 *routed)
                          .value_or(0);
  if (experts.per_token == 0) {
    throw InputError(fields.source(), "has experts, but no 'num_experts_per_tok'");
  }
  const auto expert_width =
      fields.count({"moe_intermediate_size", "expert_ffn_hidden_size", "intermediate_size"}, kMostWidth);
  if (!expert_width) throw InputError(fields.source(), "has experts, but no 'moe_intermediate_size'");
  experts.intermediate_size = *expert_width;
  experts.shared_intermediate_size = shared_width(fields, *expert_width);
  // Llama 4 runs a shared expert of the routed experts' width that its config does not mention.
  if (spec.model_type == "llama4_text") experts.shared_intermediate_size = *expert_width;
  // Gemma 4 runs a dense MLP beside the experts of every layer.
  if (fields.flag({"enable_moe_block"}).value_or(false)) {
    experts.shared_intermediate_size = width.value_or(0);
  }
  experts.layers = moe_layers(fields, spec);
  note_fallbacks(fields, spec);
  spec.intermediate_size = width.value_or(*expert_width);
  if (!width && experts.layers < spec.layers)
    spec.notes.push_back("no 'intermediate_size': dense layers are as wide as an expert");
  if (experts.layers > 0) spec.experts = experts;
}

}  // namespace ms
