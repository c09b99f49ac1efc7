#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/reading.hpp"
#include "model/parallelism.hpp"
#include "model/spec.hpp"

namespace ms {

/// The weights of a model, all ranks together.
struct Weights {
  std::int64_t bytes = 0;
  std::string source;     ///< "model.safetensors.index.json: metadata.total_size"
  bool measured = false;  ///< read from files or published; otherwise counted from the geometry
};

/// Reads the size of the tensors in a model directory: the total of an index file, else the headers of the
/// *.safetensors files, else the total of a *.bin index, else the sizes of the *.bin files. Other files, and
/// a second copy of the weights in another format, do not count. Absent when the directory has no weights.
/// Throws InputError for an index or a header that is broken.
Reading<Weights> read_weights(const std::filesystem::path& directory);

/// Parameters of the geometry times the bytes of their format.
Weights weights_from_spec(const ModelSpec& spec);

/// `metadata.total_size` of an index file. Reads no further than that member. Throws InputError when the text
/// is not JSON up to there, or the total is not a positive whole number; absent when there is none.
Reading<std::int64_t> index_total_bytes(std::string_view text, const std::string& source);

struct RankWeights {
  std::int64_t bytes = 0;  ///< [bytes/rank]
  std::string formula;     ///< the arithmetic, for a person
};

/// Weights on one rank of the fullest pipeline stage. Embedding, attention, dense MLP, shared experts and
/// lm_head are split by tp; routed experts by moe_tp x moe_ep; router, norms and the down-projections of MLA
/// are whole on every rank; data and context parallel ranks hold copies of all but the routed experts. Draft
/// layers that the files hold are not loaded unless `draft_layers` run; a model without them runs an EAGLE
/// head. Measured totals are shared out in the proportions of the geometry. FP32 files are loaded as 16 bits.
RankWeights weights_per_rank(const ModelSpec& spec, const Weights& weights, const Parallelism& parallelism,
                             std::int64_t draft_layers = 0);

}  // namespace ms
