#pragma once

#include <filesystem>

#include "base/reading.hpp"
#include "model/spec.hpp"
#include "model/weights.hpp"

namespace ms {

/// A model as its directory describes it.
struct ModelDirectory {
  ModelSpec spec;
  Reading<Weights> weights;  ///< absent with its reason when the directory has no weights
};

/// Reads config.json, the quantiser's own description where config.json has none (hf_quant_config.json of
/// ModelOpt, quant_model_description*.json of ModelSlim), and the size of the weights. The name of the model
/// is that of the directory unless its config says one. Throws InputError for a file that is broken, and when
/// there is no config.json.
ModelDirectory read_model_directory(const std::filesystem::path& directory);

/// Puts what a quantiser wrote beside the weights into the form of config.json. `description` is the text of
/// a file, of which the start is enough. Unknown keys are left out.
Json quantization_of_description(std::string_view description);

}  // namespace ms
