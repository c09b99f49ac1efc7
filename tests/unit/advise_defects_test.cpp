// The defects of msserviceprofiler's advisor that were found by running it, each with the right value.
// Numbers are those of the table in its analysis; those that are tested elsewhere:
//   1 to 6 (KV sizes), 14 (two roundings), 16 (-tp 1000000)        plan_memory_test.cpp
//   9 (sizes of files), 10 (dtype, nested configs)                 model_weights_test.cpp,
//   model_spec_test.cpp 11 (memory of a chip without HBM), 12 (dies of a package)      probe_npu_smi.cpp 13
//   (an npu-smi that hangs or fails)                            probe_npu_facts.cpp,
//   tests/cli/precheck-npu-smi-hangs 17 to 21, 24 (best batch of a run) profile_fit_test.cpp,
//   advise_run_test.cpp 28, 29 (-t, -m, statuses), 30 (a config that cannot be read)   tests/cli/advise-* 31
//   (a crash without matplotlib)                                nothing is drawn 32, 33 (settings that it
//   never advises, results that it drops) tests/cli/advise-service, advise-run

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "advise/advisor.hpp"
#include "advise/recorded_run.hpp"
#include "base/units.hpp"
#include "facts/catalogue.hpp"
#include "model/directory.hpp"
#include "profile/input.hpp"
#include "profile/run.hpp"
#include "support/temporary_folder.hpp"

namespace ms {
namespace {

const Knowledge& knowledge() {
  static const Knowledge kKnowledge = load_knowledge();
  return kKnowledge;
}

AdviseResult advise_on(const AdviseRequest& request, const FactDocument& host = {}) {
  static const AdviceLibrary kLibrary = load_advice_library(computed_facts());
  return run_advisor(request, knowledge(), host, kLibrary);
}

// Qwen2.5-7B-Instruct on one 910B4.
AdviseRequest request_of(std::int64_t input, std::int64_t output) {
  AdviseRequest request;
  request.input_lengths = Lengths{{input, 1}};
  request.output_lengths = Lengths{{output, 1}};
  request.model = "Qwen2.5-7B-Instruct";
  request.chip = "910B4";
  return request;
}

MindieConfig service_of(const std::string& devices, const std::string& schedule) {
  return read_mindie_config(
      fmt::format(R"({{"BackendConfig": {{"npuDeviceIds": {}, "ModelDeployConfig": {{"maxSeqLen": 4096,
        "maxInputTokenLen": 2048, "ModelConfig": [{{"modelName": "Qwen2.5-7B-Instruct", "worldSize": 1,
        "npuMemSize": -1}}]}}, "ScheduleConfig": {}}}}})",
                  devices, schedule),
      "config.json");
}

std::vector<Json> advised(const AdviseResult& result, std::string_view target) {
  std::vector<Json> values;
  for (const Recommendation& recommendation : result.recommendations) {
    if (recommendation.target == target) values.push_back(recommendation.value);
  }
  return values;
}

// The only advice for a setting.
std::int64_t setting(const AdviseResult& result, std::string_view target) {
  const auto values = advised(result, target);
  REQUIRE(values.size() == 1);
  return values[0].get<std::int64_t>();
}

PlanInputs plan_inputs(const char* model, Parallelism parallelism) {
  PlanInputs inputs;
  const KnownModel& known = find_model(knowledge().models, model, "test");
  inputs.spec = read_model_spec(known.config, known.source);
  inputs.weights = weights_from_spec(inputs.spec);
  inputs.parallelism = parallelism;
  inputs.memory.total = {.value = 64 * kGiB, .source = "test", .assumed = false};
  inputs.memory.used = {.value = 64 * kGiB / 20, .source = "test", .assumed = false};
  inputs.workload = {
      .input = {.mean = 2048, .max = 2048}, .output = {.mean = 512, .max = 512}, .requests = std::nullopt};
  return inputs;
}

TEST_CASE("7: two nodes of 8 cards share the weights by 16, not by those of one node") {
  PlanInputs inputs = plan_inputs("DeepSeek-R1-W8A8", {.tp = 16});
  inputs.rule = BudgetRule::msserviceprofiler;
  inputs.weights.bytes = 640 * kGiB;
  const MemoryPlan plan = make_memory_plan(inputs);
  // (60.8 - 640 / 16) x 0.8 = 16.6 GiB; 128 x 70 272 B a block: 1909 blocks of which a request takes 20.
  CHECK(plan.kv_budget_bytes == 16 * kGiB);
  CHECK(plan.blocks == 1909);
  CHECK(plan.max_batch_size.expected == 95);
}

TEST_CASE("8: tp 4 and dp 2 on 8 cards: a card holds a quarter of the weights, not an eighth") {
  const MemoryPlan plan = make_memory_plan(plan_inputs("Qwen3-32B", {.tp = 4, .dp = 2}));
  // 32 762 123 264 parameters x 2 B / 4; the norms are on every card.
  CHECK(static_cast<double>(plan.weights_bytes_per_rank) == doctest::Approx(16'381'061'632.0).epsilon(0.001));
  CHECK(plan.kv_bytes_per_token_per_rank == 65'536);  // 2 x 64 layers x 8 / 4 heads x 128 x 2 B
}

TEST_CASE("9: links of a Hugging Face cache are followed, and second copies and .git do not count") {
  const TemporaryFolder folder;
  const std::string header =
      R"({"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[4],"data_offsets":[12,28]}})";
  std::string length(8, '\0');
  length[0] = static_cast<char>(header.size());
  folder.write("blobs/1", R"({"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 2,
      "vocab_size": 10, "intermediate_size": 128, "torch_dtype": "bfloat16"})");
  folder.write("blobs/2", length + header + std::string(28, 'x'));
  folder.link("../../blobs/1", "snapshots/0a1b/config.json");
  folder.link("../../blobs/2", "snapshots/0a1b/model.safetensors");
  folder.write("snapshots/0a1b/.git/objects/pack", std::string(1000, 'x'));
  folder.write("snapshots/0a1b/pytorch_model.bin", std::string(1000, 'x'));
  const ModelDirectory model = read_model_directory(folder / "snapshots/0a1b");
  REQUIRE(model.weights);
  CHECK(model.weights->bytes == 28);
}

TEST_CASE("10: weights and caches of 8 bits take one byte, also in a nested config, and float32 four") {
  const auto spec = [](const char* dtype, const Json& quantization) {
    Json config = {{"num_hidden_layers", 2},   {"hidden_size", 64}, {"num_attention_heads", 2},
                   {"intermediate_size", 128}, {"vocab_size", 10},  {"dtype", dtype}};
    if (!quantization.is_null()) config["quantization_config"] = quantization;
    return read_model_spec({{"text_config", config}}, "config.json");
  };
  CHECK(spec("int8", nullptr).dtype_bytes == 1);
  CHECK(spec("float8_e4m3fn", nullptr).dtype_bytes == 1);
  CHECK(spec("uint8", nullptr).dtype_bytes == 1);
  CHECK(spec("float32", nullptr).dtype_bytes == 4);
  const ModelSpec quantised = spec("bfloat16", {{"quant_method", "w8a8"}, {"kv_quant_type", "C8"}});
  CHECK(default_kv_element_bytes(quantised) == 1);
  // 2 x 2 layers x 2 heads x 32 x 1 B
  CHECK(kv_bytes_per_token_per_rank(quantised, {}, {.element_bytes = 1}) == 256);
}

TEST_CASE("12: of a package with two dies, the one that the service uses counts") {
  FactDocument host;
  const auto die = [](std::int64_t used) {
    return Json{{"name", "910B4"}, {"hbm_total_bytes", 64 * kGiB}, {"hbm_used_bytes", used}};
  };
  host.set("npu.devices", Json::array({die(2 * kGiB), die(40 * kGiB)}), "npu-smi info");
  AdviseRequest request = request_of(256, 256);
  request.chip.clear();
  request.service = service_of("[[0]]", R"({"maxBatchSize": 200})");
  AdviseResult result = advise_on(request, host);
  REQUIRE(result.plan_inputs);
  CHECK(result.plan_inputs->memory.used.value == 2 * kGiB);
  // Of both, the fuller one, which says that something runs there.
  request.service->npu_device_ids = {0, 1};
  result = advise_on(request, host);
  REQUIRE_FALSE(result.warnings.empty());
  CHECK(result.warnings[0].find("NPU 1 has 40") != std::string::npos);
}

TEST_CASE("13: without the memory of a device nothing is planned, and the reason is said") {
  FactDocument host;
  host.set_absent("npu.devices", "npu-smi failed: exit status 1", "npu-smi info");
  AdviseRequest request = request_of(256, 256);
  request.chip.clear();
  const AdviseResult result = advise_on(request, host);
  CHECK_FALSE(result.plan);
  REQUIRE(result.missing.size() == 1);
  CHECK(result.missing[0].en.find("npu-smi failed: exit status 1") != std::string::npos);
  CHECK(result.verdict.status == ExitStatus::undecided);
}

TEST_CASE("15: where throughput counts, the batch leaves room for the answers that are under way") {
  AdviseRequest request = request_of(256, 256);
  request.goals.target = Target::throughput;
  const AdviseResult result = advise_on(request);
  REQUIRE(result.plan);
  // Requests hold 256 to 512 tokens, 2 to 4 blocks, 3.5 in the mean: the cache / 3.5 and not / 2.
  const double blocks = static_cast<double>(result.plan->blocks);
  CHECK(static_cast<double>(setting(result, "maxBatchSize")) < blocks / 3.5);
  CHECK(static_cast<double>(setting(result, "maxBatchSize")) > blocks / 3.5 * 0.93);
  CHECK(result.plan->max_batch_size.high == result.plan->blocks / 2);
}

TEST_CASE("16: the output length is maxIterTimes where it is not given") {
  AdviseRequest request = request_of(256, 256);
  request.output_lengths.reset();
  request.service = service_of("[[0]]", R"({"maxIterTimes": 512})");
  const AdviseResult result = advise_on(request);
  REQUIRE(result.plan_inputs);
  CHECK(result.plan_inputs->workload.output.max == 512);
  CHECK(result.plan->blocks_per_request_mean == 6);  // 768 / 128
}

// A run of MindIE whose requests say nothing of their lengths.
AdviseRequest run_without_lengths() {
  std::string text = "{";
  for (int batch = 1; batch <= 40; ++batch) {
    text += fmt::format(R"({}"{}": {{"prefill_bsz": 1, "decode_bsz": [{}, {}], "req_latency": 80,
        "latency": [30, 25, 25], "queue_latency": [0, 0, 0]}})",
                        batch == 1 ? "" : ",", batch, batch, batch);
  }
  profile::Run run;
  profile::read_text("results_per_request_1.json", text + "}", run);
  AdviseRequest request;
  request.recorded = facts_of(run, "test");
  request.lengths = lengths_of(run, request.recorded);
  return request;
}

TEST_CASE("22 and 23: a setting is advised once, and never 0 for want of a length") {
  AdviseRequest request = run_without_lengths();
  for (const Recommendation& recommendation : advise_on(request).recommendations) {
    CAPTURE(recommendation.target);
    if (recommendation.value.is_number()) CHECK(recommendation.value > 0);
  }
  request.model = "Qwen2.5-7B-Instruct";
  request.chip = "910B4";
  request.input_lengths = Lengths{{256, 1}};
  request.output_lengths = Lengths{{256, 1}};
  const AdviseResult result = advise_on(request);
  CHECK(result.plan);
  for (const Recommendation& recommendation : result.recommendations) {
    CAPTURE(recommendation.target);
    CHECK(advised(result, recommendation.target).size() == 1);
  }
}

TEST_CASE("25: the time in the queue is no time of the prefill") {
  profile::Run run;
  profile::read_text("results_per_request_1.json",
                     R"({"1": {"input_len": 256, "output_len": 2, "prefill_bsz": 4, "decode_bsz": [4],
      "req_latency": 555, "latency": [530, 25], "queue_latency": [500000, 0]}})",
                     run);
  REQUIRE(run.prefill_by_batch.contains(4));
  CHECK(run.prefill_by_batch.at(4).mean() == doctest::Approx(0.030));
}

TEST_CASE("26: what is set already is not changed") {
  AdviseRequest request = request_of(256, 256);
  const std::int64_t batch = setting(advise_on(request), "maxBatchSize");
  const auto patched = [&](std::int64_t now) {
    request.service = service_of("[[0]]", fmt::format(R"({{"maxBatchSize": {}}})", now));
    const AdviseResult result = advise_on(request);
    return std::any_of(result.patch.begin(), result.patch.end(), [](const OrderedJson& operation) {
      return operation["path"] == "/BackendConfig/ScheduleConfig/maxBatchSize";
    });
  };
  CHECK(patched(batch + 1));
  CHECK_FALSE(patched(batch));
}

TEST_CASE("27 and 32: a prefill batch is at most half of maxBatchSize, and fits into maxPrefillTokens") {
  for (const std::int64_t requests : {2, 21, 1000}) {
    for (const std::int64_t input : {16, 256, 30'000}) {
      CAPTURE(requests);
      CAPTURE(input);
      AdviseRequest request = request_of(input, 256);
      request.requests = requests;
      const AdviseResult result = advise_on(request);
      const std::int64_t batch = setting(result, "maxBatchSize");
      const std::int64_t prefill = setting(result, "maxPrefillBatchSize");
      CHECK(prefill <= std::max<std::int64_t>(1, batch / 2));
      CHECK(prefill * input <= setting(result, "maxPrefillTokens"));
    }
  }
  AdviseRequest request = request_of(256, 256);
  request.requests = 21;
  CHECK(setting(advise_on(request), "maxPrefillBatchSize") == 10);  // 21 / 2
}

TEST_CASE("28: the goal and the statistic change the advice") {
  AdviseRequest request = request_of(256, 256);
  request.goals.target = Target::throughput;
  const std::int64_t throughput = setting(advise_on(request), "maxBatchSize");
  request.goals.target = Target::ttft;
  CHECK(setting(advise_on(request), "maxBatchSize") < throughput);
  request.goals.target = Target::balanced;
  request.output_lengths = Lengths{{128, 9}, {4096, 1}};
  const std::int64_t by_mean = setting(advise_on(request), "maxBatchSize");
  request.statistic = Statistic::max;
  const AdviseResult by_most = advise_on(request);
  // 256 + 4096 tokens are 34 blocks.
  CHECK(setting(by_most, "maxBatchSize") == by_most.plan->blocks / 34);
  CHECK(setting(by_most, "maxBatchSize") < by_mean);
}

}  // namespace
}  // namespace ms
