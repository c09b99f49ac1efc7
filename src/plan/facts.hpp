#pragma once

#include "base/json.hpp"
#include "knowledge/chips.hpp"
#include "model/spec.hpp"
#include "plan/memory_plan.hpp"
#include "plan/operating_point.hpp"
#include "serving/mindie_config.hpp"

namespace ms {

/// The fact trees `model`, `chip`, `service`, `workload` and `plan`. Their members are a contract with rules
/// and reports: docs/facts.md. What is absent has no member.
Json to_facts(const ModelSpec& spec);
Json to_facts(const Chip& chip);
Json to_facts(const MindieConfig& config);
Json to_facts(const Workload& workload, const Goals& goals = {});
Json to_facts(const PlanInputs& inputs, const MemoryPlan& plan);
/// The member `point` of `plan`.
Json to_facts(const OperatingPoint& point);

}  // namespace ms
