#include "advise/advisor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advise/recorded_run.hpp"
#include "base/text.hpp"
#include "plan/facts.hpp"
#include "plan/step_time.hpp"
#include "serving/config_patch.hpp"

namespace ms {
namespace {

// The prefill that is advised decides the activations, and with them the batch that the prefill follows from.
// Both settle at once or after one more round; the bound only guards against a pair of advices that never do.
constexpr int kMaxRounds = 4;

void set_service(const AdviseRequest& request, FactDocument& facts) {
  if (request.vllm) {
    facts.set("service", to_facts(*request.vllm), request.vllm->source);
  } else {
    facts.set("service", request.service ? to_facts(*request.service) : Json::object(),
              request.service ? request.service->source : "no serving config");
  }
}

// A run alone: what is not known of the plan is not there.
FactDocument facts_of_run(const AdviseRequest& request) {
  FactDocument facts = request.recorded;
  set_service(request, facts);
  for (const char* tree : {"model", "chip", "workload", "plan"}) facts.set(tree, Json::object(), "not given");
  return facts;
}

FactDocument facts_of(const AdviseRequest& request, const PlanInputs& inputs, const std::optional<Chip>& chip,
                      const MemoryPlan& plan, const OperatingPoint& point) {
  FactDocument facts = request.recorded;
  Json plan_facts = to_facts(inputs, plan);
  plan_facts["point"] = to_facts(point);
  facts.set("model", to_facts(inputs.spec), inputs.spec.source);
  facts.set("chip", chip ? to_facts(*chip) : Json::object(), "knowledge/chips.toml");
  set_service(request, facts);
  facts.set("workload", to_facts(inputs.workload, request.goals), "arguments");
  facts.set("plan", std::move(plan_facts), "memory plan");
  return facts;
}

std::string option_value(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Graph sizes are a member of --compilation-config, beside whatever else that says.
std::string compilation_config(const VllmArguments& arguments, const Json& sizes) {
  Json config = Json::object();
  for (const auto& [name, value] : arguments.options) {
    if (name != "compilation-config" || !value) continue;
    const Json stated = Json::parse(*value, nullptr, false);
    if (stated.is_object()) config = stated;
  }
  config["cudagraph_capture_sizes"] = sizes;
  return config.dump();
}

// What a run measured of step times comes before what is estimated of them.
Goals goals_of(const Goals& asked, const std::optional<Json>& best) {
  Goals goals = asked;
  if (!best) return goals;
  goals.tpot_slo_seconds.reset();
  if (best->at("covered").get<bool>()) goals.measured_batch = best->at("batch").get<std::int64_t>();
  return goals;
}

// What to type: the engine's environment and its command.
void make_launch(const AdviseRequest& request, AdviseResult& result) {
  std::vector<std::pair<std::string, std::string>> options;
  for (const Recommendation& recommendation : result.recommendations) {
    const std::string value = option_value(recommendation.value);
    if (recommendation.apply == "env") result.variables.emplace_back(recommendation.target, value);
    if (recommendation.apply != "vllm") continue;
    if (recommendation.target == "cudagraph_capture_sizes") {
      options.emplace_back("compilation-config", compilation_config(*request.vllm, recommendation.value));
      continue;
    }
    std::string name = recommendation.target;
    std::replace(name.begin(), name.end(), '_', '-');
    options.emplace_back(std::move(name), value);
  }
  if (!request.vllm) {
    for (const auto& [name, value] : result.variables)
      result.launch += fmt::format("export {}={}\n", name, shell_quote(value));
    result.launch += "cd \"$MIES_INSTALL_PATH\" && ./bin/mindieservice_daemon\n";
    return;
  }
  VllmArguments arguments = *request.vllm;
  if (!arguments.model) arguments.model = request.model_dir.empty() ? request.model : request.model_dir;
  if (result.plan_inputs && (request.tp || request.cards)) {
    options.emplace_back("tensor-parallel-size", fmt::format("{}", result.plan_inputs->parallelism.tp));
    if (result.plan_inputs->parallelism.dp > 1)
      options.emplace_back("data-parallel-size", fmt::format("{}", result.plan_inputs->parallelism.dp));
  }
  for (const auto& variable : result.variables) {
    const auto stated = std::find_if(arguments.environment.begin(), arguments.environment.end(),
                                     [&](const auto& set) { return set.first == variable.first; });
    if (stated == arguments.environment.end()) arguments.environment.push_back(variable);
  }
  result.launch = launch_command(arguments, options);
}

std::optional<std::int64_t> advised(const std::vector<Recommendation>& recommendations,
                                    std::string_view target) {
  for (const Recommendation& recommendation : recommendations) {
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

// Goals that cannot be weighed, or that no setting meets.
void warn_about_goals(const Goals& goals, AdviseResult& result) {
  const bool asked = goals.ttft_slo_seconds || goals.tpot_slo_seconds;
  if (asked && !result.point.decode_seconds && result.point.limit != "tpot") {
    result.warnings.push_back(
        "the speed of the chip is not known: give --chip NAME to weigh --ttft-slo and --tpot-slo");
  }
  if (result.point.limit == "tpot" && result.point.batch == 0) {
    result.warnings.push_back(
        fmt::format("not even one request is estimated to keep a TPOT of {:g} ms: more NPUs (tp), "
                    "weights of fewer bits",
                    *goals.tpot_slo_seconds * 1e3));
  }
  if (result.point.ttft_prefill_tokens == 0) {
    result.warnings.push_back(
        fmt::format("one prompt alone is estimated to take longer than a TTFT of {:g} ms: more NPUs "
                    "(tp), a smaller batch",
                    *goals.ttft_slo_seconds * 1e3));
  }
}

Text joined(const std::vector<Text>& texts) {
  Text all;
  for (const Text& text : texts) {
    all.en += (all.en.empty() ? "" : "; ") + text.en;
    all.zh += (all.zh.empty() ? "" : "；") + text.zh;
  }
  return all;
}

// A goal that no measured batch keeps.
void warn_about_measured_goal(const AdviseRequest& request, const std::optional<Json>& best,
                              AdviseResult& result) {
  if (best || !request.goals.tpot_slo_seconds || request.recorded.find("run.fit.decode") == nullptr) return;
  result.warnings.push_back(fmt::format("by the step times of the run no batch keeps a TPOT of {:g} ms",
                                        *request.goals.tpot_slo_seconds * 1e3));
}

// NPUs that serve, as the request or the settings of the service say; 0 where neither does.
double cards_of(const AdviseRequest& request, const FactDocument& facts) {
  const auto number = [&](const char* path, double otherwise) {
    const Json* value = facts.find(path);
    return value != nullptr && value->is_number() ? value->get<double>() : otherwise;
  };
  if (request.cards) return static_cast<double>(*request.cards);
  if (const double world = number("service.world_size", 0); world > 0) return world;
  const double tp = number("service.tp", 0);
  return tp * number("service.pp", 1) * number("service.dp", 1);
}

// What the run shows, and its settings before those of the plan.
void examine(const AdviseRequest& request, const AdviceLibrary& library, AdviseResult& result) {
  if (request.recorded.tree().empty()) return;
  result.examined = true;
  add_throughput_per_card(result.facts, cards_of(request, result.facts));
  Json advised = Json::object();
  for (const Recommendation& recommendation : result.recommendations)
    advised[recommendation.target] = recommendation.value;
  result.diagnoses = diagnose(library.diagnoses, result.facts, advised, request.vllm ? "mindie" : "vllm");
  std::vector<Recommendation> settings;
  const auto add = [&](const Recommendation& setting) {
    const bool known = std::any_of(settings.begin(), settings.end(), [&](const Recommendation& other) {
      return other.target == setting.target && other.apply == setting.apply;
    });
    if (!known) settings.push_back(setting);
  };
  for (const Diagnosis& diagnosis : result.diagnoses) {
    for (const Recommendation& setting : diagnosis.settings) add(setting);
  }
  for (const Recommendation& recommendation : result.recommendations) add(recommendation);
  result.recommendations = std::move(settings);
}

Verdict verdict_of(const AdviseResult& result) {
  const auto changes = std::count_if(result.recommendations.begin(), result.recommendations.end(),
                                     [](const Recommendation& r) { return !r.changes_nothing(); });
  Text reason = {fmt::format("{} of {} settings to change", changes, result.recommendations.size()),
                 fmt::format("共 {} 项设置，其中 {} 项建议修改", result.recommendations.size(), changes)};
  if (result.examined) {
    const auto found = result.diagnoses.size();
    reason = {fmt::format("{} symptom{} in the run; {}", found, found == 1 ? "" : "s", reason.en),
              fmt::format("运行数据中发现 {} 个问题；{}", found, reason.zh)};
  }
  return {ExitStatus::ok, reason};
}

}  // namespace

AdviseResult run_advisor(const AdviseRequest& request, const Knowledge& knowledge, const FactDocument& host,
                         const AdviceLibrary& library) {
  ResolvedInputs resolved = resolve_inputs(request, knowledge, host);
  AdviseResult result;
  result.engine = request.vllm ? "vllm-ascend" : "mindie";
  result.inputs = std::move(resolved.inputs);
  result.chip = std::move(resolved.chip);
  result.missing = std::move(resolved.missing);
  result.warnings = std::move(resolved.warnings);
  const std::optional<Json> best = best_batch_of_run(request.recorded, request.goals);
  warn_about_measured_goal(request, best, result);
  if (!resolved.plan && !request.recorded.tree().empty()) {
    result.facts = facts_of_run(request);
    if (best) result.facts.set("run.best", *best, "fit of step times");
    examine(request, library, result);
    result.patch = patch_of(request, result.recommendations);
    if (!result.recommendations.empty()) make_launch(request, result);
    result.verdict = verdict_of(result);
    return result;
  }
  if (!resolved.plan) {
    const Text what = joined(result.missing);
    result.verdict = {ExitStatus::undecided,
                      {"nothing to advise without " + what.en, "缺少信息，无法给出建议：" + what.zh}};
    return result;
  }

  PlanInputs inputs = std::move(*resolved.plan);
  const Goals goals = goals_of(request.goals, best);
  Advice advice;
  for (int round = 0; round < kMaxRounds; ++round) {
    result.plan = make_memory_plan(inputs);
    const auto times = result.chip ? StepTimes::of(inputs, *result.chip, result.plan->weights_bytes_per_rank,
                                                   result.plan->kv_bytes_per_token_per_rank)
                                   : std::nullopt;
    result.point = choose_operating_point(inputs, *result.plan, goals, times);
    result.facts = facts_of(request, inputs, result.chip, *result.plan, result.point);
    if (best) result.facts.set("run.best", *best, "fit of step times");
    const bool vllm = request.vllm.has_value();
    advice = advise(library.rules, result.facts, vllm ? "mindie" : "vllm");
    result.recommendations = advice.recommendations;
    examine(request, library, result);
    const auto prefill_tokens =
        advised(result.recommendations, vllm ? "max_num_batched_tokens" : "maxPrefillTokens")
            .value_or(inputs.max_prefill_tokens.value);
    const auto prefill_batch =
        advised(result.recommendations, "maxPrefillBatchSize").value_or(inputs.max_prefill_batch_size.value);
    const auto sequences =
        advised(result.recommendations, "max_num_seqs").value_or(inputs.max_num_seqs.value);
    if (prefill_tokens == inputs.max_prefill_tokens.value && sequences == inputs.max_num_seqs.value &&
        prefill_batch == inputs.max_prefill_batch_size.value)
      break;
    inputs.max_num_seqs = {.value = sequences, .source = "as advised", .assumed = false};
    inputs.max_prefill_tokens = {.value = prefill_tokens, .source = "as advised", .assumed = false};
    inputs.max_prefill_batch_size = {.value = prefill_batch, .source = "as advised", .assumed = false};
  }
  result.plan_inputs = std::move(inputs);
  result.patch = patch_of(request, result.recommendations);
  make_launch(request, result);
  const auto& plan_warnings = result.plan->warnings;
  result.warnings.insert(result.warnings.end(), plan_warnings.begin(), plan_warnings.end());
  warn_about_goals(goals, result);
  result.warnings.insert(result.warnings.end(), advice.warnings.begin(), advice.warnings.end());

  if (result.recommendations.empty() && !result.examined) {
    const std::string why = plan_warnings.empty() ? "no advice rule applies" : plan_warnings.front();
    result.verdict = {ExitStatus::undecided, {"nothing to advise: " + why, "没有可给出的建议：" + why}};
    return result;
  }
  result.verdict = verdict_of(result);
  return result;
}

}  // namespace ms
