#include <doctest/doctest.h>

#include "base/units.hpp"
#include "knowledge/knowledge.hpp"
#include "plan/facts.hpp"
#include "plan/service_inputs.hpp"

namespace ms {
namespace {

constexpr const char* kConfig = R"({
    "ServerConfig": {"maxLinkNum": 1000},
    "BackendConfig": {
        "npuDeviceIds": [[0, 1, 2, 3, 4, 5, 6, 7]],
        "ModelDeployConfig": {
            "maxSeqLen": 2560,
            "ModelConfig": [{"worldSize": 8, "npuMemSize": -1, "tp": 4, "dp": 2, "sp": -1, "moe_ep": 8, "moe_tp": 1}]
        },
        "ScheduleConfig": {"cacheBlockSize": 64, "maxPrefillTokens": 4096, "maxPrefillBatchSize": 20}
    }
})";

PlanInputs example_inputs() {
  static const Knowledge knowledge = load_knowledge();
  const KnownModel& model = find_model(knowledge.models, "Qwen3-30B-A3B", "test");
  PlanInputs inputs;
  inputs.spec = read_model_spec(model.config, model.source);
  inputs.weights = weights_from_spec(inputs.spec);
  const Chip& chip = find_chip(knowledge.chips, "910B3", "test");
  inputs.memory.total = {.value = chip.hbm_bytes, .source = "910B3"};
  inputs.memory.used = {.value = *chip.idle_hbm_bytes, .source = chip.idle_source};
  inputs.workload = {
      .input = {.mean = 256, .max = 256}, .output = {.mean = 256, .max = 256}, .requests = 500};
  return inputs;
}

TEST_CASE("the facts of a plan have the members that rules rely on") {
  const PlanInputs inputs = example_inputs();
  const MemoryPlan plan = make_memory_plan(inputs);
  const Json facts = to_facts(inputs, plan);
  CHECK(facts.at("weights").at("bytes_per_rank") == plan.weights_bytes_per_rank);
  CHECK(facts.at("kv").at("bytes_per_token_per_rank") == 98'304);
  CHECK(facts.at("kv").at("budget_bytes") == plan.kv_budget_bytes);
  CHECK(facts.at("kv").at("blocks") == plan.blocks);
  CHECK(facts.at("kv").at("tokens") == plan.blocks * 128);
  for (const char* name : {"low", "expected", "high"})
    CHECK(facts.at("max_batch_size").at(name).is_number_integer());
  CHECK(facts.at("budget_lines").size() == plan.lines.size());
  CHECK(to_facts(inputs.workload).at("requests") == 500);
}

TEST_CASE("the facts of a model count all and active parameters") {
  const Json facts = to_facts(example_inputs().spec);
  CHECK(facts.at("attention") == "gqa");
  CHECK(facts.at("head_dim") == 128);
  // 30.5 billion, 3.3 billion active: the model card.
  CHECK(facts.at("parameters").get<double>() == doctest::Approx(30.5e9).epsilon(0.01));
  CHECK(facts.at("active_parameters").get<double>() == doctest::Approx(3.3e9).epsilon(0.02));
}

TEST_CASE("the facts of a chip leave out what is not known") {
  const Knowledge knowledge = load_knowledge();
  const Json facts = to_facts(find_chip(knowledge.chips, "310P3", "test"));
  CHECK(facts.at("name") == "310P3");
  CHECK_FALSE(facts.contains("bf16_flops_per_second"));
}

TEST_CASE("a config's parallelism and limits become inputs of the plan") {
  const MindieConfig config = read_mindie_config(kConfig, "config.json");
  PlanInputs inputs = example_inputs();
  apply_service(inputs, config);
  CHECK(inputs.parallelism.tp == 4);
  CHECK(inputs.parallelism.dp == 2);
  CHECK(inputs.parallelism.sp == 1);
  CHECK(*inputs.parallelism.moe_ep == 8);
  CHECK(inputs.block_size_tokens.value == 64);
  CHECK_FALSE(inputs.block_size_tokens.assumed);
  CHECK(inputs.max_prefill_tokens.value == 4096);
  CHECK_FALSE(inputs.npu_mem_size_bytes.has_value());
  const Json facts = to_facts(config);
  CHECK(facts.at("npu_mem_auto") == true);
  CHECK(facts.at("max_prefill_tokens") == 4096);
  CHECK_FALSE(facts.contains("max_batch_size"));
}

TEST_CASE("tp is what the other degrees leave of worldSize, and a product that is off is an error") {
  const auto parallelism = [](const std::string& model) {
    return parallelism_of(read_mindie_config(
        R"({"BackendConfig": {"ModelDeployConfig": {"ModelConfig": [)" + model + "]}}}", "config.json"));
  };
  CHECK(parallelism(R"({"worldSize": 8})").tp == 8);
  CHECK(parallelism(R"({"worldSize": 8, "dp": 2})").tp == 4);
  CHECK(parallelism(R"({"worldSize": 16, "cp": 2, "sp": 8})").tp == 8);
  CHECK(parallelism(R"({})").tp == 1);
  CHECK_THROWS(parallelism(R"({"worldSize": 8, "tp": 4})"));
  CHECK_THROWS(parallelism(R"({"worldSize": 8, "dp": 3})"));
  CHECK_THROWS(parallelism(R"({"worldSize": 8, "dp": 0})"));
}

}  // namespace
}  // namespace ms
