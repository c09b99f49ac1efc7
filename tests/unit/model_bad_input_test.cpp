// Every field of known configs, replaced by what does not belong there: an error that names file and field,
// or a fallback that is said, and never a number that means nothing.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/units.hpp"
#include "knowledge/knowledge.hpp"
#include "model/kv_cache.hpp"
#include "model/parameters.hpp"
#include "plan/memory_plan.hpp"

namespace ms {
namespace {

// What memory depends on. Equal numbers mean that a change made no difference.
struct Numbers {
  std::int64_t kv = 0;
  std::int64_t kv_of_request = 0;
  std::int64_t parameters = 0;
  std::int64_t weights = 0;

  friend bool operator==(const Numbers&, const Numbers&) = default;
};

struct Outcome {
  std::string error;  // empty where the config was read
  Numbers numbers;
  std::vector<std::string> notes;
};

PlanInputs inputs_of(const ModelSpec& spec) {
  PlanInputs inputs;
  inputs.spec = spec;
  inputs.weights = weights_from_spec(spec);
  inputs.memory.total = {.value = 64 * kGiB, .source = "test", .assumed = false};
  inputs.workload = {
      .input = {.mean = 256, .max = 256}, .output = {.mean = 256, .max = 256}, .requests = std::nullopt};
  return inputs;
}

// A model that keeps nothing of a request, weighs nothing, or has less than nothing left makes no sense.
void check_sense(const MemoryPlan& plan, const Numbers& numbers) {
  CHECK(numbers.kv >= 0);
  CHECK(numbers.kv_of_request > 0);
  CHECK(numbers.parameters > 0);
  CHECK(numbers.weights > 0);
  CHECK(plan.kv_budget_bytes >= 0);
  CHECK(plan.kv_shortfall_bytes >= 0);
  CHECK(plan.blocks >= 0);
  CHECK(plan.blocks <= 64 * kGiB);
  CHECK(plan.max_batch_size.low >= 0);
  CHECK(plan.max_batch_size.low <= plan.max_batch_size.high);
  CHECK((plan.kv_budget_bytes > 0 || plan.max_batch_size.high == 0));
}

Outcome outcome_of(const Json& config) {
  try {
    const ModelSpec spec = read_model_spec(config, "config.json");
    const MemoryPlan plan = make_memory_plan(inputs_of(spec));
    const KvCache cache = kv_cache(spec, {});
    const Numbers numbers = {.kv = kv_bytes_per_token_per_rank(spec, {}),
                             .kv_of_request = kv_bytes_of_request(cache, 4096, 0),
                             .parameters = count_parameters(spec).total(),
                             .weights = weights_from_spec(spec).bytes};
    check_sense(plan, numbers);
    return {.error = {}, .numbers = numbers, .notes = spec.notes};
  } catch (const InputError& error) {
    return {.error = error.what(), .numbers = {}, .notes = {}};
  }
}

// Configs of every kind of attention, layers, experts and encoders.
std::vector<Json> configs() {
  std::vector<Json> list;
  for (const KnownModel& model : load_knowledge().models) list.push_back(model.config);
  for (
      const char* text :
      {R"({"model_type": "nemotron_h", "hidden_size": 4096, "num_hidden_layers": 4, "hybrid_override_pattern": "M-M*",
            "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 21504,
            "vocab_size": 131072, "mamba_num_heads": 128, "mamba_head_dim": 64, "n_groups": 8, "ssm_state_size": 128,
            "conv_kernel": 4, "torch_dtype": "bfloat16"})",
       R"({"model_type": "kimi_linear", "hidden_size": 2304, "num_hidden_layers": 4, "num_attention_heads": 32,
            "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
            "vocab_size": 163840, "intermediate_size": 9216, "moe_intermediate_size": 1024, "num_experts": 256,
            "num_experts_per_token": 8, "num_shared_experts": 1, "first_k_dense_replace": 1, "torch_dtype": "bfloat16",
            "linear_attn_config": {"full_attn_layers": [4], "head_dim": 128, "num_heads": 32}})",
       R"({"model_type": "gemma3_text", "num_hidden_layers": 12, "hidden_size": 1152, "num_attention_heads": 4,
            "num_key_value_heads": 1, "head_dim": 256, "sliding_window": 512, "vocab_size": 262144,
            "intermediate_size": 6912, "torch_dtype": "bfloat16"})",
       R"({"model_type": "deepseek_v4", "num_hidden_layers": 4, "hidden_size": 4096, "num_attention_heads": 64,
            "num_key_value_heads": 1, "head_dim": 512, "sliding_window": 128, "compress_ratios": [0, 4, 128, 4],
            "q_lora_rank": 1024, "o_lora_rank": 1024, "o_groups": 8, "vocab_size": 1000, "moe_intermediate_size": 2048,
            "n_routed_experts": 8, "num_experts_per_tok": 2, "torch_dtype": "bfloat16"})",
       R"({"model_type": "jamba", "num_hidden_layers": 8, "hidden_size": 4096, "num_attention_heads": 32,
            "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 65536, "attn_layer_period": 8,
            "attn_layer_offset": 4, "num_experts": 16, "num_experts_per_tok": 2, "torch_dtype": "bfloat16"})",
       R"({"model_type": "minimax_text_01", "num_hidden_layers": 4, "hidden_size": 6144, "num_attention_heads": 64,
            "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 9216, "vocab_size": 200064,
            "attn_type_list": [0, 0, 0, 1], "num_local_experts": 32, "num_experts_per_tok": 2, "torch_dtype": "bfloat16"})",
       R"({"model_type": "chatglm", "num_layers": 40, "hidden_size": 4096, "num_attention_heads": 32,
            "multi_query_attention": true, "multi_query_group_num": 2, "kv_channels": 128, "ffn_hidden_size": 13696,
            "padded_vocab_size": 151552, "seq_length": 131072, "torch_dtype": "bfloat16"})",
       R"({"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 8,
            "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 1000, "torch_dtype": "bfloat16",
            "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128,
                                    "modules_to_not_convert": ["lm_head"]},
            "vision_config": {"depth": 2, "hidden_size": 64, "intermediate_size": 128, "patch_size": 14,
                              "in_chans": 3, "out_hidden_size": 64, "spatial_merge_size": 2}})"}) {
    list.push_back(Json::parse(text));
  }
  return list;
}

// Members of a config and of the objects in it.
std::vector<Json::json_pointer> fields_of(const Json& config,
                                          const Json::json_pointer& at = Json::json_pointer()) {
  std::vector<Json::json_pointer> fields;
  for (const auto& [name, value] : config.at(at).items()) {
    fields.push_back(at / name);
    if (!value.is_object()) continue;
    const auto inner = fields_of(config, at / name);
    fields.insert(fields.end(), inner.begin(), inner.end());
  }
  return fields;
}

// Fields without which a config says something else and not less: what they describe is not there, or is as
// the model's class has it by default.
bool may_be_left_out(const std::string& name) {
  static const std::set<std::string> kOptional = {
      "tie_word_embeddings", "attention_bias", "add_qkv_bias", "use_qk_norm", "q_lora_rank", "index_head_dim",
      "index_n_heads", "o_lora_rank", "o_groups", "n_groups", "shared_expert_intermediate_size",
      "num_shared_experts", "quantization_config", "quantize", "modules_to_not_convert", "ignore",
      "group_size", "bits", "attn_type_list", "linear_attn_config", "num_local_experts", "num_experts",
      // as wide as hidden / heads, as in the first Llama
      "head_dim"};
  return kOptional.contains(name);
}

// Calls `visit` with every config, every field of it, and what becomes of the config without it.
template <class Visit>
void for_every_field(Visit visit) {
  for (const Json& config : configs()) {
    CAPTURE(config.value("model_type", "?"));
    const Outcome whole = outcome_of(config);
    REQUIRE(whole.error.empty());
    for (const auto& field : fields_of(config)) {
      CAPTURE(field.to_string());
      Json without = config;
      without.at(field.parent_pointer()).erase(field.back());
      visit(config, field, whole, outcome_of(without));
    }
  }
}

// "config.json: ... 'field' ...", whose field is one that the config has or should have.
bool names_file_and_field(const std::string& error) {
  return error.starts_with("config.json: ") && error.find('\'') != std::string::npos;
}

TEST_CASE("a config without one of its fields is an error, says its fallback, or means something else") {
  for_every_field(
      [](const Json&, const Json::json_pointer& field, const Outcome& whole, const Outcome& erased) {
        if (!erased.error.empty()) {
          CAPTURE(erased.error);
          CHECK(names_file_and_field(erased.error));
          return;
        }
        const bool said = erased.notes != whole.notes;
        CHECK((erased.numbers == whole.numbers || said || may_be_left_out(field.back())));
      });
}

TEST_CASE("a field that is null counts as one that is not there") {
  for_every_field([](Json config, const Json::json_pointer& field, const Outcome&, const Outcome& erased) {
    config[field] = nullptr;
    const Outcome outcome = outcome_of(config);
    CHECK(outcome.error == erased.error);
    CHECK(outcome.numbers == erased.numbers);
  });
}

TEST_CASE("a field of no meaning is an error that names it, or changes nothing") {
  const std::vector<Json> senseless = {Json("x"),
                                       Json(""),
                                       Json(-1),
                                       Json(-1e30),
                                       Json(0.5),
                                       Json(1e300),
                                       Json(INT64_MAX),
                                       Json(INT64_MIN),
                                       Json(UINT64_MAX),
                                       Json({{"a", nullptr}}),
                                       Json::array({-1}),
                                       Json::array({""}),
                                       Json::array({nullptr}),
                                       Json::array({1e300}),
                                       Json::array({Json::array()})};
  for_every_field(
      [&](const Json& config, const Json::json_pointer& field, const Outcome& whole, const Outcome& erased) {
        for (const Json& value : senseless) {
          CAPTURE(value.dump());
          Json changed = config;
          changed[field] = value;
          const Outcome outcome = outcome_of(changed);
          CAPTURE(outcome.error);
          if (outcome.error.empty()) {
            const bool same = outcome.numbers == whole.numbers || outcome.numbers == erased.numbers;
            const bool said = outcome.notes != whole.notes && outcome.notes != erased.notes;
            CHECK((same || said));
          } else {
            CHECK((outcome.error == erased.error || names_file_and_field(outcome.error)));
          }
        }
      });
}

TEST_CASE(
    "a field of a possible, but contradictory or extreme value is an error or gives numbers that make "
    "sense") {
  const std::vector<Json> extreme = {Json(0),    Json(1),           Json("7"),     Json(10'000),
                                     Json(true), Json(100'000'000), Json::array(), Json::object()};
  for_every_field([&](const Json& config, const Json::json_pointer& field, const Outcome&, const Outcome&) {
    for (const Json& value : extreme) {
      CAPTURE(value.dump());
      Json changed = config;
      changed[field] = value;
      const Outcome outcome = outcome_of(changed);  // checks the numbers
      CAPTURE(outcome.error);
      if (!outcome.error.empty()) CHECK(outcome.error.starts_with("config.json: "));
    }
  });
}

TEST_CASE("a model whose layers keep nothing has no cache to plan") {
  const Json config = Json::parse(R"({"model_type": "nemotron_h", "hidden_size": 64, "num_hidden_layers": 2,
      "hybrid_override_pattern": "--", "num_attention_heads": 2, "intermediate_size": 128, "vocab_size": 100})");
  CHECK(outcome_of(config).error ==
        "config.json: none of its layers keeps K and V, or a state of known size: there is no cache to plan");
}

TEST_CASE("a model of states alone fits by its states, and has no blocks") {
  const Json config = Json::parse(R"({"model_type": "nemotron_h", "hidden_size": 4096, "num_hidden_layers": 2,
      "hybrid_override_pattern": "MM", "num_attention_heads": 32, "intermediate_size": 128, "vocab_size": 100,
      "mamba_num_heads": 128, "mamba_head_dim": 64, "n_groups": 8, "ssm_state_size": 128, "conv_kernel": 4})");
  const MemoryPlan plan = make_memory_plan(inputs_of(read_model_spec(config, "config.json")));
  CHECK(plan.blocks == 0);
  // 128 x 64 x 128 x 4 B of state and 3 x (128 x 64 + 2 x 8 x 128) x 2 B of convolution in each of two
  // layers.
  CHECK(plan.kv_state_bytes_per_request == 2 * (128 * 64 * 128 * 4 + 3 * (128 * 64 + 2 * 8 * 128) * 2));
  CHECK(plan.max_batch_size.low == plan.kv_budget_bytes / plan.kv_state_bytes_per_request);
  CHECK(plan.warnings.empty());
}

}  // namespace
}  // namespace ms
