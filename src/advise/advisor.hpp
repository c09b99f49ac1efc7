#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advise/inputs.hpp"
#include "facts/document.hpp"
#include "plan/memory_plan.hpp"
#include "plan/operating_point.hpp"
#include "rule/library.hpp"
#include "rule/verdict.hpp"

namespace ms {

/// The answer of msadvisor: what a report shows.
struct AdviseResult {
  std::vector<ResolvedInput> inputs;
  std::optional<PlanInputs> plan_inputs;  ///< none where something is missing, like the plan
  std::optional<Chip> chip;
  std::optional<MemoryPlan> plan;
  OperatingPoint point;   ///< of no meaning without a plan
  FactDocument facts;     ///< model, chip, service, workload, plan; run and device where a run was given
  bool examined = false;  ///< whether a run was given
  std::vector<Diagnosis> diagnoses;             ///< what is wrong with the run, greatest gain first
  std::vector<Recommendation> recommendations;  ///< settings of the diagnoses, and those of the plan
  OrderedJson patch = OrderedJson::array();     ///< RFC 6902, for the service's config
  std::string engine;                           ///< "mindie" or "vllm-ascend"
  std::vector<std::pair<std::string, std::string>> variables;  ///< of the engine's environment
  std::string launch;                                          ///< commands that start the engine so
  std::vector<Text> missing;
  std::vector<std::string> warnings;
  Verdict verdict;  ///< ok, or undecided when there is nothing to advise
};

/// Plans the memory, runs the advice rules on plan, model, chip and workload, examines the run if there is
/// one, and makes the patch. What a run showed comes before what was planned: a setting that a diagnosis
/// changes is not advised twice. Throws InputError for inputs that are wrong; what is merely missing is said
/// in the result.
AdviseResult run_advisor(const AdviseRequest& request, const Knowledge& knowledge, const FactDocument& host,
                         const AdviceLibrary& library);

}  // namespace ms
