#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ms {

/// What one kind of layer keeps of the tokens that it has seen.
enum class LayerKind {
  full,        ///< K and V of every token, for each KV head (MHA, GQA, MQA)
  sliding,     ///< K and V of the last tokens only
  mla,         ///< one compressed vector of every token, shared by all heads
  linear,      ///< a state of constant size: linear attention, Mamba
  compressed,  ///< one vector of each of the last tokens, and one for every `compress_ratio` tokens before
  none,        ///< nothing: an MLP alone, as in Nemotron-H
};

/// "full", "sliding", "mla", "linear", "compressed" or "none".
std::string_view name_of(LayerKind kind);

/// Layers that are alike in attention.
struct AttentionLayers {
  LayerKind kind = LayerKind::full;
  std::int64_t layers = 0;
  std::int64_t kv_heads = 0;        ///< 0 for mla and linear
  std::int64_t head_dim = 0;        ///< elements of one head's K, and of its V
  std::int64_t window_tokens = 0;   ///< sliding and compressed only
  std::int64_t compress_ratio = 0;  ///< compressed only; 0 keeps the window alone

  friend bool operator==(const AttentionLayers&, const AttentionLayers&) = default;
};

/// Multi-head latent attention: DeepSeek V2 and V3, Kimi K2, GLM-5.
struct LatentAttention {
  std::optional<std::int64_t> q_lora_rank;
  std::int64_t kv_lora_rank = 0;
  std::int64_t qk_nope_head_dim = 0;
  std::int64_t qk_rope_head_dim = 0;
  std::int64_t v_head_dim = 0;
  std::int64_t index_heads = 0;     ///< heads of the sparse-attention indexer, 0 without one
  std::int64_t index_head_dim = 0;  ///< elements that the indexer keeps of a token and layer
  std::int64_t index_layers = 0;    ///< layers with an indexer of their own; others reuse its choice
};

/// Queries and outputs of ordinary heads that go through narrow projections: DeepSeek V4.
struct LowRankHeads {
  std::int64_t q_lora_rank = 0;
  std::int64_t o_lora_rank = 0;
  std::int64_t o_groups = 1;  ///< groups of heads, each with an output projection of its own
};

/// Mixture of experts.
struct Experts {
  std::int64_t layers = 0;  ///< layers that have experts; the others have a dense MLP
  std::int64_t routed = 0;
  std::int64_t per_token = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t shared_intermediate_size = 0;  ///< of all shared experts together, 0 without
};

enum class LinearKind {
  gated_delta_net,  ///< Qwen3-Next, Qwen3.5
  kimi_delta,       ///< Kimi-Linear
  mamba2,           ///< Granite 4 and other Mamba hybrids: heads of values, groups of keys
  lightning,        ///< MiniMax-01, MiniMax-M1
};

/// A layer that folds all tokens into a state of constant size.
struct LinearAttention {
  LinearKind kind = LinearKind::gated_delta_net;
  std::int64_t key_heads = 0;
  std::int64_t value_heads = 0;
  std::int64_t key_head_dim = 0;
  std::int64_t value_head_dim = 0;
  std::int64_t conv_kernel = 0;  ///< 0 without a convolution
};

/// What the profiling run of an engine passes through a vision encoder.
struct VisionEncoder {
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  bool gated_mlp = false;
  std::int64_t patches_per_token = 1;  ///< patches that are merged into one token of the language model
  std::int64_t levels = 1;       ///< outputs for each token: 1, and one for each deeper layer that it feeds
  std::int64_t item_tokens = 0;  ///< tokens of the largest image
};

/// How the weights are stored, in bytes of one parameter with its scales. Embedding, lm_head, router and
/// norms keep the model's dtype.
struct Quantization {
  std::string method;  ///< "fp8", "w8a8", "awq"
  double attention_bytes = 2;
  double mlp_bytes = 2;     ///< dense MLP and shared experts
  double expert_bytes = 2;  ///< routed experts
  bool kv_cache_8bit = false;
};

/// The head of EAGLE or EAGLE-3 that runs beside a model: layers that draft tokens, in files of their own.
struct EagleHead {
  std::int64_t split = 0;  ///< parameters that tensor parallelism splits: layers, and its own lm_head
  std::int64_t whole = 0;  ///< those on every rank: the projection in front of its layers, norms
  double bytes_per_parameter = 2;
  bool assumed = false;  ///< not read from its config
  std::string source;
};

/// What memory and time depend on in a decoder-only language model.
struct ModelSpec {
  std::string source;  ///< file that it was read from
  std::string name;    ///< as the model calls itself or the caller named it; may be empty
  std::string architecture;
  std::string model_type;

  std::int64_t layers = 0;
  std::int64_t hidden_size = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;  ///< as the config states them; MLA does not cache by head
  std::int64_t head_dim = 0;
  std::int64_t rotary_dim = 0;         ///< elements of a head that are rotated by position
  std::int64_t intermediate_size = 0;  ///< of a dense MLP
  std::int64_t vocab_size = 0;
  std::optional<std::int64_t> max_position_tokens;

  std::vector<AttentionLayers> attention;  ///< their layers add up to `layers`
  std::optional<LatentAttention> latent;
  std::optional<LowRankHeads> low_rank;
  std::optional<LinearAttention> linear;
  std::optional<Experts> experts;
  std::optional<std::int64_t> mlp_layers;  ///< layers with a dense MLP, where that is not all without experts
  std::int64_t encoder_parameters = 0;     ///< of a vision encoder, estimated
  std::optional<VisionEncoder> vision;     ///< where its largest image is known
  std::int64_t mtp_layers = 0;             ///< draft layers shipped with the model (multi-token prediction)
  std::optional<EagleHead> eagle;          ///< where one is started with the model

  bool tied_embeddings = false;
  bool qkv_bias = false;
  bool qk_norm = false;
  bool gated_mlp = true;
  bool output_gate = false;  ///< the query projection also makes a gate, twice as wide

  std::string dtype;             ///< "bfloat16"
  std::int64_t dtype_bytes = 2;  ///< of one stored parameter that is not quantised
  std::optional<Quantization> quantization;

  std::vector<std::string> notes;  ///< fallbacks that were taken, and what is not modelled
};

/// Reads a Hugging Face config.json. Throws InputError that names file and field when a field is missing, of
/// a wrong type, out of range or contradicts another one. What has a safe fallback takes it and says so in
/// notes.
ModelSpec read_model_spec(const Json& config, const std::string& source);

/// "mha", "gqa", "mqa", "mla", or "hybrid" when layers differ in kind.
std::string attention_name(const ModelSpec& spec);

}  // namespace ms
