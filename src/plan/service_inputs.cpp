#include "plan/service_inputs.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/units.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

// -1 stands for "not set" in these members.
std::optional<std::int64_t> degree(const std::optional<std::int64_t>& stated) {
  if (!stated || *stated == -1) return std::nullopt;
  return stated;
}

std::string place(const MindieConfig& config, std::string_view field) {
  return fmt::format("{}: {}", config.source, field);
}

void take(Sourced<std::int64_t>& target, const std::optional<std::int64_t>& stated,
          const MindieConfig& config, std::string_view field) {
  if (stated) target = {.value = *stated, .source = place(config, field), .assumed = false};
}

}  // namespace

Parallelism parallelism_of(const MindieConfig& config) {
  Parallelism parallelism;
  parallelism.dp = degree(config.dp).value_or(1);
  parallelism.cp = degree(config.cp).value_or(1);
  parallelism.sp = degree(config.sp).value_or(1);
  parallelism.pp = degree(config.pp).value_or(1);
  parallelism.moe_tp = degree(config.moe_tp);
  parallelism.moe_ep = degree(config.moe_ep);
  for (const std::int64_t stated : {parallelism.dp, parallelism.cp, parallelism.sp, parallelism.pp}) {
    if (stated < 1)
      throw InputError(config.source,
                       fmt::format("a degree of parallelism is {}; it must be above 0", stated));
  }
  const std::int64_t others = saturating_mul(parallelism.dp, parallelism.cp, parallelism.pp);
  const auto npus = config.npus();
  const auto tp = degree(config.tp);
  if (npus && *npus >= 1 && (tp ? saturating_mul(*tp, others) != *npus : *npus % others != 0)) {
    throw InputError(config.source,
                     fmt::format("tp x dp x cp x pp must be worldSize, {}: tp is {}, the others make {}",
                                 *npus, tp ? fmt::format("{}", *tp) : "not set", others));
  }
  parallelism.tp = tp.value_or(npus.value_or(others) / others);
  return parallelism;
}

void apply_service(PlanInputs& inputs, const MindieConfig& config) {
  inputs.parallelism = parallelism_of(config);
  take(inputs.block_size_tokens, config.cache_block_size, config, "cacheBlockSize");
  take(inputs.max_prefill_tokens, config.max_prefill_tokens, config, "maxPrefillTokens");
  take(inputs.max_prefill_batch_size, config.max_prefill_batch_size, config, "maxPrefillBatchSize");
  if (config.npu_mem_size && *config.npu_mem_size > 0) {
    inputs.npu_mem_size_bytes = {.value = saturating_mul(*config.npu_mem_size, kGiB),
                                 .source = place(config, "npuMemSize"),
                                 .assumed = false};
  }
}

}  // namespace ms
