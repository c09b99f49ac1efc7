#include "knowledge/models.hpp"

#include <fmt/format.h>

#include "base/closest_match.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

namespace ms {
namespace {

// "Qwen/Qwen2.5-7B" and "/data/weights/Qwen2.5-7B/" are both Qwen2.5-7B.
std::string normal_name(std::string_view name) {
  name = trim(name);
  while (name.ends_with('/')) name.remove_suffix(1);
  if (const auto slash = name.rfind('/'); slash != name.npos) name.remove_prefix(slash + 1);
  return to_lower(name);
}

}  // namespace

KnownModel read_known_model(const TomlTable& table) {
  KnownModel model;
  model.name = table.string("name");
  if (model.name.empty()) table.fail("name", "'name' must not be empty");
  model.aliases = table.strings("aliases");
  model.weights_bytes = table.optional_int("weights_bytes");
  if (model.weights_bytes) {
    if (*model.weights_bytes <= 0) table.fail("weights_bytes", "'weights_bytes' must be above 0");
    model.weights_source = table.string("weights_source");
  }
  const auto config = table.optional_json("config");
  if (!config || !config->is_object())
    table.fail("config", "a model needs 'config', fields of its config.json");
  model.config = *config;
  model.source = fmt::format("{}:{}", table.source(), table.position().line);
  table.finish();
  return model;
}

const KnownModel& find_model(std::span<const KnownModel> models, std::string_view name,
                             const std::string& source) {
  const std::string wanted = normal_name(name);
  std::vector<std::string> known;
  for (const KnownModel& model : models) {
    if (normal_name(model.name) == wanted) return model;
    known.push_back(to_lower(model.name));
    for (const std::string& alias : model.aliases) {
      if (normal_name(alias) == wanted) return model;
      known.push_back(to_lower(alias));
    }
  }
  std::string suggestion = did_you_mean(closest_match(wanted, known));
  if (const auto best = closest_match(wanted, known)) {
    for (const KnownModel& model : models) {
      if (to_lower(model.name) == *best) suggestion = did_you_mean(model.name);
      for (const std::string& alias : model.aliases) {
        if (to_lower(alias) == *best) suggestion = did_you_mean(alias);
      }
    }
  }
  throw InputError(
      source, fmt::format("unknown model '{}'{} ('msadvisor models' lists {}; any other model works from "
                          "its directory with --model-dir)",
                          name, suggestion, models.size()));
}

}  // namespace ms
