#pragma once

#include "model/config_fields.hpp"
#include "model/spec.hpp"

namespace ms {

/// Fills spec.encoder_parameters from `vision_config`: a vision transformer with its patch merger. What
/// cannot be counted, and encoders for sound, are noted.
void read_encoder(const ConfigFields& root, ModelSpec& spec);

}  // namespace ms
