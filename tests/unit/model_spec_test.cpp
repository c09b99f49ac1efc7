#include <doctest/doctest.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"
#include "knowledge/knowledge.hpp"
#include "model/spec.hpp"

namespace ms {
namespace {

Json small_config() {
  return Json::parse(R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "num_hidden_layers": 4,
      "hidden_size": 64, "num_attention_heads": 8, "num_key_value_heads": 2, "intermediate_size": 128,
      "vocab_size": 1000, "torch_dtype": "bfloat16"})");
}

ModelSpec read(const Json& config) {
  return read_model_spec(config, "config.json");
}

std::string error_of(const Json& config) {
  try {
    read(config);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

bool has_note(const ModelSpec& spec, const std::string& part) {
  return std::any_of(spec.notes.begin(), spec.notes.end(),
                     [&](const std::string& note) { return note.find(part) != note.npos; });
}

TEST_CASE("the head dimension is the stated one, else hidden size by heads") {
  CHECK(read(small_config()).head_dim == 8);
  Json config = small_config();
  config["head_dim"] = 128;
  CHECK(read(config).head_dim == 128);
  config["head_dim"] = nullptr;
  CHECK(read(config).head_dim == 8);
}

TEST_CASE("the part of a head that is rotated is the stated share of it") {
  CHECK(read(small_config()).rotary_dim == 8);
  Json config = small_config();
  config["partial_rotary_factor"] = 0.25;
  CHECK(read(config).rotary_dim == 2);
  config.erase("partial_rotary_factor");
  config["rope_parameters"] = {{"partial_rotary_factor", 0.5}};
  CHECK(read(config).rotary_dim == 4);
  for (const Json& wrong : {Json(0), Json(-1), Json(2), Json("x"), Json(true)}) {
    config["partial_rotary_factor"] = wrong;
    CHECK(error_of(config).find("'partial_rotary_factor' must be a number above 0") != std::string::npos);
  }
}

TEST_CASE("the head dimension of MLA is not the one that its config states") {
  Json config = small_config();
  config.update({{"kv_lora_rank", 512},
                 {"qk_rope_head_dim", 64},
                 {"qk_nope_head_dim", 128},
                 {"v_head_dim", 128},
                 {"head_dim", 64}});
  const ModelSpec spec = read(config);
  CHECK(spec.head_dim == 192);
  CHECK(attention_name(spec) == "mla");
}

TEST_CASE("attention is named by how heads share K and V") {
  Json config = small_config();
  CHECK(attention_name(read(config)) == "gqa");
  config["num_key_value_heads"] = 8;
  CHECK(attention_name(read(config)) == "mha");
  config["num_key_value_heads"] = 1;
  CHECK(attention_name(read(config)) == "mqa");
  config["layer_types"] = {"full_attention", "linear_attention", "full_attention", "linear_attention"};
  CHECK(attention_name(read(config)) == "hybrid");
}

TEST_CASE("a missing field is named, and so is its file") {
  for (const char* field : {"num_hidden_layers", "hidden_size", "num_attention_heads"}) {
    Json config = small_config();
    config.erase(field);
    CHECK(error_of(config) == std::string("config.json: has no '") + field + "'");
    config[field] = nullptr;
    CHECK(error_of(config) == std::string("config.json: has no '") + field + "'");
  }
}

TEST_CASE("a field of a wrong type or range is an error that shows it") {
  Json config = small_config();
  config["num_hidden_layers"] = "many";
  CHECK(error_of(config) ==
        "config.json: 'num_hidden_layers' must be a whole number from 1 to 10000, not \"many\"");
  for (const Json& wrong : {Json(0), Json(-1), Json(1e30), Json(3.5), Json(true), Json(Json::array()),
                            Json(18446744073709551615ULL)}) {
    for (const char* field : {"num_hidden_layers", "hidden_size", "num_attention_heads",
                              "num_key_value_heads", "intermediate_size", "vocab_size", "head_dim"}) {
      config = small_config();
      config[field] = wrong;
      CAPTURE(field);
      CAPTURE(wrong.dump());
      CHECK(error_of(config).find(field) != std::string::npos);
    }
  }
}

TEST_CASE("numbers written as strings are taken, and a note names them") {
  Json config = small_config();
  config["num_hidden_layers"] = "32";
  const ModelSpec spec = read_model_spec(config, "config.json");
  CHECK(spec.layers == 32);
  REQUIRE_FALSE(spec.notes.empty());
  CHECK(spec.notes.front() == "numbers that are written as strings are taken for numbers: num_hidden_layers");
}

TEST_CASE("a whole number written with a point is taken") {
  Json config = small_config();
  config["hidden_size"] = 64.0;
  CHECK(read(config).hidden_size == 64);
}

TEST_CASE("fields that contradict each other are an error") {
  Json config = small_config();
  config["num_key_value_heads"] = 3;
  CHECK(error_of(config).find("does not divide 'num_attention_heads' 8") != std::string::npos);
  config = small_config();
  config["num_attention_heads"] = 6;
  CHECK(error_of(config).find("does not divide 'hidden_size' 64") != std::string::npos);
  config = small_config();
  config["layer_types"] = {"full_attention"};
  CHECK(error_of(config) == "config.json: 'layer_types' lists 1 layers, but the model has 4");
  config = small_config();
  config["num_experts"] = 8;
  CHECK(error_of(config).find("num_experts_per_tok") != std::string::npos);
  config["num_experts_per_tok"] = 9;
  CHECK(error_of(config).find("must be a whole number from 1 to 8, not 9") != std::string::npos);
}

TEST_CASE("what is not a config is an error") {
  CHECK(error_of(Json::array()) == "config.json: must hold a JSON object");
  CHECK(error_of(Json("x")) == "config.json: must hold a JSON object");
  CHECK(error_of(Json::object()) == "config.json: has no 'num_hidden_layers'");
}

TEST_CASE("fallbacks are taken aloud") {
  Json config = small_config();
  config.erase("num_key_value_heads");
  config.erase("torch_dtype");
  config.erase("intermediate_size");
  const ModelSpec spec = read(config);
  CHECK(spec.kv_heads == 8);
  CHECK(spec.intermediate_size == 256);
  CHECK(has_note(spec, "num_key_value_heads"));
  CHECK(has_note(spec, "bfloat16 is assumed"));
  CHECK(has_note(spec, "intermediate_size"));
  CHECK(read(small_config()).notes.empty());
}

TEST_CASE("the dtype is read under both of its names, also beside a nested model") {
  Json config = small_config();
  config.erase("torch_dtype");
  config["dtype"] = "float32";
  CHECK(read(config).dtype_bytes == 4);
  const Json nested = {{"text_config", config}, {"dtype", "float16"}, {"model_type", "outer"}};
  CHECK(read(nested).dtype_bytes == 4);
  config.erase("dtype");
  CHECK(read({{"text_config", config}, {"torch_dtype", "float16"}}).dtype == "float16");
}

TEST_CASE("a multimodal model's language model is the one that counts") {
  for (const char* name : {"text_config", "llm_config"}) {
    const ModelSpec spec = read({{name, small_config()}, {"architectures", {"SomeVL"}}});
    CHECK(spec.layers == 4);
    CHECK(spec.architecture == "SomeVL");
    CHECK(has_note(spec, "language model"));
  }
}

TEST_CASE("ChatGLM's names of fields are understood") {
  const Json config = Json::parse(R"({"model_type": "chatglm", "num_layers": 40, "hidden_size": 4096,
      "num_attention_heads": 32, "multi_query_attention": true, "multi_query_group_num": 2, "kv_channels": 128,
      "ffn_hidden_size": 13696, "padded_vocab_size": 151552, "seq_length": 131072, "torch_dtype": "bfloat16"})");
  const ModelSpec spec = read(config);
  CHECK(spec.layers == 40);
  CHECK(spec.kv_heads == 2);
  CHECK(spec.head_dim == 128);
  CHECK(spec.intermediate_size == 13696);
  CHECK(spec.vocab_size == 151552);
  CHECK(*spec.max_position_tokens == 131072);
}

TEST_CASE("quantisation is read from the file's own mark or MindIE's") {
  Json config = small_config();
  config["quantize"] = "w8a8_dynamic";
  CHECK(read(config).quantization->mlp_bytes == doctest::Approx(1.005));
  config = small_config();
  config["quantization_config"] = {{"quant_method", "awq"}, {"bits", 4}, {"group_size", 128}};
  CHECK(read(config).quantization->mlp_bytes == doctest::Approx(0.5 + 2.0 / 128));
  config["quantization_config"] = {{"quant_method", "mystery"}};
  CHECK_FALSE(read(config).quantization.has_value());
  CHECK(has_note(read(config), "'mystery' is not known"));
}

TEST_CASE("windows are used only where the model switches them on") {
  Json config = small_config();
  config["model_type"] = "qwen2";
  config["sliding_window"] = 4096;
  config["use_sliding_window"] = false;
  CHECK(read(config).attention.size() == 1);
  CHECK(read(config).attention[0].kind == LayerKind::full);
  config["use_sliding_window"] = true;
  config["max_window_layers"] = 3;
  const ModelSpec spec = read(config);
  REQUIRE(spec.attention.size() == 2);
  CHECK(spec.attention[0].layers == 3);
  CHECK(spec.attention[1].kind == LayerKind::sliding);
  CHECK(spec.attention[1].window_tokens == 4096);
}

TEST_CASE("an unknown kind of layer is counted as full attention, aloud") {
  Json config = small_config();
  config["layer_types"] = {"full_attention", "novel", "novel", "full_attention"};
  const ModelSpec spec = read(config);
  CHECK(spec.attention.size() == 1);
  CHECK(has_note(spec, "'novel' is not modelled"));
}

TEST_CASE("every known model gives a spec whose layers add up") {
  for (const KnownModel& model : load_knowledge().models) {
    CAPTURE(model.name);
    const ModelSpec spec = read_model_spec(model.config, model.source);
    std::int64_t layers = 0;
    for (const AttentionLayers& group : spec.attention) layers += group.layers;
    CHECK(layers == spec.layers);
    CHECK(spec.vocab_size > 0);
  }
}

}  // namespace
}  // namespace ms
