#include <doctest/doctest.h>

#include "base/error.hpp"
#include "knowledge/knowledge.hpp"
#include "model/kv_cache.hpp"
#include "model/parameters.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

ModelSpec known(const char* name) {
  static const Knowledge knowledge = load_knowledge();
  const KnownModel& model = find_model(knowledge.models, name, "test");
  return read_model_spec(model.config, model.source);
}

std::int64_t kv(const char* name, std::int64_t tp, std::int64_t element_bytes = 2) {
  return kv_bytes_per_token_per_rank(known(name), {.tp = tp}, {.element_bytes = element_bytes});
}

struct Vector {
  const char* model;
  std::int64_t tp1, tp2, tp4, tp8;
};

TEST_CASE("KV bytes per token and rank are those worked out by hand for known models") {
  // 2 x layers x KV heads on the rank x head_dim x 2 B, for example Qwen2.5-7B: 2 x 28 x 4 x 128 x 2 = 57
  // 344.
  const Vector vectors[] = {
      {"Qwen2.5-7B", 57'344, 28'672, 14'336, 14'336},
      {"Llama-3-8B", 131'072, 65'536, 32'768, 16'384},
      {"Qwen3-8B", 147'456, 73'728, 36'864, 18'432},
      {"Qwen2.5-14B", 196'608, 98'304, 49'152, 24'576},
      {"Qwen3-32B", 262'144, 131'072, 65'536, 32'768},
      {"Llama-3.1-70B", 327'680, 163'840, 81'920, 40'960},
      {"Qwen2.5-72B", 327'680, 163'840, 81'920, 40'960},
      {"Qwen3-30B-A3B", 98'304, 49'152, 24'576, 24'576},
      {"Qwen3-235B-A22B", 192'512, 96'256, 48'128, 48'128},
      {"DeepSeek-V3", 70'272, 70'272, 70'272, 70'272},
  };
  for (const Vector& vector : vectors) {
    CAPTURE(vector.model);
    CHECK(kv(vector.model, 1) == vector.tp1);
    CHECK(kv(vector.model, 2) == vector.tp2);
    CHECK(kv(vector.model, 4) == vector.tp4);
    CHECK(kv(vector.model, 8) == vector.tp8);
  }
  CHECK(kv("Llama-3.1-70B", 16) == 40'960);
}

TEST_CASE("a block of 128 tokens takes 7 MiB of Qwen2.5-7B, and half of that on two ranks") {
  const auto mebibytes = [](const char* name, std::int64_t tp) {
    return static_cast<double>(128 * kv(name, tp)) / 0x1p20;
  };
  CHECK(mebibytes("Qwen2.5-7B", 1) == 7);
  CHECK(mebibytes("Qwen2.5-7B", 2) == 3.5);
  CHECK(mebibytes("Qwen2.5-7B", 4) == 1.75);
  CHECK(mebibytes("Qwen2.5-7B", 8) == 1.75);
  CHECK(mebibytes("Llama-3-8B", 1) == 16);
  CHECK(mebibytes("Llama-3-8B", 8) == 2);
  CHECK(mebibytes("Qwen3-8B", 1) == 18);
  CHECK(mebibytes("Qwen2.5-14B", 1) == 24);
  CHECK(mebibytes("Qwen3-32B", 1) == 32);
  CHECK(mebibytes("Qwen2.5-72B", 1) == 40);
  CHECK(mebibytes("Qwen3-30B-A3B", 1) == 12);
  CHECK(mebibytes("Qwen3-235B-A22B", 1) == 23.5);
  CHECK(mebibytes("DeepSeek-V3", 8) == doctest::Approx(8.578).epsilon(0.0001));
}

TEST_CASE("compressed layers keep a window, and one vector for every ratio tokens") {
  const Json config = Json::parse(R"({"num_hidden_layers": 4, "hidden_size": 4096, "num_attention_heads": 64,
      "num_key_value_heads": 1, "head_dim": 512, "sliding_window": 128, "compress_ratios": [0, 4, 128, 4],
      "vocab_size": 1000, "intermediate_size": 2048, "torch_dtype": "bfloat16"})");
  const KvCache cache = kv_cache(read_model_spec(config, "config.json"), {});
  // A vector is 512 x 2 B = 1024 B: two layers / 4 and one / 128 of each token, and four of the last 128.
  CHECK(cache.bytes_per_token == 2 * 1024 / 4 + 1024 / 128);
  CHECK(kv_bytes_of_request(cache, 1024, 0) == 520 * 1024 + 4 * 1024 * 128);
}

TEST_CASE("a rank holds one KV head when there are more ranks than heads") {
  CHECK(kv_heads_per_rank(4, 8, "test") == 1);
  CHECK(kv_heads_per_rank(4, 4, "test") == 1);
  CHECK(kv_heads_per_rank(8, 2, "test") == 4);
}

TEST_CASE("ranks that do not fit the KV heads are an error that names the ones that do") {
  CHECK_THROWS_WITH_AS(kv_heads_per_rank(8, 3, "--tp"),
                       "--tp: tp 3 does not fit 8 KV heads: use 1, 2, 4, 8 or a "
                       "multiple of 8",
                       InputError);
  CHECK_THROWS_AS(kv_heads_per_rank(8, 12, "--tp"), InputError);
}

TEST_CASE("a running draft layer adds a layer's cache") {
  // 62 layers x 576 x 2 B.
  CHECK(kv_bytes_per_token_per_rank(known("DeepSeek-V3"), {}, {.draft_layers = 1}) == 71'424);
}

TEST_CASE("the indexer of sparse attention keeps its own key of every token") {
  // (78 + 1) layers x (512 + 64 + 128) x 2 B, as a start-up log of GLM-5 with its draft layer shows.
  CHECK(kv_bytes_per_token_per_rank(known("GLM-5"), {}, {.draft_layers = 1}) == 111'232);
}

TEST_CASE("DeepSeek-V3.2 keeps its indexer's key of every layer") {
  static const Knowledge knowledge = load_knowledge();
  Json config = find_model(knowledge.models, "DeepSeek-V3", "test").config;
  config.update({{"index_n_heads", 64}, {"index_head_dim", 128}, {"index_topk", 2048}});
  // 61 layers x (512 + 64 + 128) x 2 B
  CHECK(kv_bytes_per_token_per_rank(read_model_spec(config, "config.json"), {.tp = 8}) == 85'888);
}

TEST_CASE("an 8-bit cache takes half, and a model says when its own cache is 8 bits") {
  CHECK(kv("Qwen2.5-3B", 1, 1) == 18'432);
  CHECK(default_kv_element_bytes(known("Qwen2.5-3B")) == 2);
  const Json config = Json::parse(R"({"num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2,
      "vocab_size": 10, "intermediate_size": 16,
      "quantization_config": {"quant_algo": "FP8", "kv_cache_scheme": "FP8"}})");
  CHECK(default_kv_element_bytes(read_model_spec(config, "config.json")) == 1);
}

TEST_CASE("layers of linear attention keep a state and no tokens") {
  // 12 of 48 layers: 2 x 12 x 2 x 256 x 2 B; two KV heads, so two ranks split them and four replicate.
  CHECK(kv("Qwen3-Next-80B-A3B-Instruct", 1) == 24'576);
  CHECK(kv("Qwen3-Next-80B-A3B-Instruct", 2) == 12'288);
  CHECK(kv("Qwen3-Next-80B-A3B-Instruct", 4) == 12'288);
  const KvCache cache = kv_cache(known("Qwen3-Next-80B-A3B-Instruct"), {});
  // 36 layers x (32 x 128 x 128 x 4 B of state + 3 x 8192 x 2 B of convolution).
  CHECK(cache.state_bytes_per_request == 36 * (32 * 128 * 128 * 4 + 3 * 8192 * 2));
}

TEST_CASE("layers with a window are counted apart") {
  const KvCache cache = kv_cache(known("gpt-oss-20b"), {});
  CHECK(cache.bytes_per_token == 2 * 12 * 8 * 64 * 2);
  CHECK(cache.window_bytes_per_token == 2 * 12 * 8 * 64 * 2);
  CHECK(cache.window_tokens == 128);
  CHECK(kv("gpt-oss-20b", 1) == 49'152);
}

TEST_CASE("a request keeps a window and a chunk in layers with a window, and everything in the others") {
  // gpt-oss-20b: 12 layers of each kind, 2 x 8 heads x 64 x 2 B = 2048 B a layer and token, window 128.
  const KvCache gpt = kv_cache(known("gpt-oss-20b"), {});
  CHECK(kv_bytes_of_request(gpt, 100, 0) == 24 * 2048 * 100);
  CHECK(kv_bytes_of_request(gpt, 10'000, 0) == 12 * 2048 * 10'000 + 12 * 2048 * 128);
  CHECK(kv_bytes_of_request(gpt, 10'000, 2048) == 12 * 2048 * 10'000 + 12 * 2048 * (128 + 2048));
  CHECK(kv_bytes_of_request(keeping_whole_windows(gpt), 10'000, 2048) == 24 * 2048 * 10'000);
  // Gemma 2 of 26 layers, every second with a window of 4096: 2 x 4 heads x 256 x 2 B = 4096 B.
  const Json gemma2 = Json::parse(R"({"model_type": "gemma2", "num_hidden_layers": 26, "hidden_size": 2304,
      "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "sliding_window": 4096, "vocab_size": 256000,
      "intermediate_size": 9216, "torch_dtype": "bfloat16"})");
  CHECK(kv_bytes_of_request(kv_cache(read_model_spec(gemma2, "config.json"), {}), 8192, 0) ==
        13 * 4096 * 8192 + 13 * 4096 * 4096);
  // Gemma 3 of 26 layers, every sixth full (4), a window of 512: 2 x 1 head x 256 x 2 B = 1024 B.
  const Json gemma3 =
      Json::parse(R"({"model_type": "gemma3_text", "num_hidden_layers": 26, "hidden_size": 1152,
      "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 256, "sliding_window": 512, "vocab_size": 262144,
      "intermediate_size": 6912, "torch_dtype": "bfloat16"})");
  CHECK(kv_bytes_of_request(kv_cache(read_model_spec(gemma3, "config.json"), {}), 32'768, 0) ==
        4 * 1024 * 32'768 + 22 * 1024 * 512);
  // Mistral-7B v0.1: all 32 layers have a window of 4096: 2 x 8 heads x 128 x 2 B = 4096 B.
  const Json mistral = Json::parse(R"({"model_type": "mistral", "num_hidden_layers": 32, "hidden_size": 4096,
      "num_attention_heads": 32, "num_key_value_heads": 8, "sliding_window": 4096, "vocab_size": 32000,
      "intermediate_size": 14336, "torch_dtype": "bfloat16"})");
  CHECK(kv_bytes_of_request(kv_cache(read_model_spec(mistral, "config.json"), {}), 30'000, 0) ==
        32 * 4096LL * 4096);
  // Qwen2 that switches its windows on after 28 of 32 layers: 2 x 4 heads x 128 x 2 B = 2048 B.
  const Json qwen2 = Json::parse(R"({"model_type": "qwen2", "num_hidden_layers": 32, "hidden_size": 3584,
      "num_attention_heads": 28, "num_key_value_heads": 4, "use_sliding_window": true, "sliding_window": 1024,
      "max_window_layers": 28, "vocab_size": 152064, "intermediate_size": 18944, "torch_dtype": "bfloat16"})");
  CHECK(kv_bytes_of_request(kv_cache(read_model_spec(qwen2, "config.json"), {}), 5000, 0) ==
        28 * 2048 * 5000 + 4 * 2048 * 1024);
  // Linear attention keeps a state of any length: Qwen3-Next, 12 layers of 2 x 2 heads x 256 x 2 B = 2048 B.
  const KvCache next = kv_cache(known("Qwen3-Next-80B-A3B-Instruct"), {});
  CHECK(kv_bytes_of_request(next, 1000, 0) == 12 * 2048 * 1000 + next.state_bytes_per_request);
  CHECK(kv_bytes_of_request(gpt, kSaturated, kSaturated) == kSaturated);
}

TEST_CASE("a draft model of EAGLE adds one layer's cache") {
  // vLLM and vLLM-Ascend logged 135 168 B for Llama-3.1-8B with EAGLE: 33 layers x 2 x 8 x 128 x 2.
  CHECK(kv_bytes_per_token_per_rank(known("Llama-3.1-8B"), {}, {.draft_layers = 1}) == 135'168);
}

// As Nemotron-H-8B states itself: 24 layers of Mamba, 24 of MLP, 4 of attention.
constexpr const char* kNemotron =
    R"({"model_type": "nemotron_h", "hidden_size": 4096, "num_hidden_layers": 52,
  "hybrid_override_pattern": "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-", "num_attention_heads": 32,
  "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 21504, "vocab_size": 131072, "mamba_num_heads": 128,
  "mamba_head_dim": 64, "n_groups": 8, "ssm_state_size": 128, "conv_kernel": 4, "torch_dtype": "bfloat16",
  "tie_word_embeddings": false})";

TEST_CASE("a hybrid of Mamba, MLP and attention keeps tokens in its four layers of attention alone") {
  const ModelSpec spec = read_model_spec(parse_json(kNemotron, "config.json"), "config.json");
  CHECK(kv_bytes_per_token_per_rank(spec, {}) == 4 * 2 * 8 * 128 * 2);
  // Published as 8.1 billion parameters.
  CHECK(static_cast<double>(count_parameters(spec).total()) == doctest::Approx(8.1e9).epsilon(0.02));
  CHECK_THROWS_AS(
      read_model_spec(parse_json(R"({"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 1,
      "vocab_size": 5, "intermediate_size": 8, "hybrid_override_pattern": "MX"})",
                                 "config.json"),
                      "config.json"),
      InputError);
}

TEST_CASE("pipeline stages divide the layers, rounded up") {
  CHECK(kv_bytes_per_token_per_rank(known("Llama-3-8B"), {.pp = 2}) == 65'536);
  CHECK(kv_bytes_per_token_per_rank(known("DeepSeek-V3"), {.pp = 2}) == 31 * 576 * 2);
}

TEST_CASE("parallelism that does not fit a model is an error that names what does") {
  CHECK_THROWS_WITH_AS(require_valid({.tp = 6, .moe_ep = 6}, known("DeepSeek-V3"), "--tp"),
                       doctest::Contains("use 1, 2, 4, 8, 16, 32, 64, 128, 256"), InputError);
  CHECK_THROWS_WITH_AS(require_valid({.pp = 37}, known("Qwen3-8B"), "--pp"), doctest::Contains("use 1 to 36"),
                       InputError);
  CHECK_THROWS_AS(require_valid({.tp = 0}, known("Qwen3-8B"), "--tp"), InputError);
  CHECK_THROWS_AS(require_valid({.tp = 1'000'000}, known("DeepSeek-V3"), "--tp"), InputError);
  CHECK_THROWS_AS(require_valid({.tp = 3}, known("Qwen3-8B"), "--tp"), InputError);
  CHECK_THROWS_AS(require_valid({.pp = 37}, known("Qwen3-8B"), "--pp"), InputError);
  CHECK_THROWS_AS(require_valid({.tp = 8, .moe_tp = 4, .moe_ep = 4}, known("DeepSeek-V3"), "--tp"),
                  InputError);
  CHECK_THROWS_AS(require_valid({.tp = 3, .moe_ep = 3}, known("DeepSeek-V3"), "--tp"), InputError);
  CHECK_NOTHROW(require_valid({.tp = 8, .dp = 2, .moe_tp = 4, .moe_ep = 4}, known("DeepSeek-V3"), "--tp"));
}

}  // namespace
}  // namespace ms
