#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/memory_plan.hpp"
#include "plan/step_time.hpp"

namespace ms {

/// What a service is tuned for.
enum class Target { throughput, balanced, ttft };

/// "throughput", "balanced" or "ttft".
std::string_view name_of(Target target);

/// What is to be reached, and what must be kept.
struct Goals {
  Target target = Target::balanced;
  std::optional<double> ttft_slo_seconds = std::nullopt;
  std::optional<double> tpot_slo_seconds = std::nullopt;
  /// The batch of one data-parallel rank beyond which a run decoded no more tokens a second, or kept no goal.
  std::optional<std::int64_t> measured_batch = std::nullopt;
};

/// A smaller batch that is nearly as good.
struct SmallerBatch {
  std::int64_t batch = 0;
  double share = 0;  ///< of the tokens a second of the whole batch
  Estimated tpot_seconds;
};

/// How a service should run by the plan: the batch, what limits it, and the times that follow.
struct OperatingPoint {
  std::int64_t batch = 0;                    ///< of one data-parallel rank; 0 where nothing meets the goals
  std::string_view limit;                    ///< "cache", "tpot", "requests" or "measured"
  std::optional<Estimated> decode_seconds;   ///< absent where the chip's speed is not known, like the others
  std::optional<Estimated> prefill_seconds;  ///< of a full prefill step
  std::optional<Estimated> tpot_seconds;
  std::optional<Estimated> ttft_seconds;
  std::optional<std::int64_t> ttft_prefill_tokens;    ///< the most that keep the TTFT goal
  std::optional<Estimated> output_tokens_per_second;  ///< of all data-parallel ranks
  std::optional<Estimated> requests_per_second;
  std::optional<SmallerBatch> smaller;  ///< absent where the last quarter of the batch is worth having
  std::string time_assumptions;
  std::vector<std::int64_t> graph_sizes;  ///< batches to capture as graphs
};

/// Picks the batch by the target: for throughput as large as 1 % preemption allows, else what fits at mean
/// lengths; never more than there are requests, than a run measured to be best, nor than keeps the TPOT goal.
OperatingPoint choose_operating_point(const PlanInputs& inputs, const MemoryPlan& plan, const Goals& goals,
                                      const std::optional<StepTimes>& times);

}  // namespace ms
