#include "advise/advisor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "plan/facts.hpp"
#include "serving/config_patch.hpp"

namespace ms {
namespace {

// The prefill that is advised decides the activations, and with them the batch that the prefill follows from.
// Both settle at once or after one more round; the bound only guards against a pair of advices that never do.
constexpr int kMaxRounds = 4;

FactDocument facts_of(const AdviseRequest& request, const PlanInputs& inputs, const std::optional<Chip>& chip,
                      const MemoryPlan& plan) {
  FactDocument facts;
  facts.set("model", to_facts(inputs.spec), inputs.spec.source);
  facts.set("chip", chip ? to_facts(*chip) : Json::object(), "knowledge/chips.toml");
  facts.set("service", request.service ? to_facts(*request.service) : Json::object(),
            request.service ? request.service->source : "no serving config");
  facts.set("workload", to_facts(inputs.workload), "arguments");
  facts.set("plan", to_facts(inputs, plan), "memory plan");
  return facts;
}

std::optional<std::int64_t> advised(const Advice& advice, std::string_view target) {
  for (const Recommendation& recommendation : advice.recommendations) {
    if (recommendation.target == target && recommendation.value.is_number_integer()) {
      return recommendation.value.get<std::int64_t>();
    }
  }
  return std::nullopt;
}

OrderedJson patch_of(const AdviseRequest& request, const std::vector<Recommendation>& recommendations) {
  std::vector<SettingChange> changes;
  for (const Recommendation& recommendation : recommendations) {
    if (recommendation.apply == "mindie")
      changes.emplace_back(recommendation.target, OrderedJson(recommendation.value));
  }
  if (request.service) return make_patch(*request.service, changes);
  // Without a config the operations fit one of the current layout, whose members `add` sets or replaces.
  OrderedJson patch = OrderedJson::array();
  for (const auto& [field, value] : changes) {
    patch.push_back({{"op", "add"}, {"path", "/BackendConfig/ScheduleConfig/" + field}, {"value", value}});
  }
  return patch;
}

Text joined(const std::vector<Text>& texts) {
  Text all;
  for (const Text& text : texts) {
    all.en += (all.en.empty() ? "" : "; ") + text.en;
    all.zh += (all.zh.empty() ? "" : "；") + text.zh;
  }
  return all;
}

}  // namespace

AdviseResult run_advisor(const AdviseRequest& request, const Knowledge& knowledge, const FactDocument& host,
                         const std::vector<AdviceRule>& rules) {
  ResolvedInputs resolved = resolve_inputs(request, knowledge, host);
  AdviseResult result;
  result.inputs = std::move(resolved.inputs);
  result.chip = std::move(resolved.chip);
  result.missing = std::move(resolved.missing);
  result.warnings = std::move(resolved.warnings);
  if (!resolved.plan) {
    const Text what = joined(result.missing);
    result.verdict = {ExitStatus::undecided,
                      {"nothing to advise without " + what.en, "缺少信息，无法给出建议：" + what.zh}};
    return result;
  }

  PlanInputs inputs = std::move(*resolved.plan);
  Advice advice;
  for (int round = 0; round < kMaxRounds; ++round) {
    result.plan = make_memory_plan(inputs);
    result.facts = facts_of(request, inputs, result.chip, *result.plan);
    advice = advise(rules, result.facts);
    const auto prefill_tokens = advised(advice, "maxPrefillTokens").value_or(inputs.max_prefill_tokens.value);
    const auto prefill_batch =
        advised(advice, "maxPrefillBatchSize").value_or(inputs.max_prefill_batch_size.value);
    if (prefill_tokens == inputs.max_prefill_tokens.value &&
        prefill_batch == inputs.max_prefill_batch_size.value)
      break;
    inputs.max_prefill_tokens = {.value = prefill_tokens, .source = "as advised", .assumed = false};
    inputs.max_prefill_batch_size = {.value = prefill_batch, .source = "as advised", .assumed = false};
  }
  result.plan_inputs = std::move(inputs);
  result.recommendations = std::move(advice.recommendations);
  result.patch = patch_of(request, result.recommendations);
  const auto& plan_warnings = result.plan->warnings;
  result.warnings.insert(result.warnings.end(), plan_warnings.begin(), plan_warnings.end());
  result.warnings.insert(result.warnings.end(), advice.warnings.begin(), advice.warnings.end());

  if (result.recommendations.empty()) {
    const std::string why = plan_warnings.empty() ? "no advice rule applies" : plan_warnings.front();
    result.verdict = {ExitStatus::undecided, {"nothing to advise: " + why, "没有可给出的建议：" + why}};
    return result;
  }
  const auto changes = std::count_if(result.recommendations.begin(), result.recommendations.end(),
                                     [](const Recommendation& r) { return !r.changes_nothing(); });
  result.verdict = {
      ExitStatus::ok,
      {fmt::format("{} of {} settings to change", changes, result.recommendations.size()),
       fmt::format("共 {} 项设置，其中 {} 项建议修改", result.recommendations.size(), changes)}};
  return result;
}

}  // namespace ms
