#pragma once

#include "model/config_fields.hpp"
#include "model/spec.hpp"

namespace ms {

/// Fills spec.attention from layer types, intervals and windows; needs the sizes of the spec. Throws
/// InputError when a list of layers has another length than the model has layers.
void read_layers(const ConfigFields& fields, ModelSpec& spec);

/// Fills spec.experts and spec.intermediate_size. Throws InputError for a mixture of experts whose sizes are
/// incomplete.
void read_experts(const ConfigFields& fields, ModelSpec& spec);

}  // namespace ms
