#pragma once

#include <string>

#include "base/json.hpp"
#include "model/spec.hpp"

namespace ms {

/// Reads the config.json of a head of EAGLE or EAGLE-3 (the latter states 'draft_vocab_size' or says so in
/// its architecture). Throws InputError as read_model_spec does.
///
/// EAGLE: its layers, and fc from 2 x hidden to hidden; embedding and lm_head are the model's. EAGLE-3: a
/// layer whose attention reads 2 x hidden, fc from 3 x the model's hidden size, and an lm_head of its own for
/// 'draft_vocab_size' tokens. Source: vLLM llama_eagle.py and llama_eagle3.py.
EagleHead read_eagle_head(const Json& config, const ModelSpec& model, const std::string& source);

/// The head that is likely for a model: a layer like the model's own in width and heads, and for EAGLE-3 the
/// 32 000 draft tokens of the published heads.
EagleHead assumed_eagle_head(const ModelSpec& model, bool eagle3);

}  // namespace ms
