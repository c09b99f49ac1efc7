#pragma once

#include "plan/memory_plan.hpp"

namespace ms {

/// The lines of the budget by the rule of `inputs`, and their sum, which may be below 0. The inputs are
/// valid.
struct Budget {
  std::vector<BudgetLine> lines;
  std::int64_t bytes = 0;
  std::vector<std::string> warnings;
};

Budget make_budget(const PlanInputs& inputs, const RankWeights& weights);

}  // namespace ms
