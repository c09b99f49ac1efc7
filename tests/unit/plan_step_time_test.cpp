#include <doctest/doctest.h>

#include "base/units.hpp"
#include "knowledge/knowledge.hpp"
#include "plan/operating_point.hpp"
#include "plan/step_time.hpp"

namespace ms {
namespace {

// Qwen2.5-7B on a 910B4: 245.8 TFLOPS, 0.8 TB/s, 15.23 GB of weights of which the embedding (1.09 GB) is not
// read.
PlanInputs seven_billion() {
  static const Knowledge knowledge = load_knowledge();
  const KnownModel& model = find_model(knowledge.models, "Qwen2.5-7B-Instruct", "test");
  PlanInputs inputs;
  inputs.spec = read_model_spec(model.config, model.source);
  inputs.weights = weights_from_spec(inputs.spec);
  inputs.memory.total = {.value = 32 * kGiB, .source = "test", .assumed = false};
  inputs.workload = {.input = {256, 256}, .output = {256, 256}, .lengths = {}, .requests = std::nullopt};
  return inputs;
}

StepTimes times_of(const PlanInputs& inputs) {
  static const Knowledge knowledge = load_knowledge();
  return *StepTimes::of(inputs, find_chip(knowledge.chips, "910B4", "test"), 15'231'233'024, 57'344);
}

TEST_CASE("decode of one request reads the weights: 14.1 GB at 65 % of 0.8 TB/s, and the host's 13 ms") {
  const Estimated step = times_of(seven_billion()).decode(1, 384);
  CHECK(step.expected == doctest::Approx(0.0404).epsilon(0.02));  // 27.2 + 0.05 + 13.15 ms
  CHECK(step.low < step.expected);
  CHECK(step.expected < step.high);
}

TEST_CASE("prefill of 8192 tokens computes 2 x 7.6 G x 8192 at half of 245.8 TFLOPS") {
  CHECK(times_of(seven_billion()).prefill(8192, 256).expected == doctest::Approx(1.03).epsilon(0.02));
}

TEST_CASE("the published service of 250 clients is met within a factor of 1.5") {
  // MindIE serving tuning practice: 2306 to 2673 tokens/s at concurrency 250, 256 tokens in and out.
  const Estimated tpot = times_of(seven_billion()).tpot(250, 8192, 256, 256);
  CHECK(250 / tpot.expected > 2306 / 1.5);
  CHECK(250 / tpot.expected < 2673 * 1.5);
}

TEST_CASE("a TPOT goal limits the batch, and the next larger batch misses it") {
  const StepTimes times = times_of(seven_billion());
  const std::int64_t batch = times.batch_for_tpot(0.08, 1000, 8192, 256, 256);
  CHECK(batch > 1);
  CHECK(times.tpot(batch, 8192, 256, 256).expected <= 0.08);
  CHECK(times.tpot(batch + 1, 8192, 256, 256).expected > 0.08);
  CHECK(times.batch_for_tpot(0.001, 1000, 8192, 256, 256) == 0);
}

TEST_CASE("the smallest batch with 95 % of the speed is named, unless it is nearly the whole") {
  PlanInputs inputs = seven_billion();
  const StepTimes times = times_of(inputs);
  MemoryPlan plan = make_memory_plan(inputs);
  plan.max_batch_size.expected = 4000;
  const OperatingPoint point = choose_operating_point(inputs, plan, {}, times);
  const auto speed = [&](std::int64_t batch) {
    const auto prefill = static_cast<double>(inputs.max_prefill_tokens.value);
    return static_cast<double>(batch) / times.tpot(batch, prefill, 256, 256).expected;
  };
  REQUIRE(point.smaller);
  CHECK(speed(point.smaller->batch) >= 0.95 * speed(4000));
  CHECK(speed(point.smaller->batch - 1) < 0.95 * speed(4000));
  CHECK(point.smaller->tpot_seconds.expected < point.tpot_seconds->expected);
  // Of 20 requests each still brings nearly its share: the weights are read once for all.
  plan.max_batch_size.expected = 20;
  CHECK_FALSE(choose_operating_point(inputs, plan, {}, times).smaller);
}

TEST_CASE("the batch is what fits, what there are requests for, or what the TPOT goal allows") {
  PlanInputs inputs = seven_billion();
  const MemoryPlan plan = make_memory_plan(inputs);
  const auto times = std::optional(times_of(inputs));
  CHECK(choose_operating_point(inputs, plan, {}, times).batch == plan.max_batch_size.expected);
  CHECK(choose_operating_point(inputs, plan, {.target = Target::throughput}, times).batch ==
        plan.preemption->batch_at_one_percent);
  CHECK(choose_operating_point(inputs, plan, {.tpot_slo_seconds = 0.06}, times).limit == "tpot");
  inputs.workload.requests = 20;
  const OperatingPoint few = choose_operating_point(inputs, plan, {}, times);
  CHECK(few.batch == 20);
  CHECK(few.limit == "requests");
  CHECK(few.graph_sizes == std::vector<std::int64_t>{1, 2, 4, 8, 16, 20});
}

}  // namespace
}  // namespace ms
