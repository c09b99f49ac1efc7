#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "base/units.hpp"
#include "knowledge/knowledge.hpp"
#include "plan/activation.hpp"
#include "plan/memory_plan.hpp"

namespace ms {
namespace {

PlanInputs inputs_for(const char* name, double hbm_gib, double used_ratio, Length input, Length output) {
  static const Knowledge knowledge = load_knowledge();
  const KnownModel& model = find_model(knowledge.models, name, "test");
  PlanInputs inputs;
  inputs.spec = read_model_spec(model.config, model.source);
  inputs.weights =
      model.weights_bytes
          ? Weights{.bytes = *model.weights_bytes, .source = model.weights_source, .measured = true}
          : weights_from_spec(inputs.spec);
  const double total = hbm_gib * static_cast<double>(kGiB);
  inputs.memory.total = {.value = static_cast<std::int64_t>(total), .source = "test", .assumed = false};
  inputs.memory.used = {
      .value = static_cast<std::int64_t>(total * used_ratio), .source = "test", .assumed = false};
  inputs.workload = {.input = input, .output = output, .requests = std::nullopt};
  return inputs;
}

Length exactly(std::int64_t tokens) {
  return {.mean = static_cast<double>(tokens), .max = tokens};
}

// Qwen2.5-7B-Instruct, 256 tokens in and 256 out, one card of 32 GiB: the published worked example.
PlanInputs published_example(double used_ratio) {
  PlanInputs inputs = inputs_for("Qwen2.5-7B-Instruct", 32, used_ratio, exactly(256), exactly(256));
  inputs.rule = BudgetRule::msserviceprofiler;
  return inputs;
}

TEST_CASE("the tool's rule gives the published advice of 438 requests, in the range up to 877") {
  const MemoryPlan plan = make_memory_plan(published_example(0.05));
  CHECK(plan.kv_budget_bytes == 12 * kGiB);
  CHECK(plan.kv_bytes_per_token_per_rank == 57'344);
  CHECK(plan.blocks == 1755);
  CHECK(plan.blocks_per_request_mean == 4);
  CHECK(plan.max_batch_size.low == 438);
  CHECK(plan.max_batch_size.expected == 438);
  CHECK(plan.max_batch_size.high == 877);
}

TEST_CASE("the tool's rule moves in whole GiB with the memory in use, as that tool was seen to do") {
  const int expected[] = {512, 475, 475, 475, 475, 438, 438, 438, 438, 402, 402, 402, 402, 365};
  for (int percent = 0; percent <= 13; ++percent) {
    CAPTURE(percent);
    CHECK(make_memory_plan(published_example(percent / 100.0)).max_batch_size.low == expected[percent]);
  }
}

struct Defect {
  const char* model;
  std::int64_t tp;
  double weights_gib;  // 0: as known
  std::int64_t budget_gib;
  std::int64_t requests;
};

TEST_CASE(
    "the tool's rule with true KV sizes gives the right counts where that tool is off by 1.6 to 7.2 times") {
  // 64 GiB card at 5 % use, 2048 tokens in and 512 out: 20 blocks a request.
  const Defect defects[] = {{"Qwen3-32B", 8, 0, 42, 537},        {"Qwen3-30B-A3B", 4, 0, 37, 631},
                            {"Qwen3-0.6B", 1, 0, 47, 171},       {"Qwen2.5-7B", 8, 0, 47, 1375},
                            {"DeepSeek-V2-Lite", 1, 0, 25, 337}, {"DeepSeek-R1-W8A8", 8, 279, 20, 119}};
  for (const Defect& defect : defects) {
    CAPTURE(defect.model);
    PlanInputs inputs = inputs_for(defect.model, 64, 0.05, exactly(2048), exactly(512));
    inputs.rule = BudgetRule::msserviceprofiler;
    inputs.parallelism.tp = defect.tp;
    if (defect.weights_gib > 0)
      inputs.weights.bytes = static_cast<std::int64_t>(defect.weights_gib * static_cast<double>(kGiB));
    const MemoryPlan plan = make_memory_plan(inputs);
    CHECK(plan.kv_budget_bytes == defect.budget_gib * kGiB);
    CHECK(plan.blocks_per_request_mean == 20);
    CHECK(plan.max_batch_size.expected == defect.requests);
  }
}

TEST_CASE("the engine's rule leaves less than the tool's in the published example") {
  PlanInputs inputs = published_example(0.05);
  inputs.rule = BudgetRule::mindie;
  const MemoryPlan plan = make_memory_plan(inputs);
  // 32 x 0.8 - 1.6 - 14.185 = 9.815 GiB are 1434 blocks and 358 requests, before any activations.
  CHECK(plan.max_batch_size.low <= 358);
  CHECK(plan.max_batch_size.low >= 300);
  inputs.max_prefill_tokens.value = 1;
  inputs.max_prefill_batch_size.value = 1;
  const MemoryPlan bare = make_memory_plan(inputs);
  CHECK(bare.blocks >= 1433);
  CHECK(bare.blocks <= 1435);
  CHECK(bare.max_batch_size.low == 358);
}

TEST_CASE("the lines of the budget add up to it, by either rule") {
  for (const BudgetRule rule : {BudgetRule::mindie, BudgetRule::msserviceprofiler}) {
    PlanInputs inputs = published_example(0.05);
    inputs.rule = rule;
    const MemoryPlan plan = make_memory_plan(inputs);
    const std::int64_t sum =
        std::accumulate(plan.lines.begin(), plan.lines.end(), std::int64_t{0},
                        [](std::int64_t total, const BudgetLine& line) { return total + line.bytes; });
    CHECK(sum == plan.kv_budget_bytes);
    for (const BudgetLine& line : plan.lines) CHECK_FALSE(line.how.empty());
  }
}

TEST_CASE("low takes the greatest lengths, expected the mean ones, high the prompts alone") {
  PlanInputs inputs =
      inputs_for("Qwen2.5-7B", 32, 0.05, {.mean = 200, .max = 1000}, {.mean = 100, .max = 500});
  const MemoryPlan plan = make_memory_plan(inputs);
  CHECK(plan.blocks_per_request_max == 12);  // 1500 / 128
  CHECK(plan.blocks_per_request_mean == 3);  // 300 / 128
  CHECK(plan.blocks_per_prompt == 2);        // 200 / 128
  CHECK(plan.max_batch_size.low == plan.blocks / 12);
  CHECK(plan.max_batch_size.expected == plan.blocks / 3);
  CHECK(plan.max_batch_size.high == plan.blocks / 2);
}

TEST_CASE("the engine fills the last block of a prompt with output, the tool rounds twice") {
  PlanInputs inputs = inputs_for("Qwen2.5-7B", 32, 0.05, exactly(100), exactly(20));
  CHECK(make_memory_plan(inputs).blocks_per_request_mean == 1);
  inputs.rule = BudgetRule::msserviceprofiler;
  CHECK(make_memory_plan(inputs).blocks_per_request_mean == 2);
}

TEST_CASE("34 GiB hold 2176 blocks of Llama-3-8B") {
  PlanInputs inputs = inputs_for("Llama-3-8B", 64, 0.05, exactly(256), exactly(256));
  inputs.npu_mem_size_bytes = {.value = 34 * kGiB, .source = "config.json", .assumed = false};
  CHECK(make_memory_plan(inputs).blocks == 2176);  // 34 x 1024 / 16 MiB
}

TEST_CASE("a fixed npuMemSize is the budget, and more than is left is a warning") {
  PlanInputs inputs = published_example(0.05);
  inputs.npu_mem_size_bytes = {.value = 8 * kGiB, .source = "config.json", .assumed = false};
  MemoryPlan plan = make_memory_plan(inputs);
  CHECK(plan.kv_budget_bytes == 8 * kGiB);
  CHECK(plan.warnings.empty());
  inputs.npu_mem_size_bytes->value = 20 * kGiB;
  plan = make_memory_plan(inputs);
  CHECK(plan.kv_budget_bytes == 20 * kGiB);
  CHECK(plan.warnings.size() == 1);
}

TEST_CASE("a model that does not fit is a plan of zeros that says by how much and what helps") {
  for (const BudgetRule rule : {BudgetRule::mindie, BudgetRule::msserviceprofiler}) {
    PlanInputs inputs = inputs_for("Qwen2.5-72B", 64, 0.05, exactly(256), exactly(256));
    inputs.rule = rule;
    const MemoryPlan plan = make_memory_plan(inputs);
    CHECK_FALSE(plan.fits());
    CHECK(plan.kv_budget_bytes == 0);
    CHECK(plan.blocks == 0);
    CHECK(plan.max_batch_size.high == 0);
    CHECK(plan.kv_shortfall_bytes > 70 * kGiB);
    REQUIRE(plan.warnings.size() == 1);
    CHECK(plan.warnings[0].find("does not fit") != std::string::npos);
    CHECK(plan.warnings[0].find("more NPUs (tp)") != std::string::npos);
  }
}

TEST_CASE("a request that is longer than the cache is a warning with the blocks that are missing") {
  const PlanInputs inputs = inputs_for("Qwen2.5-7B", 32, 0.05, exactly(30'000'000), exactly(256));
  const MemoryPlan plan = make_memory_plan(inputs);
  CHECK(plan.blocks > 1000);
  CHECK(plan.max_batch_size.low == 0);
  bool said = false;
  for (const std::string& warning : plan.warnings) {
    said = said || warning.find("it needs 234377 blocks") != std::string::npos;  // 30 000 256 / 128
  }
  CHECK(said);
}

TEST_CASE("absurd lengths give zeros and not overflow") {
  PlanInputs inputs = inputs_for("DeepSeek-V3", 64, 0.05, exactly(1'000'000'000), exactly(1'000'000'000));
  const MemoryPlan plan = make_memory_plan(inputs);
  CHECK(plan.max_batch_size.low == 0);
  CHECK(plan.max_batch_size.high == 0);
  inputs.parallelism.tp = 1'000'000;
  CHECK_THROWS_AS(make_memory_plan(inputs), InputError);
  inputs.parallelism.tp = 16'384;
  inputs.parallelism.dp = 16'384;
  inputs.parallelism.pp = 61;
  inputs.parallelism.cp = 16'384;
  CHECK(make_memory_plan(inputs).max_batch_size.low >= 0);
}

TEST_CASE("inputs out of range are errors that name the input") {
  const auto message = [](auto&& change) {
    PlanInputs inputs = published_example(0.05);
    change(inputs);
    try {
      make_memory_plan(inputs);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  CHECK(message([](PlanInputs& in) { in.workload.input = exactly(0); }).find("input tokens") !=
        std::string::npos);
  CHECK(message([](PlanInputs& in) { in.workload.output = exactly(-5); }).find("output tokens") !=
        std::string::npos);
  CHECK(message([](PlanInputs& in) {
          in.workload.input = {.mean = 300, .max = 200};
        }).find("above their maximum") != std::string::npos);
  CHECK(message([](PlanInputs& in) { in.memory.used.value = 33 * kGiB; }).find("in use") !=
        std::string::npos);
  CHECK(message([](PlanInputs& in) { in.memory_fraction.value = 1.5; }).find("fraction") !=
        std::string::npos);
  CHECK(message([](PlanInputs& in) { in.block_size_tokens.value = 0; }).find("block size") !=
        std::string::npos);
  CHECK(message([](PlanInputs& in) { in.max_prefill_tokens.value = -1; }).find("maxPrefillTokens") !=
        std::string::npos);
  CHECK(message([](PlanInputs& in) {
          in.parallelism.tp = 3;
        }).find("tp 3 does not fit 4 KV heads: use 1, 2, 4") != std::string::npos);
}

TEST_CASE("sequence parallelism spreads the blocks of a request") {
  PlanInputs inputs = inputs_for("DeepSeek-R1-W8A8", 64, 0.05, exactly(2048), exactly(512));
  inputs.parallelism = {.tp = 16, .sp = 16};
  const MemoryPlan plan = make_memory_plan(inputs);
  CHECK(plan.blocks_per_request_mean == 2);  // 20 blocks on 16 ranks
  CHECK(plan.tokens == plan.blocks * 128 * 16);
}

TEST_CASE("the activation estimate agrees with two start-up logs of Llama-3.1-8B") {
  static const Knowledge knowledge = load_knowledge();
  const KnownModel& model = find_model(knowledge.models, "Llama-3.1-8B", "test");
  const ModelSpec spec = read_model_spec(model.config, model.source);
  const auto gib = [&](std::int64_t tokens) {
    return static_cast<double>(activation_peak(spec, {}, tokens, 1).bytes) / static_cast<double>(kGiB);
  };
  CHECK(gib(20'000) == doctest::Approx(2.07).epsilon(0.01));
  CHECK(gib(29'000) == doctest::Approx(2.99).epsilon(0.01));
}

TEST_CASE("vLLM's rule agrees with start-up logs on 80 GB devices") {
  // vLLM 0.11, gpu_memory_utilization 0.9 of 79.18 GiB, API server's 8192 tokens and 1024 requests: KV GiB
  // logged.
  struct Log {
    const char* model;
    std::int64_t tp;
    double kv_gib;
  };
  for (const Log& log :
       {Log{"Llama-3.1-8B", 1, 51.38}, Log{"Qwen3-0.6B", 1, 64.45}, Log{"Qwen3-32B", 2, 34.49}}) {
    CAPTURE(log.model);
    PlanInputs inputs = inputs_for(log.model, 79.18, 0, exactly(256), exactly(256));
    if (std::string(log.model) == "Qwen3-0.6B") inputs.weights = weights_from_spec(inputs.spec);
    inputs.rule = BudgetRule::vllm;
    inputs.memory_fraction.value = 0.9;
    inputs.max_num_seqs.value = 1024;
    inputs.parallelism.tp = log.tp;
    const MemoryPlan plan = make_memory_plan(inputs);
    CHECK(static_cast<double>(plan.kv_budget_bytes) / static_cast<double>(kGiB) ==
          doctest::Approx(log.kv_gib).epsilon(0.01));
  }
}

TEST_CASE("vLLM-Ascend's rule agrees with a start-up log on eight 910B3") {
  // Qwen3-32B, 0.9 of 60.957 GiB, 8192 tokens, 200 requests: 45.7053 GiB for 1 497 600 tokens.
  PlanInputs inputs = inputs_for("Qwen3-32B", 60.957, 0, exactly(256), exactly(256));
  inputs.rule = BudgetRule::vllm_ascend;
  inputs.memory_fraction.value = 0.9;
  inputs.max_num_seqs.value = 200;
  inputs.parallelism.tp = 8;
  inputs.engine_version = parse_engine_version("0.11.x (2025-12-01)");
  const MemoryPlan plan = make_memory_plan(inputs);
  CHECK(static_cast<double>(plan.tokens) == doctest::Approx(1'497'600.0).epsilon(0.01));
}

TEST_CASE("the version of an engine is the first that its text names") {
  CHECK(parse_engine_version("0.11.0rc1.dev209")->minor == 11);
  CHECK(parse_engine_version("v0.9.1")->minor == 9);
  CHECK(parse_engine_version("0.8.5 V0")->v0);
  CHECK_FALSE(parse_engine_version("0.2x"));
  CHECK_FALSE(parse_engine_version("main"));
  CHECK_FALSE(parse_engine_version(""));
  CHECK(parse_engine_version("0.9.x/0.10")->before(0, 10));
}

TEST_CASE("what an engine logged takes the place of the estimates, and the lines still add up") {
  PlanInputs inputs = inputs_for("Qwen2.5-7B-Instruct", 29.5, 0, exactly(256), exactly(256));
  inputs.rule = BudgetRule::vllm_ascend;
  inputs.memory_fraction.value = 0.9;
  inputs.measured.weights_bytes = {.value = 15 * kGiB, .source = "x.log:1", .assumed = false};
  inputs.measured.kv_bytes = {.value = 7 * kGiB, .source = "x.log:2", .assumed = false};
  const MemoryPlan plan = make_memory_plan(inputs);
  CHECK(plan.weights_bytes_per_rank == 15 * kGiB);
  CHECK(plan.kv_budget_bytes == 7 * kGiB);
  CHECK(plan.blocks == 1024);  // of 7 MiB
  std::int64_t sum = 0;
  for (const BudgetLine& line : plan.lines) {
    CHECK(line.name != "activation_peak");
    sum += line.bytes;
  }
  CHECK(sum == plan.kv_budget_bytes);
  // Blocks alone say as much.
  inputs.measured.kv_bytes.reset();
  inputs.measured.blocks = {.value = 1000, .source = "x.log:3", .assumed = false};
  CHECK(make_memory_plan(inputs).kv_budget_bytes == 1000 * 7 * kMiB);
}

TEST_CASE("MindIE's warm-up peak leaves the fraction of the device for the cache") {
  PlanInputs inputs = inputs_for("Qwen2.5-7B-Instruct", 29.5, 0, exactly(256), exactly(256));
  inputs.memory_fraction.value = 0.8;
  inputs.measured.peak_bytes = {.value = 18 * kGiB, .source = "x.log:1", .assumed = false};
  // 0.8 x 29.5 GiB - 18 GiB = 5.6 GiB
  CHECK(static_cast<double>(make_memory_plan(inputs).kv_budget_bytes) / static_cast<double>(kGiB) ==
        doctest::Approx(5.6).epsilon(0.001));
}

TEST_CASE("MXFP4 experts are filled up to what their kernel wants when they are loaded") {
  // gpt-oss-120b: vLLM 0.10.1 logged 65.97 GiB for 60.7 GiB of files.
  const PlanInputs inputs = inputs_for("gpt-oss-120b", 80, 0, exactly(256), exactly(256));
  const double gib =
      static_cast<double>(weights_per_rank(inputs.spec, weights_from_spec(inputs.spec), {}).bytes) / 0x1p30;
  CHECK(gib == doctest::Approx(65.97).epsilon(0.005));
}

TEST_CASE("an engine with a cache manager for windows fits more long requests, MindIE does not") {
  PlanInputs inputs = inputs_for("gpt-oss-20b", 80, 0, exactly(7936), exactly(256));
  inputs.rule = BudgetRule::vllm;
  inputs.measured.blocks = {.value = 10'000, .source = "x.log:1", .assumed = false};
  const auto plan_with = [&](std::string_view version) {
    inputs.engine_version = parse_engine_version(version);
    return make_memory_plan(inputs);
  };
  // 8192 tokens are 64 blocks of 128. Half of the layers keep 128 tokens and a block, 2 blocks: (64 + 2) / 2.
  const MemoryPlan aware = plan_with("0.11.0");
  CHECK(aware.blocks_per_request_mean == 33);
  CHECK(aware.max_batch_size.expected == 303);  // 10 000 / 33
  // 7936 tokens of prompts in half of the layers take another 31 blocks: (10 000 - 31) / 33.
  CHECK(aware.max_batch_size.low == 302);
  const MemoryPlan old = plan_with("0.9.1");
  CHECK(old.blocks_per_request_mean == 64);
  CHECK(old.max_batch_size.expected == 156);
  CHECK(aware.tokens == old.tokens);
  const auto says = [](const MemoryPlan& plan, const char* part) {
    return std::any_of(plan.assumptions.begin(), plan.assumptions.end(),
                       [&](const std::string& said) { return said.find(part) != said.npos; });
  };
  CHECK(says(aware, "layers with a window keep 128 tokens of a request and a block"));
  CHECK(says(old, "counted as if they kept every token"));
  REQUIRE(aware.preemption);
  REQUIRE(old.preemption);
  // A request of 7937 to 8192 tokens holds 63 or 64 blocks: 32.5, rounded up, or 33 of them.
  CHECK(aware.preemption->mean_blocks == doctest::Approx(33));
  CHECK(old.preemption->mean_blocks == doctest::Approx(63.5));
  inputs.hybrid_kv_cache = false;
  CHECK(plan_with("0.11.0").max_batch_size.expected == 156);
  inputs.hybrid_kv_cache = true;
  inputs.rule = BudgetRule::mindie;
  CHECK(plan_with("0.11.0").blocks_per_request_mean == 64);
  inputs.rule = BudgetRule::vllm_ascend;
  CHECK(plan_with("0.11.0").blocks_per_request_mean == 64);
  CHECK(plan_with("0.13.0").blocks_per_request_mean == 33);
}

TEST_CASE("the idle memory of a known 910B4 gives the published advice as well") {
  PlanInputs inputs = published_example(0);
  static const Knowledge knowledge = load_knowledge();
  const Chip& chip = find_chip(knowledge.chips, "910B4", "test");
  inputs.memory.total.value = chip.hbm_bytes;
  inputs.memory.used.value = *chip.idle_hbm_bytes;
  CHECK(make_memory_plan(inputs).max_batch_size.low == 438);
}

TEST_CASE("vLLM's rotary table is the difference between the weights of a model and those that it logs") {
  const auto logged = [](const char* name) {
    const PlanInputs inputs = inputs_for(name, 80, 0, exactly(256), exactly(256));
    return static_cast<double>(weights_from_spec(inputs.spec).bytes + rotary_table(inputs.spec).bytes) /
           0x1p30;
  };
  // Logged GiB: 131 072 positions x 128 x 2 B = 32 MiB, 8192 positions = 2 MiB, 32 768 = 8 MiB, 40 960 = 10
  // MiB.
  CHECK(logged("Llama-3.1-8B") == doctest::Approx(14.9888).epsilon(0.0001));
  CHECK(logged("Llama-3-8B") == doctest::Approx(14.9595).epsilon(0.0001));
  CHECK(logged("Qwen2.5-3B") == doctest::Approx(5.756).epsilon(0.0001));
  CHECK(logged("Qwen3-1.7B") == doctest::Approx(3.2153).epsilon(0.0005));
  const PlanInputs deepseek = inputs_for("DeepSeek-V3", 80, 0, exactly(256), exactly(256));
  CHECK(rotary_table(deepseek.spec).bytes == 163'840LL * 64 * 2);
}

TEST_CASE("one NPU needs no communication buffers, each domain needs two") {
  CHECK(communication_buffers({}, 200 * kMiB).bytes == 0);
  CHECK(communication_buffers({.tp = 8}, 200 * kMiB).bytes == 400 * kMiB);
  CHECK(communication_buffers({.tp = 8, .dp = 2, .moe_tp = 1, .moe_ep = 16}, 200 * kMiB).bytes ==
        1200 * kMiB);
}

TEST_CASE("heads that do not divide by tp are a warning") {
  PlanInputs inputs = inputs_for("Qwen2.5-7B", 64, 0.05, exactly(256), exactly(256));
  inputs.parallelism.tp = 8;
  const MemoryPlan plan = make_memory_plan(inputs);
  CHECK(plan.kv_bytes_per_token_per_rank == 14'336);
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].find("28 attention heads") == 0);
}

}  // namespace
}  // namespace ms
