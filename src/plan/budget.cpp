#include "plan/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.hpp"
#include "model/saturating.hpp"
#include "plan/activation.hpp"

namespace ms {
namespace {

void add(Budget& budget, BudgetLine line) {
  // Both operands are within +-2^63 - 1, so only the sum can overflow, and then downwards.
  std::int64_t sum = 0;
  budget.bytes = __builtin_add_overflow(budget.bytes, line.bytes, &sum) ? -kSaturated : sum;
  budget.lines.push_back(std::move(line));
}

void add_device(Budget& budget, const DeviceMemory& memory) {
  add(budget, {"hbm_total", memory.total.value, memory.total.source, memory.total.assumed});
  add(budget, {"hbm_used", -memory.used.value, memory.used.source, memory.used.assumed});
}

void add_weights(Budget& budget, const PlanInputs& inputs, const RankWeights& weights) {
  add(budget, {"weights", -weights.bytes, weights.formula, !inputs.weights.measured});
}

// A fixed size is not taken from what is left: the engine allocates it, and fails where it is not there.
Budget fixed_budget(const PlanInputs& inputs, const RankWeights& weights) {
  Budget budget;
  const auto& fixed = *inputs.npu_mem_size_bytes;
  add(budget, {"npu_mem_size", fixed.value, fixed.source, fixed.assumed});
  const std::int64_t left = inputs.memory.total.value - inputs.memory.used.value - weights.bytes;
  if (fixed.value > left) {
    budget.warnings.push_back(fmt::format("npuMemSize is {}, but only {} are left beside the weights",
                                          format_bytes(fixed.value),
                                          format_bytes(std::max<std::int64_t>(0, left))));
  }
  return budget;
}

Budget mindie_budget(const PlanInputs& inputs, const RankWeights& weights) {
  Budget budget;
  add_device(budget, inputs.memory);
  const auto total = static_cast<double>(inputs.memory.total.value);
  const std::int64_t kept = saturating_cast(std::ceil(total * (1 - inputs.memory_fraction.value)));
  add(budget, {"outside_fraction", -kept,
               fmt::format("the engine uses {:.4g} of the memory: {}", inputs.memory_fraction.value,
                           inputs.memory_fraction.source),
               inputs.memory_fraction.assumed});
  add_weights(budget, inputs, weights);
  const Estimate activation = activation_peak(
      inputs.spec, inputs.parallelism, inputs.max_prefill_tokens.value, inputs.max_prefill_batch_size.value);
  add(budget, {"activation_peak", -activation.bytes, activation.how, true});
  const Estimate buffers = communication_buffers(inputs.parallelism, inputs.hccl_buffer_bytes.value);
  add(budget, {"communication_buffers", -buffers.bytes, buffers.how, buffers.bytes > 0});
  return budget;
}

// The engine profiles a forward pass and, for models that see, the largest image; its outputs stay meanwhile.
Estimate profiling_peak(const PlanInputs& inputs) {
  const auto peak = inputs.rule == BudgetRule::vllm ? vllm_profiling_peak : activation_peak;
  Estimate forward =
      peak(inputs.spec, inputs.parallelism, inputs.max_prefill_tokens.value, inputs.max_num_seqs.value);
  const Estimate encoder = encoder_peak(inputs.spec);
  return encoder.bytes > forward.bytes ? encoder : forward;
}

// What is in use outside torch. Engines that compare free memory before and after count all of it; later ones
// only what the profiling run added. Figures and where they were logged: docs/memory.md#versions.
BudgetLine outside_torch(const PlanInputs& inputs) {
  const bool many = inputs.parallelism.world_size() > 1;
  const auto version = inputs.engine_version;
  if (inputs.rule == BudgetRule::vllm_ascend) {
    if (version && version->before(0, 14)) {
      return {"runtime", -768 * kMiB, "all outside torch, as start-up logs of vLLM-Ascend 0.11 to 0.13 show",
              true};
    }
    return {"runtime", -320 * kMiB, "outside torch since the start, as vLLM-Ascend of 2026 logs it", true};
  }
  const bool first_v1 = version && !version->v0 && !version->before(0, 7) && version->before(0, 10);
  const bool counts_all = first_v1 || (version && version->before(0, 6));
  if (counts_all) {
    return {"runtime", -(many ? 3666 : 1833) * kMiB,
            "all outside torch, context included: 1.79 GiB on one GPU, 3.58 GiB on two (vllm#10511)", true};
  }
  return {"runtime", -(many ? 550 : 140) * kMiB, "outside torch, as start-up logs of vLLM on GPUs show",
          true};
}

// vLLM takes its share of what torch sees; what the driver keeps is not in it.
Budget vllm_budget(const PlanInputs& inputs, const RankWeights& weights) {
  Budget budget;
  add_device(budget, inputs.memory);
  const auto visible = static_cast<double>(budget.bytes);
  add(budget, {"outside_fraction", -saturating_cast(std::ceil(visible * (1 - inputs.memory_fraction.value))),
               fmt::format("the engine uses {:.4g} of the memory: {}", inputs.memory_fraction.value,
                           inputs.memory_fraction.source),
               inputs.memory_fraction.assumed});
  add_weights(budget, inputs, weights);
  if (!inputs.measured.weights_bytes) {
    const Estimate rotary = rotary_table(inputs.spec);
    add(budget, {"rotary_table", -rotary.bytes, rotary.how, false});
  }
  const bool on_npu = inputs.rule == BudgetRule::vllm_ascend;
  const Estimate activation = profiling_peak(inputs);
  add(budget, {"activation_peak", -activation.bytes, activation.how, true});
  if (on_npu) {
    const Estimate buffers = communication_buffers(inputs.parallelism, inputs.hccl_buffer_bytes.value);
    add(budget, {"communication_buffers", -buffers.bytes, buffers.how, buffers.bytes > 0});
  }
  add(budget, outside_torch(inputs));
  return budget;
}

// round(free GiB, 2), minus weights / NPUs, times 0.8, in whole GiB: the tool's own order of rounding,
// without which its published figures do not come out.
Budget msserviceprofiler_budget(const PlanInputs& inputs, const RankWeights& weights) {
  Budget budget;
  add_device(budget, inputs.memory);
  add_weights(budget, inputs, weights);
  const double total_mib = static_cast<double>(inputs.memory.total.value) / static_cast<double>(kMiB);
  const double used_ratio =
      static_cast<double>(inputs.memory.used.value) / static_cast<double>(inputs.memory.total.value);
  const double free_gib = std::nearbyint(total_mib * (1 - used_ratio) / 1024 * 100) / 100;
  const double weights_gib = static_cast<double>(weights.bytes) / static_cast<double>(kGiB);
  const double whole_gib = std::floor((free_gib - weights_gib) * 0.8);
  const std::int64_t result = whole_gib > 0 ? saturating_mul(saturating_cast(whole_gib), kGiB) : 0;
  if (budget.bytes <= 0) return budget;
  add(budget, {"reserve", result - budget.bytes,
               fmt::format("({:.2f} GiB free - {:.3f} GiB) x 0.8 = {:.2f} GiB, in whole GiB", free_gib,
                           weights_gib, (free_gib - weights_gib) * 0.8),
               true});
  return budget;
}

}  // namespace

Budget make_budget(const PlanInputs& inputs, const RankWeights& weights) {
  if (inputs.npu_mem_size_bytes) return fixed_budget(inputs, weights);
  switch (inputs.rule) {
    case BudgetRule::mindie:
      return mindie_budget(inputs, weights);
    case BudgetRule::vllm_ascend:
    case BudgetRule::vllm:
      return vllm_budget(inputs, weights);
    case BudgetRule::msserviceprofiler:
      return msserviceprofiler_budget(inputs, weights);
  }
  return {};
}

}  // namespace ms
