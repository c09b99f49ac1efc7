#include "model/spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/text.hpp"
#include "model/config_fields.hpp"
#include "model/encoder.hpp"
#include "model/layers.hpp"
#include "model/linear_attention.hpp"
#include "model/quantization.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

// Far above every model, far below what would overflow one product of two of them.
constexpr std::int64_t kMostLayers = 10'000;
constexpr std::int64_t kMostHeads = 100'000;
constexpr std::int64_t kMostWidth = 100'000'000;
constexpr std::int64_t kMostTokens = 10'000'000'000;

// Multimodal models keep the dimensions of their language model in a member of their own.
constexpr std::array<std::string_view, 4> kNested = {"text_config", "llm_config", "language_config",
                                                     "thinker_config"};

const ConfigFields::Names kLayers = {"num_hidden_layers", "num_layers", "n_layer", "n_layers"};
const ConfigFields::Names kHidden = {"hidden_size", "n_embd", "d_model", "dim", "hidden_dim"};
const ConfigFields::Names kHeads = {"num_attention_heads", "n_head", "n_heads"};

ConfigFields language_fields(const ConfigFields& root, ModelSpec& spec) {
  ConfigFields fields = root;
  for (int depth = 0; depth < 2 && !fields.count(kLayers, kMostLayers); ++depth) {
    for (const std::string_view name : kNested) {
      if (const auto nested = fields.object({name})) {
        fields = *nested;
        break;
      }
    }
  }
  if (&fields.json() != &root.json()) {
    spec.notes.push_back("the dimensions are those of the language model");
  }
  return fields;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view p) { return text.starts_with(p); });
}

std::int64_t read_kv_heads(const ConfigFields& fields, const ModelSpec& spec,
                           std::vector<std::string>& notes) {
  std::optional<std::int64_t> kv_heads =
      fields.count({"num_key_value_heads", "num_kv_heads", "n_head_kv"}, kMostHeads);
  std::string_view name = "num_key_value_heads";
  if (!kv_heads && fields.flag({"multi_query_attention"}).value_or(false)) {
    name = "multi_query_group_num";
    kv_heads = fields.count({name}, kMostHeads);
    if (!kv_heads) notes.push_back("no 'multi_query_group_num': one KV head");
    kv_heads = kv_heads.value_or(1);
  } else if (!kv_heads && fields.flag({"multi_query"}).value_or(false)) {
    kv_heads = 1;
  }
  if (!kv_heads) {
    notes.push_back("no 'num_key_value_heads': as many as attention heads");
    return spec.heads;
  }
  if (spec.heads % *kv_heads != 0) {
    fields.fail(name,
                fmt::format("is {}, which does not divide 'num_attention_heads' {}", *kv_heads, spec.heads));
  }
  return *kv_heads;
}

std::int64_t read_head_dim(const ConfigFields& fields, ModelSpec& spec) {
  const auto stated = fields.count({"head_dim", "kv_channels", "attention_head_dim"}, kMostWidth);
  if (stated) return *stated;
  // The Gemma classes have a default of their own, and their configs rely on it.
  if (spec.model_type.starts_with("gemma")) {
    spec.notes.push_back("no 'head_dim': 256, the default of Gemma");
    return 256;
  }
  if (spec.hidden_size % spec.heads != 0) {
    fields.fail("num_attention_heads",
                fmt::format("is {}, which does not divide 'hidden_size' {}, and there is no "
                            "'head_dim'",
                            spec.heads, spec.hidden_size));
  }
  // These state it always, and their heads are not as wide as their share of the hidden size.
  if (starts_with_any(spec.model_type, {"qwen3", "gpt_oss", "minimax", "deepseek_v4"}))
    spec.notes.push_back("no 'head_dim': 'hidden_size' / 'num_attention_heads'");
  return spec.hidden_size / spec.heads;
}

// Some models rotate a part of each head: 'partial_rotary_factor', lately inside 'rope_parameters'.
std::int64_t read_rotary_dim(const ConfigFields& fields, const ModelSpec& spec) {
  if (spec.latent) return spec.latent->qk_rope_head_dim;
  auto share = fields.ratio({"partial_rotary_factor", "rotary_pct"});
  if (const auto rope = fields.object({"rope_parameters"}); !share && rope)
    share = rope->ratio({"partial_rotary_factor"});
  return saturating_cast(static_cast<double>(spec.head_dim) * share.value_or(1));
}

std::int64_t read_vocab_size(const ConfigFields& fields, const ConfigFields& root, ModelSpec& spec) {
  auto size = fields.count({"vocab_size", "padded_vocab_size"}, kMostWidth);
  if (!size) size = root.count({"vocab_size"}, kMostWidth);
  if (size) return *size;
  if (spec.model_type.starts_with("gemma3")) {
    spec.notes.push_back("no 'vocab_size': 262208, the default of Gemma 3");
    return 262'208;
  }
  spec.notes.push_back("no 'vocab_size': embedding and lm_head are not counted");
  return 0;
}

std::optional<LatentAttention> read_latent(const ConfigFields& fields, std::int64_t layers) {
  const auto rank = fields.count({"kv_lora_rank"}, kMostWidth);
  if (!rank && fields.has("qk_nope_head_dim"))
    fields.fail("qk_nope_head_dim", "is stated, but no 'kv_lora_rank'");
  if (!rank) return std::nullopt;
  LatentAttention latent;
  latent.kv_lora_rank = *rank;
  latent.q_lora_rank = fields.count({"q_lora_rank"}, kMostWidth);
  latent.qk_rope_head_dim = fields.required_count({"qk_rope_head_dim"}, kMostWidth);
  latent.qk_nope_head_dim = fields.required_count({"qk_nope_head_dim"}, kMostWidth);
  latent.v_head_dim = fields.required_count({"v_head_dim"}, kMostWidth);
  latent.index_heads = fields.count({"index_n_heads"}, kMostHeads, 0).value_or(0);
  latent.index_head_dim = fields.count({"index_head_dim"}, kMostWidth, 0).value_or(0);
  if (latent.index_head_dim == 0) return latent;
  const auto types = fields.strings({"indexer_types"});
  latent.index_layers =
      types ? std::min<std::int64_t>(layers, std::count(types->begin(), types->end(), "full")) : layers;
  return latent;
}

std::optional<LowRankHeads> read_low_rank(const ConfigFields& fields) {
  const auto o_rank = fields.count({"o_lora_rank"}, kMostWidth);
  if (!o_rank) return std::nullopt;
  return LowRankHeads{.q_lora_rank = fields.required_count({"q_lora_rank"}, kMostWidth),
                      .o_lora_rank = *o_rank,
                      .o_groups = fields.count({"o_groups"}, kMostHeads).value_or(1)};
}

std::int64_t read_mtp_layers(const ConfigFields& fields) {
  if (const auto layers =
          fields.count({"num_nextn_predict_layers", "mtp_num_hidden_layers"}, kMostLayers, 0)) {
    return *layers;
  }
  if (!fields.flag({"use_mtp"}).value_or(false)) return 0;
  return fields.count({"num_mtp_modules"}, 1000, 0).value_or(1) *
         fields.count({"mtp_transformer_layers"}, 1000, 0).value_or(1);
}

// What the class of a model fixes and its config.json leaves out.
void read_traits(const ConfigFields& fields, ModelSpec& spec) {
  const std::string& type = spec.model_type;
  spec.qkv_bias = fields.flag({"attention_bias", "add_qkv_bias", "qkv_bias"}).value_or(false) ||
                  (starts_with_any(type, {"qwen2"}) && !fields.has("attention_bias"));
  spec.qk_norm =
      starts_with_any(type, {"qwen3", "gemma3", "gemma4"}) || fields.flag({"use_qk_norm"}).value_or(false);
  spec.output_gate =
      fields.flag({"attn_output_gate"}).value_or(starts_with_any(type, {"qwen3_next", "qwen3_5"}));
  spec.gated_mlp = !starts_with_any(type, {"opt", "gpt2", "gpt_neox", "gpt_bigcode", "falcon", "bloom",
                                           "starcoder2", "nemotron"}) &&
                   type != "phi";
}

void read_dtype(const ConfigFields& fields, const ConfigFields& root, ModelSpec& spec) {
  auto dtype = fields.string({"torch_dtype", "dtype"});
  if (!dtype) dtype = root.string({"torch_dtype", "dtype"});
  if (!dtype) {
    spec.dtype = "bfloat16";
    spec.notes.push_back("no 'torch_dtype' or 'dtype': bfloat16 is assumed");
    return;
  }
  spec.dtype = *dtype;
  constexpr std::array<std::string_view, 4> kTwoBytes = {"bfloat16", "float16", "half", "auto"};
  if (std::find(kTwoBytes.begin(), kTwoBytes.end(), *dtype) != kTwoBytes.end()) return;
  if (*dtype == "float32" || *dtype == "float") {
    spec.dtype_bytes = 4;
  } else if (starts_with_any(*dtype, {"float8", "int8", "uint8", "fp8"})) {
    spec.dtype_bytes = 1;
  } else {
    spec.notes.push_back(fmt::format("dtype '{}' is not known: 2 bytes a parameter are assumed", *dtype));
  }
}

bool read_tied(const ConfigFields& fields, const ConfigFields& root, const ModelSpec& spec) {
  if (const auto tied = fields.flag({"tie_word_embeddings"})) return *tied;
  if (const auto tied = root.flag({"tie_word_embeddings"})) return *tied;
  // These classes tie by default; those of the Llama kind do not.
  return starts_with_any(spec.model_type,
                         {"gemma", "phi3small", "opt", "gpt2", "gpt_bigcode", "bloom", "falcon"});
}

// Some tools write numbers as strings ("num_hidden_layers": "60"). They are taken for numbers, aloud.
bool numbers_of_strings(const Json& config, Json& result, std::vector<std::string>& notes) {
  if (!config.is_object()) return false;
  std::vector<std::string> names;
  for (const auto& [name, value] : config.items()) {
    if (value.is_string() && parse_int(value.get_ref<const std::string&>())) names.push_back(name);
  }
  if (names.empty()) return false;
  result = config;
  for (const std::string& name : names)
    result[name] = *parse_int(config.at(name).get_ref<const std::string&>());
  notes.push_back(
      fmt::format("numbers that are written as strings are taken for numbers: {}", fmt::join(names, ", ")));
  return true;
}

}  // namespace

std::string_view name_of(LayerKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"full",   "sliding",    "mla",
                                                      "linear", "compressed", "none"};
  return kNames.at(static_cast<std::size_t>(kind));
}

ModelSpec read_model_spec(const Json& config, const std::string& source) {
  ModelSpec spec;
  Json with_numbers;
  const bool repaired = numbers_of_strings(config, with_numbers, spec.notes);
  const ConfigFields root(repaired ? with_numbers : config, source);
  spec.source = source;
  const ConfigFields fields = language_fields(root, spec);
  const auto architectures = root.strings({"architectures"});
  if (architectures && !architectures->empty()) spec.architecture = architectures->front();
  spec.model_type = fields.string({"model_type"}).value_or(root.string({"model_type"}).value_or(""));
  if (spec.model_type.empty())
    spec.notes.push_back("no 'model_type': what its class fixes (windows, biases, norms) is not known");
  // Often the path on the publisher's machine: its last part is the name.
  const std::string name = root.string({"_name_or_path"}).value_or("");
  spec.name = name.substr(name.rfind('/') + 1);

  spec.layers = fields.required_count(kLayers, kMostLayers);
  spec.hidden_size = fields.required_count(kHidden, kMostWidth);
  spec.heads = fields.required_count(kHeads, kMostHeads);
  spec.latent = read_latent(fields, spec.layers);
  spec.kv_heads = read_kv_heads(fields, spec, spec.notes);
  // In configs of MLA models 'head_dim' is often the rope part alone, so it is not used there.
  spec.head_dim = spec.latent ? spec.latent->qk_nope_head_dim + spec.latent->qk_rope_head_dim
                              : read_head_dim(fields, spec);
  spec.rotary_dim = read_rotary_dim(fields, spec);
  spec.linear = read_linear_attention(fields, spec);
  spec.low_rank = read_low_rank(fields);
  spec.max_position_tokens = fields.count(
      {"max_position_embeddings", "seq_length", "model_max_length", "n_positions", "max_seq_len"},
      kMostTokens);
  spec.vocab_size = read_vocab_size(fields, root, spec);
  spec.mtp_layers = read_mtp_layers(fields);
  spec.tied_embeddings = read_tied(fields, root, spec);
  read_traits(fields, spec);
  read_dtype(fields, root, spec);
  read_layers(fields, spec);
  read_experts(fields, spec);
  read_quantization(fields, root, spec);
  read_encoder(root, spec);
  return spec;
}

std::string attention_name(const ModelSpec& spec) {
  if (spec.attention.size() > 1) return "hybrid";
  if (spec.latent) return "mla";
  if (spec.kv_heads == spec.heads) return "mha";
  return spec.kv_heads == 1 ? "mqa" : "gqa";
}

}  // namespace ms
