#include "model_captures.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "knowledge/knowledge.hpp"
#include "model/kv_cache.hpp"
#include "model/parameters.hpp"
#include "model/spec.hpp"
#include "model/weights.hpp"
#include "support/csv.hpp"

namespace ms {
namespace {

std::optional<ModelSpec> known(const std::string& name) {
  static const Knowledge knowledge = load_knowledge();
  try {
    const KnownModel& model = find_model(knowledge.models, name, "test");
    return read_model_spec(model.config, model.source);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

TEST_CASE("every recorded model config gives a spec, or a reason why not") {
  const auto folder = captures("05_hf_config");
  if (!folder) return;
  int read = 0;
  int refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    try {
      const ModelSpec spec = read_model_spec(parse_json(read_document(entry.path()), name), name);
      std::int64_t layers = 0;
      for (const AttentionLayers& group : spec.attention) layers += group.layers;
      CHECK(layers == spec.layers);
      CHECK(kv_bytes_per_token_per_rank(spec, {}) > 0);
      CHECK(count_parameters(spec).total() > 0);
      ++read;
    } catch (const InputError& e) {
      MESSAGE("refused: " << std::string(e.what()));
      CHECK(std::string(e.what()).find(name) == 0);
      ++refused;
    }
  }
  MESSAGE(read << " recorded model configs read, " << refused << " refused with a reason");
  CHECK(read > 90);
}

TEST_CASE("KV bytes of the models of the ground truth are those that engines logged") {
  const auto folder = captures("ground-truth");
  if (!folder) return;
  int checked = 0;
  for (const CsvRow& row : csv_rows(read_document(*folder / "model_geometry.csv"))) {
    const std::string& model = row.at("model");
    const auto expected = parse_int(row.at("naive_kv_bytes_per_token_tp1_16bit"));
    CAPTURE(model);
    if (!expected) continue;
    const auto spec = known(model);
    if (!spec) {
      MESSAGE("not in models.toml: " << model);
      continue;
    }
    // The log of this one was made with its draft layer.
    const KvOptions options{.draft_layers = model == "GLM-5" ? 1 : 0};
    CHECK(kv_bytes_per_token_per_rank(*spec, {}, options) == *expected);
    ++checked;
  }
  MESSAGE(checked << " models checked");
  CHECK(checked >= 15);
}

TEST_CASE("parameters and bytes counted from the geometry are within 1 % of measured files") {
  const auto folder = captures("05_hf_config");
  if (!folder) return;
  int checked = 0;
  for (const CsvRow& row : csv_rows(read_document(*folder / "model_weight_facts_open.csv"))) {
    const std::string& model = row.at("model");
    CAPTURE(model);
    const auto found = known(model.substr(0, model.find(" (")));
    if (!found) {
      MESSAGE("not in models.toml: " << model);
      continue;
    }
    const ModelSpec& spec = *found;
    const auto total_gib = *parse_double(row.at("total_GiB"));
    const WeightParts parts = weight_parts(spec);
    // What was measured holds the draft layers, and for one model a head although it is tied.
    const bool head_twice = row.at("weights_form").find("lm_head stored although tied") != std::string::npos;
    const double extra = head_twice ? parts.embedding : 0;
    CHECK((parts.total() + parts.draft + extra) / 0x1p30 == doctest::Approx(total_gib).epsilon(0.01));
    // Counts of packed tensors are not counts of parameters.
    if (row.at("remark").find("use the size") != std::string::npos) continue;
    const Parameters parameters = count_parameters(spec);
    const double counted = static_cast<double>(parameters.total() + parameters.draft) +
                           (head_twice ? static_cast<double>(parameters.embedding) : 0);
    CHECK(counted == doctest::Approx(*parse_double(row.at("params_counted"))).epsilon(0.01));
    ++checked;
  }
  MESSAGE(checked << " measured models checked");
  CHECK(checked >= 8);
}

}  // namespace
}  // namespace ms
