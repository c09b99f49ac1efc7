#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "advise/advisor.hpp"
#include "advise/recorded_run.hpp"
#include "advise/run_comparison.hpp"
#include "facts/catalogue.hpp"
#include "profile/input.hpp"
#include "serving/mindie_config.hpp"
#include "support/temporary_folder.hpp"

namespace ms {
namespace {

const std::string kStory = MS_SOURCE_DIR "/tests/data/profiles/serving-story/";

AdviseRequest request_of(const std::string& run) {
  profile::Run recorded;
  profile::read_profiles(kStory + run, recorded);
  AdviseRequest request;
  request.recorded = facts_of(recorded, run);
  request.lengths = lengths_of(recorded, request.recorded);
  return request;
}

AdviseResult advise_on(const AdviseRequest& request) {
  static const Knowledge kKnowledge = load_knowledge();
  static const AdviceLibrary kLibrary = load_advice_library(computed_facts());
  return run_advisor(request, kKnowledge, FactDocument(), kLibrary);
}

// A service whose decode step is a + b x + c x^2 ms, as a client of MindIE sees it: a request at every batch.
AdviseRequest synthetic(double a, double b, double c, int from, int to) {
  std::string text = "{";
  for (int batch = from; batch <= to; ++batch) {
    const double step = a + b * batch + c * batch * batch;
    text += fmt::format(
        R"({}"{}": {{"input_len": 256, "output_len": 3, "prefill_bsz": 1, "decode_bsz": [{}, {}],
            "req_latency": {}, "latency": [30, {}, {}], "queue_latency": [0, 0, 0]}})",
        batch == from ? "" : ",", batch, batch, batch, 30 + 2 * step, step, step);
  }
  profile::Run run;
  profile::read_text("results_per_request_1.json", text + "}", run);
  AdviseRequest request;
  request.recorded = facts_of(run, "test");
  request.lengths = lengths_of(run, request.recorded);
  return request;
}

const Recommendation* find(const AdviseResult& result, std::string_view target) {
  for (const Recommendation& recommendation : result.recommendations) {
    if (recommendation.target == target) return &recommendation;
  }
  return nullptr;
}

bool has(const AdviseResult& result, std::string_view id) {
  return std::any_of(result.diagnoses.begin(), result.diagnoses.end(),
                     [&](const Diagnosis& diagnosis) { return diagnosis.id == id; });
}

TEST_CASE("the story of the serving article: what is wrong, and what to set") {
  // Free 16 %; prefill batches of 32 at maxPrefillTokens 8192; 50 x 256 = 12 800.
  const AdviseResult result = advise_on(request_of("2655"));
  CHECK(result.examined);
  CHECK_FALSE(result.plan);
  CHECK(result.verdict.status == ExitStatus::ok);
  CHECK(has(result, "RUN-PREFILL-TOKENS-CAP"));
  CHECK(has(result, "RUN-DISPATCH-BOUND"));
  REQUIRE(find(result, "maxPrefillTokens") != nullptr);
  CHECK(find(result, "maxPrefillTokens")->value == 12'800);
  CHECK(find(result, "TASK_QUEUE_ENABLE")->value == "2");
  CHECK(result.launch.find("export TASK_QUEUE_ENABLE=2") != std::string::npos);
  CHECK_FALSE(result.missing.empty());
  for (const auto& operation : result.patch) {
    if (operation["path"] == "/BackendConfig/ScheduleConfig/maxPrefillTokens")
      CHECK(operation["value"] == 12'800);
  }
}

TEST_CASE("with model and NPU there is a plan as well, for what the diagnosis sets and the run's lengths") {
  AdviseRequest request = request_of("2655");
  request.model = "Qwen2.5-7B-Instruct";
  request.chip = "910B4";
  const AdviseResult result = advise_on(request);
  REQUIRE(result.plan);
  CHECK(result.plan_inputs->workload.input.mean == 256);
  CHECK(result.plan_inputs->max_prefill_tokens.value == 12'800);
  CHECK(find(result, "maxPrefillTokens")->id == "RUN-PREFILL-TOKENS-CAP");
  CHECK(find(result, "maxBatchSize") != nullptr);
}

TEST_CASE("step times are fitted to the batches of a service profile") {
  // tests/data/profiles/stories.py: 18 + 0.17 b ms at 12 sizes from 32 to 371.
  const FactDocument recorded = request_of("2655").recorded;
  const Json* fit = recorded.find("run.fit.decode");
  REQUIRE(fit != nullptr);
  CHECK(fit->at("constant_seconds").get<double>() == doctest::Approx(0.018).epsilon(0.01));
  CHECK(fit->at("linear_seconds").get<double>() == doctest::Approx(0.00017).epsilon(0.01));
  CHECK(fit->at("square_seconds").get<double>() * 371 * 371 < 1e-3);
  CHECK(fit->at("min") == 32);
  CHECK(fit->at("max") == 371);
  CHECK(fit->at("error_ratio").get<double>() < 0.001);
  // Prefill steps of two sizes alone, 8192 and 5120 tokens, are too few.
  CHECK(recorded.find("run.fit.prefill") == nullptr);
}

TEST_CASE("a measured batch is advised: sqrt(a / c)") {
  // sqrt(15 / 0.002) = 86.6
  const AdviseResult result = advise_on(synthetic(15, 0.1, 0.002, 1, 200));
  REQUIRE(find(result, "maxBatchSize") != nullptr);
  CHECK(find(result, "maxBatchSize")->value == 87);
  // And not what would fit into the memory.
  AdviseRequest request = synthetic(15, 0.1, 0.002, 1, 200);
  request.model = "Qwen2.5-7B-Instruct";
  request.chip = "910B4";
  const AdviseResult planned = advise_on(request);
  CHECK(find(planned, "maxBatchSize")->value == 87);
  CHECK(planned.point.batch == 87);
  CHECK(planned.point.limit == "measured");
  CHECK(find(planned, "concurrency")->value == 86);
}

TEST_CASE("a TPOT goal is kept by what was measured") {
  AdviseRequest request = synthetic(15, 0.1, 0.002, 1, 200);
  // 15 + 0.1 x 50 + 0.002 x 2500 = 25 ms
  request.goals.tpot_slo_seconds = 0.025;
  CHECK(find(advise_on(request), "maxBatchSize")->value == doctest::Approx(50).epsilon(0.02));
  // No step was shorter than 15.1 ms.
  request.goals.tpot_slo_seconds = 0.010;
  const AdviseResult missed = advise_on(request);
  CHECK(find(missed, "maxBatchSize") == nullptr);
  REQUIRE(missed.warnings.size() == 1);
  CHECK(missed.warnings[0].find("10 ms") != std::string::npos);
}

TEST_CASE("beyond what was measured nothing is advised without saying so") {
  const AdviseResult result = advise_on(synthetic(15, 0.1, 0.002, 1, 40));
  CHECK(has(result, "RUN-BATCH-NOT-EXPLORED"));
  REQUIRE(find(result, "maxBatchSize") != nullptr);
  CHECK(find(result, "maxBatchSize")->value == 50);  // 1.25 x 40
  CHECK(result.diagnoses[0].action.en.find("beyond what was measured") != std::string::npos);
}

TEST_CASE("runs side by side: the throughputs of the article") {
  std::vector<ComparedRun> runs;
  for (const char* name : {"2655", "2662", "2673"}) {
    profile::Run run;
    profile::read_profiles(kStory + name, run);
    const FactDocument facts = facts_of(run, name);
    runs.push_back({name, facts, settings_of(facts, {kStory + name + "/config.json"})});
  }
  const RunComparison comparison = compare_runs(runs, 3624.0, false);
  REQUIRE(comparison.settings.size() == 1);
  CHECK(comparison.settings[0].name == "maxPrefillTokens");
  CHECK(comparison.settings[0].values == std::vector<Json>{8192, 8192, 12'800});
  const MetricComparison& speed = comparison.metrics.at(0);
  CHECK(speed.fact == "run.throughput.output_tokens_per_second");
  // (2662 - 2655) / 2655 = 0.26 %, (2673 - 2662) / 2662 = 0.41 %, 2655 / 3624 = 0.73, 2673 / 3624 = 0.74.
  CHECK_FALSE(speed.over_first[0]);
  CHECK(*speed.over_previous[1] == doctest::Approx(0.0026).epsilon(0.02));
  CHECK(*speed.over_previous[2] == doctest::Approx(0.0041).epsilon(0.02));
  CHECK(*comparison.ceiling_ratio[0] == doctest::Approx(0.7326).epsilon(0.001));
  CHECK(*comparison.ceiling_ratio[2] == doctest::Approx(0.7376).epsilon(0.001));
}

}  // namespace
TEST_CASE("settings of vLLM are told apart: of a script, of a log, of the benchmark client") {
  const TemporaryFolder a;
  const TemporaryFolder b;
  const std::string result =
      R"({"mean_ttft_ms": 100, "duration": 4, "output_throughput": 800, "model_id": "m", "request_rate": )";
  a.write("serve.sh",
          "export TASK_QUEUE_ENABLE=1\nexport HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyz0123456789\n"
          "vllm serve /m --max-num-seqs 32 --tensor-parallel-size 2 --enforce-eager --api-key abc\n");
  a.write("result.json", result + "\"inf\"}");
  b.write("vllm.log",
          "INFO 06-05 16:00:00 [utils.py:1] non-default args: {'model_tag': '/m', 'model': '/m', "
          "'max_num_seqs': 64, "
          "'tensor_parallel_size': 4}\n");
  b.write("result.json", result + "4.0}");
  std::vector<ComparedRun> runs;
  for (const TemporaryFolder* folder : {&a, &b}) {
    profile::Run run;
    profile::read_profiles(folder->path(), run);
    FactDocument facts = facts_of(run, "test");
    auto settings =
        settings_of(facts, folder == &a ? std::vector{a.at("serve.sh")} : std::vector<std::string>());
    runs.push_back({.name = "run", .facts = std::move(facts), .settings = std::move(settings)});
    add_throughput_per_card(runs.back());
  }
  std::map<std::string, std::vector<Json>> differences;
  const RunComparison comparison = compare_runs(runs, std::nullopt, true);
  for (const SettingDifference& difference : comparison.settings)
    differences[difference.name] = difference.values;
  CHECK(differences.at("--max-num-seqs") == std::vector<Json>{"32", "64"});
  CHECK(differences.at("--tensor-parallel-size") == std::vector<Json>{"2", "4"});
  CHECK(differences.at("--enforce-eager") == std::vector<Json>{"true", nullptr});
  CHECK(differences.at("TASK_QUEUE_ENABLE") == std::vector<Json>{"1", nullptr});
  CHECK(differences.at("client request_rate") == std::vector<Json>{"inf", "4.0"});
  CHECK_FALSE(differences.contains("--model"));  // the same in both
  CHECK_FALSE(differences.contains("--api-key"));
  CHECK(differences.at("HF_TOKEN").at(0).get<std::string>().find("hf_") == std::string::npos);
  const auto per_card = std::find_if(
      comparison.metrics.begin(), comparison.metrics.end(),
      [](const auto& row) { return row.fact == "run.throughput.output_tokens_per_second_per_card"; });
  REQUIRE(per_card != comparison.metrics.end());
  CHECK(per_card->values == std::vector<std::optional<double>>{400.0, 200.0});
}

}  // namespace ms
