#include "model/encoder.hpp"

#include <fmt/format.h>

#include "base/units.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

constexpr std::int64_t kMostLayers = 10'000;
constexpr std::int64_t kMostWidth = 10'000'000;

// Merges m x m patches and leads them to the language model: Qwen's models, once more for each level that
// they feed into deeper layers.
std::int64_t merger_parameters(const ConfigFields& vision, std::int64_t hidden) {
  const auto merge = vision.count({"spatial_merge_size"}, 64);
  // Qwen2-VL calls its own width 'embed_dim' and the language model's 'hidden_size'.
  const auto out = vision.has("embed_dim") ? vision.count({"hidden_size"}, kMostWidth)
                                           : vision.count({"out_hidden_size"}, kMostWidth);
  if (!merge || !out) return 0;
  const std::int64_t width = saturating_mul(hidden, *merge, *merge);
  const auto levels = vision.counts({"deepstack_visual_indexes"}).value_or(std::vector<std::int64_t>{});
  return saturating_mul(saturating_mul(width, saturating_add(width, *out)),
                        static_cast<std::int64_t>(levels.size()) + 1);
}

std::int64_t patch_parameters(const ConfigFields& vision, std::int64_t hidden) {
  const std::int64_t patch = vision.count({"patch_size", "spatial_patch_size"}, 10'000).value_or(14);
  const std::int64_t channels = vision.count({"in_channels", "in_chans"}, 1000).value_or(3);
  const std::int64_t frames = vision.count({"temporal_patch_size"}, 1000).value_or(1);
  const std::int64_t positions = vision.count({"num_position_embeddings"}, kMostWidth).value_or(0);
  return saturating_mul(hidden, saturating_add(saturating_mul(channels * frames, patch, patch), positions));
}

std::optional<std::int64_t> vision_parameters(const ConfigFields& vision) {
  const auto layers = vision.count({"depth", "num_hidden_layers", "vt_num_hidden_layers"}, kMostLayers);
  const auto hidden = vision.count({"embed_dim", "hidden_size", "vt_hidden_size"}, kMostWidth);
  const auto width = vision.count({"intermediate_size", "vt_intermediate_size"}, kMostWidth);
  if (!layers || !hidden) return std::nullopt;
  const std::int64_t mlp_width = width.value_or(4 * *hidden);
  const bool gated = vision.json().value("hidden_act", Json()) == "silu";
  const std::int64_t attention = saturating_mul(4, *hidden, *hidden);
  const std::int64_t mlp = saturating_mul(gated ? 3 : 2, *hidden, mlp_width);
  const std::int64_t vectors = saturating_add(saturating_mul(9, *hidden), mlp_width);  // biases and norms
  const std::int64_t layer = saturating_add(saturating_add(attention, mlp), vectors);
  return saturating_add(saturating_mul(*layers, layer), saturating_add(patch_parameters(vision, *hidden),
                                                                       merger_parameters(vision, *hidden)));
}

// Qwen's models take images of up to 16 384 tokens (their preprocessor's max_pixels); vLLM profiles with one.
std::optional<VisionEncoder> vision_encoder(const ConfigFields& vision) {
  constexpr std::int64_t kLargestImageTokens = 16'384;
  const auto hidden = vision.count({"embed_dim", "hidden_size"}, kMostWidth);
  const auto merge = vision.count({"spatial_merge_size"}, 64);
  if (!hidden || !merge) return std::nullopt;
  const auto levels = vision.counts({"deepstack_visual_indexes"}).value_or(std::vector<std::int64_t>{});
  return VisionEncoder{
      .hidden_size = *hidden,
      .intermediate_size = vision.count({"intermediate_size"}, kMostWidth).value_or(4 * *hidden),
      .gated_mlp = vision.json().value("hidden_act", Json()) == "silu",
      .patches_per_token = saturating_mul(*merge, *merge),
      .levels = static_cast<std::int64_t>(levels.size()) + 1,
      .item_tokens = kLargestImageTokens};
}

}  // namespace

void read_encoder(const ConfigFields& root, ModelSpec& spec) {
  if (const auto vision = root.object({"vision_config"})) {
    if (const auto parameters = vision_parameters(*vision)) {
      spec.encoder_parameters = *parameters;
      if (spec.model_type.find("qwen") != std::string::npos) spec.vision = vision_encoder(*vision);
      spec.notes.push_back(
          fmt::format("the vision encoder is estimated at {} parameters", format_count(*parameters)));
    } else {
      spec.notes.push_back("the vision encoder is not counted: its config states no sizes");
    }
  }
  if (root.object({"audio_config"})) spec.notes.push_back("the encoder for sound is not counted");
}

}  // namespace ms
