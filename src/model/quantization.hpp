#pragma once

#include <optional>
#include <string_view>

#include "model/config_fields.hpp"
#include "model/spec.hpp"

namespace ms {

/// Bytes that one parameter takes in a format by its usual name ("w8a8", "w4a16", "fp8", "awq", "mxfp4",
/// "nvfp4"), with the scales of its usual group size; nullopt for a name that is not known.
std::optional<double> bytes_per_parameter(std::string_view format);

/// Fills spec.quantization from `quantization_config`, `quantize` (MindIE) or `expert_dtype`. A method that
/// is not known is noted and counted as not quantised, which errs on the side of more memory.
void read_quantization(const ConfigFields& fields, const ConfigFields& root, ModelSpec& spec);

}  // namespace ms
