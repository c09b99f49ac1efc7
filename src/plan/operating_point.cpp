#include "plan/operating_point.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/saturating.hpp"

namespace ms {
namespace {

// 1, 2, 4, 8, and from there in equal steps of whole eights to the batch: at most 20, since each costs
// memory.
std::vector<std::int64_t> capture_sizes(std::int64_t batch) {
  constexpr std::int64_t kLargest = 512;  // vLLM's own limit
  constexpr std::int64_t kSteps = 16;
  const std::int64_t most = std::min(batch, kLargest);
  std::vector<std::int64_t> sizes;
  for (const std::int64_t size : {1, 2, 4}) {
    if (size < most) sizes.push_back(size);
  }
  const std::int64_t step = std::max<std::int64_t>(8, ceil_div(ceil_div(most, kSteps), 8) * 8);
  if (8 < most && step > 8) sizes.push_back(8);
  for (std::int64_t size = step; size < most; size += step) sizes.push_back(size);
  if (most > 0) sizes.push_back(most);
  return sizes;
}

Estimated per_second(double amount, const Estimated& seconds) {
  return {amount / seconds.high, amount / seconds.expected, amount / seconds.low};
}

// The smallest batch that is estimated to give 95 % of the tokens a second: what is beyond costs TPOT and
// brings little.
std::optional<SmallerBatch> nearly_as_good(const PlanInputs& inputs, const StepTimes& times,
                                           std::int64_t most) {
  constexpr double kShare = 0.95;
  constexpr double kWorthSaying = 0.75;
  const auto tpot = [&](std::int64_t batch) {
    return times.tpot(batch, static_cast<double>(inputs.max_prefill_tokens.value), inputs.workload.input.mean,
                      inputs.workload.output.mean);
  };
  const auto speed = [&](std::int64_t batch) { return static_cast<double>(batch) / tpot(batch).expected; };
  const double wanted = kShare * speed(most);
  std::int64_t low = 0;
  std::int64_t high = most;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (speed(middle) < wanted ? low : high) = middle;
  }
  if (static_cast<double>(high) > kWorthSaying * static_cast<double>(most)) return std::nullopt;
  return SmallerBatch{.batch = high, .share = speed(high) / speed(most), .tpot_seconds = tpot(high)};
}

void add_times(const PlanInputs& inputs, const StepTimes& times, OperatingPoint& point) {
  const double input = inputs.workload.input.mean;
  const double output = inputs.workload.output.mean;
  const auto prefill = static_cast<double>(inputs.max_prefill_tokens.value);
  const double held = std::min(prefill, input * static_cast<double>(point.batch));
  const double ranks = static_cast<double>(inputs.parallelism.dp);
  point.decode_seconds = times.decode(point.batch, input + output / 2);
  point.prefill_seconds = times.prefill(std::max(held, input), input);
  point.tpot_seconds = times.tpot(point.batch, prefill, input, output);
  point.ttft_seconds = times.ttft(point.batch, held, input, output);
  point.output_tokens_per_second = per_second(static_cast<double>(point.batch) * ranks, *point.tpot_seconds);
  point.requests_per_second =
      per_second(static_cast<double>(point.batch) * ranks / output, *point.tpot_seconds);
  point.smaller = nearly_as_good(inputs, times, point.batch);
  point.time_assumptions = times.assumptions();
}

}  // namespace

std::string_view name_of(Target target) {
  constexpr std::array<std::string_view, 3> kNames = {"throughput", "balanced", "ttft"};
  return kNames.at(static_cast<std::size_t>(target));
}

OperatingPoint choose_operating_point(const PlanInputs& inputs, const MemoryPlan& plan, const Goals& goals,
                                      const std::optional<StepTimes>& times) {
  OperatingPoint point;
  point.limit = "cache";
  point.batch = goals.target == Target::throughput && plan.preemption
                    ? std::max(plan.max_batch_size.expected, plan.preemption->batch_at_one_percent)
                    : plan.max_batch_size.expected;
  // Below its longest request nothing is worth a batch.
  if (!plan.fits()) point.batch = 0;
  const auto& requests = inputs.workload.requests;
  const std::int64_t share = requests ? ceil_div(*requests, inputs.parallelism.dp) : point.batch;
  if (share < point.batch) {
    point.batch = share;
    point.limit = "requests";
  }
  if (goals.measured_batch && *goals.measured_batch < point.batch) {
    point.batch = *goals.measured_batch;
    point.limit = "measured";
  }
  if (times && goals.tpot_slo_seconds && point.batch > 0) {
    const std::int64_t kept = times->batch_for_tpot(*goals.tpot_slo_seconds, point.batch,
                                                    static_cast<double>(inputs.max_prefill_tokens.value),
                                                    inputs.workload.input.mean, inputs.workload.output.mean);
    if (kept < point.batch) {
      point.batch = kept;
      point.limit = "tpot";
    }
  }
  if (times && point.batch > 0) {
    if (goals.ttft_slo_seconds) {
      constexpr std::int64_t kMostPrefill = 65'536;
      point.ttft_prefill_tokens =
          times->prefill_for_ttft(*goals.ttft_slo_seconds, point.batch, kMostPrefill,
                                  inputs.workload.input.mean, inputs.workload.output.mean);
    }
    add_times(inputs, *times, point);
  }
  point.graph_sizes = capture_sizes(point.batch);
  return point;
}

}  // namespace ms
