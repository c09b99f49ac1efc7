#include "plan/memory_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "model/saturating.hpp"
#include "plan/budget.hpp"
#include "plan/preemption.hpp"

namespace ms {
namespace {

constexpr std::int64_t kMostTokens = 1'000'000'000'000;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 60U;

void require_range(std::string_view what, std::int64_t value, std::int64_t least, std::int64_t most,
                   const std::string& source) {
  if (value >= least && value <= most) return;
  const std::string origin = source.empty() ? "plan" : source;
  throw InputError(origin, fmt::format("{} must be from {} to {}, not {}", what, least, most, value));
}

void require_length(std::string_view what, const Length& length) {
  const auto most = static_cast<double>(kMostTokens);
  if (!(length.mean > 0) || length.mean > most || length.max < 1 || length.max > kMostTokens) {
    throw InputError("workload", fmt::format("{} tokens must be from 1 to {}", what, kMostTokens));
  }
  if (length.mean > static_cast<double>(length.max)) {
    throw InputError("workload", fmt::format("the mean of {} tokens, {:g}, is above their maximum, {}", what,
                                             length.mean, length.max));
  }
}

void require_valid(const PlanInputs& inputs) {
  require_valid(inputs.parallelism, inputs.spec, "parallelism");
  require_length("input", inputs.workload.input);
  require_length("output", inputs.workload.output);
  require_range("the device memory in bytes", inputs.memory.total.value, 1, kMostBytes,
                inputs.memory.total.source);
  require_range("the device memory in use, in bytes,", inputs.memory.used.value, 0, inputs.memory.total.value,
                inputs.memory.used.source);
  require_range("the weights in bytes", inputs.weights.bytes, 0, kSaturated, inputs.weights.source);
  require_range("the block size in tokens", inputs.block_size_tokens.value, 1, 65536,
                inputs.block_size_tokens.source);
  require_range("maxPrefillTokens", inputs.max_prefill_tokens.value, 1, kMostTokens,
                inputs.max_prefill_tokens.source);
  require_range("maxPrefillBatchSize", inputs.max_prefill_batch_size.value, 0, kMostTokens,
                inputs.max_prefill_batch_size.source);
  require_range("max_num_seqs", inputs.max_num_seqs.value, 1, kMostTokens, inputs.max_num_seqs.source);
  require_range("HCCL_BUFFSIZE in bytes", inputs.hccl_buffer_bytes.value, 0, kMostBytes,
                inputs.hccl_buffer_bytes.source);
  require_range("draft layers", inputs.draft_layers, 0, 1000, {});
  if (inputs.npu_mem_size_bytes) {
    require_range("npuMemSize in bytes", inputs.npu_mem_size_bytes->value, 1, kMostBytes,
                  inputs.npu_mem_size_bytes->source);
  }
  if (inputs.kv_element_bytes) {
    require_range("bytes of a KV element", inputs.kv_element_bytes->value, 1, 8,
                  inputs.kv_element_bytes->source);
  }
  const double fraction = inputs.memory_fraction.value;
  if (!(fraction > 0) || fraction > 1) {
    throw InputError(inputs.memory_fraction.source,
                     fmt::format("the memory fraction must be above 0 and at most 1, "
                                 "not {:g}",
                                 fraction));
  }
}

std::int64_t tokens_of(double mean) {
  return saturating_cast(std::ceil(mean));
}

// Engines that give blocks back when they leave the window of a layer: vLLM from 0.10, vLLM-Ascend from 0.12,
// whose start-up logs show the groups of its cache manager. MindIE has none. Compressed layers have no other
// place than the window, so that every engine that runs them drops the rest.
bool drops_windows(const PlanInputs& inputs) {
  if (has_compressed_layers(inputs.spec)) return true;
  const auto& version = inputs.engine_version;
  switch (inputs.rule) {
    case BudgetRule::vllm:
      return inputs.hybrid_kv_cache && !(version && version->before(0, 10));
    case BudgetRule::vllm_ascend:
      return inputs.hybrid_kv_cache && !(version && version->before(0, 12));
    case BudgetRule::mindie:
    case BudgetRule::msserviceprofiler:
      return false;
  }
  return false;
}

BlocksOfRequest blocks_of_request(const PlanInputs& inputs, const KvCache& cache, std::int64_t block_bytes) {
  return {.block_tokens = inputs.block_size_tokens.value,
          .block_bytes = block_bytes,
          .ranks = saturating_mul(inputs.parallelism.sp, inputs.parallelism.cp),
          .cache = drops_windows(inputs) ? cache : keeping_whole_windows(cache)};
}

// The engine fills the last block of the prompt with output; the tool rounds the two up apart.
std::int64_t tokens_held(std::int64_t input, std::int64_t output, const PlanInputs& inputs) {
  if (inputs.rule != BudgetRule::msserviceprofiler) return saturating_add(input, output);
  const std::int64_t block = inputs.block_size_tokens.value;
  return saturating_mul(block, saturating_add(ceil_div(input, block), ceil_div(output, block)));
}

void count_requests(const PlanInputs& inputs, const BlocksOfRequest& request, MemoryPlan& plan) {
  const Workload& workload = inputs.workload;
  const std::int64_t mean_input = tokens_of(workload.input.mean);
  // The tool takes the mean prompt also where it takes the longest output.
  const std::int64_t longest_input =
      inputs.rule == BudgetRule::msserviceprofiler ? mean_input : workload.input.max;
  plan.blocks_per_request_max = request.blocks(tokens_held(longest_input, workload.output.max, inputs));
  plan.blocks_per_request_mean =
      request.blocks(tokens_held(mean_input, tokens_of(workload.output.mean), inputs));
  plan.blocks_per_prompt = request.blocks(tokens_held(mean_input, 0, inputs));
  // While prompts are computed their tokens are kept by layers with a window too: those of one step at most.
  const std::int64_t prefill = std::min(inputs.max_prefill_tokens.value, workload.input.max);
  const std::int64_t in_prefill =
      plan.block_bytes == 0
          ? 0
          : ceil_div(saturating_mul(request.cache.window_bytes_per_token, prefill), plan.block_bytes);
  const auto fit = [&](std::int64_t blocks_of_request, std::int64_t kept_free = 0) {
    if (plan.kv_state_bytes_per_request == 0)
      return std::max<std::int64_t>(0, plan.blocks - kept_free) / blocks_of_request;
    const std::int64_t bytes =
        saturating_add(saturating_mul(blocks_of_request, plan.block_bytes), plan.kv_state_bytes_per_request);
    return plan.kv_budget_bytes / bytes;
  };
  plan.max_batch_size = {.low = fit(plan.blocks_per_request_max, in_prefill),
                         .expected = fit(plan.blocks_per_request_mean),
                         .high = fit(plan.blocks_per_prompt)};
}

void weigh_preemption(const PlanInputs& inputs, const BlocksOfRequest& request, MemoryPlan& plan) {
  if (!plan.fits() || plan.block_bytes == 0) return;
  RequestLengths lengths = inputs.workload.lengths;
  if (lengths.requests.empty()) {
    lengths.requests.push_back(
        {.input = tokens_of(inputs.workload.input.mean), .output = tokens_of(inputs.workload.output.mean)});
  }
  const BlockDistribution held(lengths, request);
  plan.preemption =
      Preemption{.mean_blocks = held.mean(),
                 .chance_at_expected = held.overflow_chance(plan.max_batch_size.expected, plan.blocks),
                 .batch_at_one_percent = held.largest_batch(plan.blocks, 0.01)};
}

std::string ways_out(const PlanInputs& inputs) {
  std::string ways = "more NPUs (tp), weights of fewer bits";
  if (inputs.rule == BudgetRule::mindie && inputs.memory_fraction.value < 0.95 &&
      !inputs.npu_mem_size_bytes) {
    ways += ", a higher NPU_MEMORY_FRACTION";
  }
  if (inputs.rule == BudgetRule::vllm_ascend && inputs.memory_fraction.value < 0.95) {
    ways += ", a higher gpu_memory_utilization";
  }
  if (inputs.npu_mem_size_bytes) ways += ", npuMemSize -1";
  return ways;
}

void warn_about_fit(const PlanInputs& inputs, MemoryPlan& plan) {
  if (plan.kv_shortfall_bytes > 0) {
    plan.warnings.push_back(
        fmt::format("the model does not fit: {} of device memory are missing before any KV cache. "
                    "Ways out: {}, fewer prefill tokens at once",
                    format_bytes(plan.kv_shortfall_bytes), ways_out(inputs)));
  } else if (plan.block_bytes > 0 && plan.blocks < plan.blocks_per_request_max) {
    const std::int64_t missing = plan.blocks_per_request_max - plan.blocks;
    plan.warnings.push_back(
        fmt::format("a request of the greatest length does not fit: it needs {} blocks, there are {}; {} are "
                    "missing. Ways out: "
                    "{}, shorter requests",
                    plan.blocks_per_request_max, plan.blocks,
                    format_bytes(saturating_mul(missing, plan.block_bytes)), ways_out(inputs)));
  }
}

void warn_about_model(const PlanInputs& inputs, MemoryPlan& plan) {
  const ModelSpec& spec = inputs.spec;
  if (spec.heads % inputs.parallelism.tp != 0) {
    plan.warnings.push_back(
        fmt::format("{} attention heads are not divisible by tp {}: vLLM does not start so, MindIE "
                    "fills up the last rank",
                    spec.heads, inputs.parallelism.tp));
  }
  const std::int64_t longest = saturating_add(inputs.workload.input.max, inputs.workload.output.max);
  if (spec.max_position_tokens && longest > *spec.max_position_tokens) {
    plan.warnings.push_back(fmt::format("requests reach {} tokens, the model is made for {}", longest,
                                        *spec.max_position_tokens));
  }
}

std::string window_assumption(const PlanInputs& inputs, const KvCache& cache) {
  if (drops_windows(inputs)) {
    return fmt::format(
        "layers with a window keep {} tokens of a request and a block, by the engine's cache manager for "
        "windows; "
        "while prompts are computed, up to {} tokens more, once for all requests",
        cache.window_tokens, inputs.max_prefill_tokens.value);
  }
  return fmt::format(
      "layers with a window are counted as if they kept every token; they need no more than {} tokens",
      cache.window_tokens);
}

void assume(const PlanInputs& inputs, const KvCache& cache, MemoryPlan& plan) {
  for (const BudgetLine& line : plan.lines) {
    if (line.assumed && line.bytes != 0)
      plan.assumptions.push_back(fmt::format("{}: {}", line.name, line.how));
  }
  if (!inputs.npu_mem_size_bytes && inputs.rule != BudgetRule::msserviceprofiler &&
      inputs.max_prefill_tokens.assumed) {
    plan.assumptions.push_back(fmt::format("max_prefill_tokens: {} ({})", inputs.max_prefill_tokens.value,
                                           inputs.max_prefill_tokens.source));
  }
  if (inputs.measured.kv_bytes || inputs.measured.blocks || inputs.measured.kv_tokens) {
    plan.assumptions.push_back("KV memory is that of the logged start; other prefill limits would change it");
  }
  if (inputs.block_size_tokens.assumed) {
    plan.assumptions.push_back(fmt::format("block size: {} tokens ({})", inputs.block_size_tokens.value,
                                           inputs.block_size_tokens.source));
  }
  if (cache.window_bytes_per_token > 0) {
    plan.assumptions.push_back(window_assumption(inputs, cache));
  }
  if (inputs.spec.eagle && inputs.spec.eagle->assumed) {
    plan.assumptions.push_back("EAGLE head: " + inputs.spec.eagle->source);
  }
  if (inputs.parallelism.dp > 1) {
    plan.assumptions.push_back(fmt::format(
        "blocks and batch sizes are those of one of {} data-parallel ranks", inputs.parallelism.dp));
  }
  plan.assumptions.insert(plan.assumptions.end(), inputs.spec.notes.begin(), inputs.spec.notes.end());
}

// KV bytes that the engine logged, or that follow from the blocks or tokens that it did.
std::optional<Sourced<std::int64_t>> measured_kv(const PlanInputs& inputs, std::int64_t block_bytes) {
  const MeasuredMemory& measured = inputs.measured;
  if (measured.kv_bytes) return measured.kv_bytes;
  auto kv = measured.blocks ? measured.blocks : measured.kv_tokens;
  if (!kv) return std::nullopt;
  const std::int64_t shared = inputs.parallelism.sp * inputs.parallelism.cp;
  const std::int64_t blocks =
      measured.blocks ? kv->value : ceil_div(kv->value / shared, inputs.block_size_tokens.value);
  kv->value = saturating_mul(blocks, block_bytes);
  return kv;
}

bool is_estimate(const BudgetLine& line) {
  return line.name == "activation_peak" || line.name == "communication_buffers" || line.name == "runtime";
}

// What was logged takes the place of the estimates: the weights theirs, the rest of the engine the others.
void use_measured(const PlanInputs& inputs, std::int64_t block_bytes, RankWeights& weights, Budget& budget) {
  const MeasuredMemory& measured = inputs.measured;
  if (measured.weights_bytes) {
    for (BudgetLine& line : budget.lines) {
      if (line.name != "weights") continue;
      budget.bytes += weights.bytes - measured.weights_bytes->value;
      weights = {.bytes = measured.weights_bytes->value,
                 .formula = "logged: " + measured.weights_bytes->source};
      line = {"weights", -weights.bytes, weights.formula, false};
    }
  }
  auto kv = measured_kv(inputs, block_bytes);
  if (!kv && measured.peak_bytes && inputs.rule == BudgetRule::mindie && !inputs.npu_mem_size_bytes) {
    const auto total = static_cast<double>(inputs.memory.total.value);
    kv = measured.peak_bytes;
    kv->value = saturating_cast(total * inputs.memory_fraction.value) - kv->value;
  }
  if (!kv || inputs.rule == BudgetRule::msserviceprofiler) return;
  std::erase_if(budget.lines, is_estimate);
  std::int64_t sum = 0;
  for (const BudgetLine& line : budget.lines) sum = saturating_add(sum, line.bytes);
  budget.lines.push_back({"engine_overhead", kv->value - sum,
                          "all that the engine keeps beside, by its KV memory as logged: " + kv->source,
                          false});
  budget.bytes = kv->value;
}

// The tool divides all weights by the number of NPUs, whatever they are spread by.
RankWeights rank_weights(const PlanInputs& inputs) {
  if (inputs.rule != BudgetRule::msserviceprofiler) {
    return weights_per_rank(inputs.spec, inputs.weights, inputs.parallelism, inputs.draft_layers);
  }
  const std::int64_t npus = inputs.parallelism.world_size();
  return {.bytes = inputs.weights.bytes / npus,
          .formula = fmt::format("{} / {} NPUs", format_bytes(inputs.weights.bytes), npus)};
}

}  // namespace

std::string_view name_of(BudgetRule rule) {
  constexpr std::array<std::string_view, 4> kNames = {"mindie", "vllm-ascend", "vllm", "msserviceprofiler"};
  return kNames.at(static_cast<std::size_t>(rule));
}

std::optional<EngineVersion> parse_engine_version(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto digits = [&](std::size_t from) {
      std::size_t to = from;
      while (to < text.size() && to - from < 6 && text[to] >= '0' && text[to] <= '9') ++to;
      return text.substr(from, to - from);
    };
    const std::string_view major = digits(at);
    const std::size_t dot = at + major.size();
    if (major.empty() || dot >= text.size() || text[dot] != '.') {
      at = major.empty() ? at : dot - 1;
      continue;
    }
    const std::string_view minor_text = digits(dot + 1);
    const auto minor = parse_int(minor_text);
    if (!minor) continue;
    const std::size_t end = dot + 1 + minor_text.size();
    if (end < text.size() && text[end] == 'x') return std::nullopt;
    return EngineVersion{.major = parse_int(major).value_or(0),
                         .minor = *minor,
                         .v0 = text.find("V0") != text.npos || text.find("v0 engine") != text.npos};
  }
  return std::nullopt;
}

MemoryPlan make_memory_plan(const PlanInputs& inputs) {
  require_valid(inputs);
  const KvOptions options{.element_bytes = inputs.kv_element_bytes ? inputs.kv_element_bytes->value
                                                                   : default_kv_element_bytes(inputs.spec),
                          .draft_layers = inputs.draft_layers};
  const KvCache cache = kv_cache(inputs.spec, inputs.parallelism, options);
  if (kv_bytes_of_request(cache, 1, 0) == 0) {
    throw InputError(inputs.spec.source,
                     "none of its layers keeps K and V, or a state of known size: there is no cache to plan");
  }
  RankWeights weights = rank_weights(inputs);
  Budget budget = make_budget(inputs, weights);
  const std::int64_t block_bytes = saturating_mul(
      inputs.block_size_tokens.value, kv_bytes_per_token_per_rank(inputs.spec, inputs.parallelism, options));
  use_measured(inputs, block_bytes, weights, budget);

  MemoryPlan plan;
  plan.rule = inputs.rule;
  plan.lines = std::move(budget.lines);
  plan.warnings = std::move(budget.warnings);
  plan.weights_bytes_per_rank = weights.bytes;
  plan.weights_source = fmt::format("{}; {}", inputs.weights.source, weights.formula);
  plan.kv_bytes_per_token_per_rank = kv_bytes_per_token_per_rank(inputs.spec, inputs.parallelism, options);
  plan.kv_formula = cache.formula;
  plan.kv_state_bytes_per_request = cache.state_bytes_per_request;
  plan.kv_budget_bytes = std::max<std::int64_t>(0, budget.bytes);
  plan.kv_shortfall_bytes = std::max<std::int64_t>(0, -budget.bytes);
  plan.block_size_tokens = inputs.block_size_tokens.value;
  plan.block_bytes = block_bytes;
  // States alone take no blocks.
  const std::int64_t fitting = plan.block_bytes > 0 ? plan.kv_budget_bytes / plan.block_bytes : 0;
  plan.blocks = inputs.measured.blocks ? inputs.measured.blocks->value : fitting;
  plan.tokens = saturating_mul(
      plan.blocks, saturating_mul(plan.block_size_tokens, inputs.parallelism.sp, inputs.parallelism.cp));
  const BlocksOfRequest request = blocks_of_request(inputs, cache, plan.block_bytes);
  count_requests(inputs, request, plan);
  weigh_preemption(inputs, request, plan);
  warn_about_fit(inputs, plan);
  warn_about_model(inputs, plan);
  assume(inputs, cache, plan);
  return plan;
}

}  // namespace ms
