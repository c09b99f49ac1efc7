#pragma once

#include "plan/memory_plan.hpp"
#include "serving/mindie_config.hpp"

namespace ms {

/// How a MindIE config spreads its model: dp, cp, sp, pp, moe_tp and moe_ep as stated, tp as stated or what
/// is left of the NPUs. Throws InputError when the degrees do not multiply to worldSize.
Parallelism parallelism_of(const MindieConfig& config);

/// Takes over what the config states of block size, prefill limits, parallelism and npuMemSize; the rest of
/// `inputs` stays as it is.
void apply_service(PlanInputs& inputs, const MindieConfig& config);

}  // namespace ms
