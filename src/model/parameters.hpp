#pragma once

#include <cstdint>

#include "model/spec.hpp"

namespace ms {

/// Parameters of a model by part, counted from its geometry.
struct Parameters {
  std::int64_t embedding = 0;
  std::int64_t lm_head = 0;               ///< 0 when tied to the embedding
  std::int64_t attention = 0;             ///< split by heads under tensor parallelism
  std::int64_t attention_replicated = 0;  ///< whole on every rank: down-projections of MLA, the indexer
  std::int64_t dense_mlp = 0;
  std::int64_t shared_experts = 0;
  std::int64_t routed_experts = 0;
  std::int64_t router = 0;
  std::int64_t norms = 0;
  std::int64_t encoder = 0;       ///< of images
  std::int64_t draft = 0;         ///< all of the draft layers that are shipped with the model
  std::int64_t draft_routed = 0;  ///< the routed experts among them
  std::int64_t active = 0;        ///< that take part in one token of text, embedding and lm_head included

  /// Without draft layers, as model cards count.
  std::int64_t total() const;
};

/// Counts the parameters; sizes that no model has saturate. Formulas: docs/memory.md#parameters.
Parameters count_parameters(const ModelSpec& spec);

/// Bytes of each part as stored, by dtype and quantisation. The members have the meaning of Parameters, the
/// draft layers are left out of total() there as here.
struct WeightParts {
  double embedding = 0;
  double lm_head = 0;
  double attention = 0;
  double attention_replicated = 0;
  double dense_mlp = 0;
  double shared_experts = 0;
  double routed_experts = 0;
  double router = 0;
  double norms = 0;
  double encoder = 0;
  double draft = 0;

  double total() const;
};

WeightParts weight_parts(const ModelSpec& spec);

}  // namespace ms
