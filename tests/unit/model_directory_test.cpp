#include <doctest/doctest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "model/directory.hpp"
#include "model/kv_cache.hpp"
#include "model/parameters.hpp"
#include "support/temporary_folder.hpp"

namespace ms {
namespace {

constexpr const char* kConfig = R"({"model_type": "llama", "num_hidden_layers": 4, "hidden_size": 64,
    "num_attention_heads": 8, "intermediate_size": 128, "vocab_size": 1000, "torch_dtype": "bfloat16"})";

TEST_CASE("a model directory gives geometry, weights and a name") {
  const TemporaryFolder folder;
  const auto directory = folder / "Some-Model-7B";
  std::filesystem::create_directory(directory);
  write_file_atomically(directory / "config.json", kConfig);
  write_file_atomically(directory / "model.safetensors.index.json", R"({"metadata": {"total_size": 1234}})");
  for (const auto& path : {directory, directory / ""}) {
    const ModelDirectory model = read_model_directory(path);
    CHECK(model.spec.name == "Some-Model-7B");
    CHECK(model.spec.layers == 4);
    REQUIRE(model.weights);
    CHECK(model.weights->bytes == 1234);
  }
}

TEST_CASE("a model directory without weights says so and still has its geometry") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "config.json", kConfig);
  const ModelDirectory model = read_model_directory(folder.path());
  CHECK(model.spec.hidden_size == 64);
  CHECK_FALSE(model.weights);
  CHECK_THROWS_AS(read_model_directory(folder / "missing"), InputError);
}

TEST_CASE("the quantiser's own description counts where the config has none") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "config.json", kConfig);
  // ModelSlim's; a real one goes on for megabytes.
  write_file_atomically(
      folder / "quant_model_description_w8a8.json",
      R"({"model_quant_type": "W8A8", "kv_quant_type": "C8", "model.embed_tokens.weight": "FLOAT"})");
  ModelSpec spec = read_model_directory(folder.path()).spec;
  REQUIRE(spec.quantization);
  CHECK(spec.quantization->mlp_bytes == doctest::Approx(1.005));
  CHECK(default_kv_element_bytes(spec) == 1);
  // ModelOpt's, which is read first.
  write_file_atomically(folder / "hf_quant_config.json",
                        R"({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "NVFP4"}})");
  spec = read_model_directory(folder.path()).spec;
  CHECK(spec.quantization->method == "NVFP4");
  CHECK(default_kv_element_bytes(spec) == 2);
}

TEST_CASE("a description says by tensor which parts are quantised, and how") {
  const Json described = quantization_of_description(
      R"({"model_quant_type": "W8A8_DYNAMIC", "model.layers.0.self_attn.q_proj.weight": "FLOAT",
          "model.layers.0.self_attn.o_proj.weight": "FLOAT", "model.layers.0.self_attn.k_proj.weight": "W8A8",
          "model.layers.0.input_layernorm.weight": "FLOAT", "model.layers.0.mlp.gate.weight": "FLOAT",
          "model.layers.0.mlp.experts.0.up_proj.weight": "W4A8_DYNAMIC", "lm_head.weight": "FLOAT"})");
  CHECK(described.at("attention_format") == "FLOAT");
  CHECK(described.at("expert_format") == "W4A8_DYNAMIC");
  CHECK_FALSE(described.contains("mlp_format"));
}

TEST_CASE("a description that is broken or says nothing changes nothing") {
  CHECK(quantization_of_description("").empty());
  CHECK(quantization_of_description("[[[[[[[[[[[[[[").empty());
  CHECK(quantization_of_description(R"({"a": "FLOAT", "b": {"c": 1})").empty());
  CHECK(quantization_of_description(R"({"model_quant_type": "W4A8", "cut off)").at("quant_method") == "W4A8");
}

TEST_CASE("Gemma's configs rely on the defaults of their class") {
  // Gemma 3 12B: 16 heads of 256 though 3840 / 16 is 240, 262 208 tokens, tied: 11.77 billion without its
  // encoder.
  const ModelSpec spec = read_model_spec(Json::parse(R"({"model_type": "gemma3", "torch_dtype": "bfloat16",
      "text_config": {"hidden_size": 3840, "intermediate_size": 15360, "model_type": "gemma3_text",
      "num_attention_heads": 16, "num_hidden_layers": 48, "num_key_value_heads": 8, "sliding_window": 1024}})"),
                                         "config.json");
  CHECK(spec.head_dim == 256);
  CHECK(spec.tied_embeddings);
  CHECK(static_cast<double>(count_parameters(spec).total()) == doctest::Approx(11.77e9).epsilon(0.005));
  const KvCache cache = kv_cache(spec, {});
  CHECK(cache.bytes_per_token == 2 * 8 * 8 * 256 * 2);  // every sixth layer keeps all
  CHECK(cache.window_tokens == 1024);
}

TEST_CASE("DeepSeek V4's narrow projections are counted") {
  // Published: 284 billion parameters, 13 billion of them active.
  const ModelSpec spec = read_model_spec(Json::parse(R"({"model_type": "deepseek_v4", "head_dim": 512,
      "hidden_size": 4096, "moe_intermediate_size": 2048, "n_routed_experts": 256, "n_shared_experts": 1,
      "num_attention_heads": 64, "num_experts_per_tok": 6, "num_hidden_layers": 4, "num_key_value_heads": 1,
      "o_groups": 8, "o_lora_rank": 1024, "q_lora_rank": 1024, "sliding_window": 128, "vocab_size": 129280,
      "torch_dtype": "bfloat16", "compress_ratios": [0, 4, 128, 4, 0]})"),
                                         "config.json");
  // Per layer, attention: 4096 x 1024 + 1024 x 32768 + 4096 x 512 + 32768 x 1024 + 8 x 1024 x 4096.
  const std::int64_t attention = 4096 * 1024 + 1024 * 32768 + 4096 * 512 + 32768 * 1024 + 8 * 1024 * 4096;
  const Parameters parameters = count_parameters(spec);
  CHECK(parameters.attention + parameters.attention_replicated == 4 * attention);
  // Ratios 4, 128 and 4: 1024 B of a token by each; the window is apart.
  CHECK(kv_bytes_per_token_per_rank(spec, {}) == 2 * 1024 / 4 + 1024 / 128);
}

}  // namespace
}  // namespace ms
