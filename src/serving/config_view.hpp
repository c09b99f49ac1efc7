#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/lang.hpp"

namespace ms {

/// A setting of a config, as rules see it: knowledge/configs.toml.
struct ConfigField {
  std::string name;             ///< "maxBatchSize"
  std::vector<std::string> at;  ///< where it may be, the first that is there counts
  std::string type;             ///< int, double, bool, string, text (of any scalar), list<...>, map<dyn>, dyn
  bool text = false;            ///< a number may be written as text: "1025"
  std::optional<Json> default_value;  ///< what the engine takes where the file does not have it
};

/// Where the elements of a view are found.
struct ConfigOrigin {
  std::string document;  ///< "mindie", "user_config", ...
  std::string at;        ///< path in the document; empty is all of it
  std::string role;      ///< "standalone", "prefill", ...
};

/// What a kind of config is to rules: the fact `fact`, a list of `{role, file, places, FIELD...}`.
struct ConfigView {
  std::string fact;
  Text doc;
  std::vector<ConfigOrigin> origins;
  std::vector<ConfigField> fields;
  /// Paths that the engine knows and no rule reads; one that ends in ".*" stands for all below it.
  std::set<std::string, std::less<>> known;

  /// The type of the fact.
  std::string type_text() const;
};

/// The views of knowledge/configs.toml.
const std::vector<ConfigView>& config_views();

/// A config that was parsed, with the places of its values.
struct ServingDocument {
  std::string kind;  ///< "mindie", "user_config", "vllm", ...
  std::string file;  ///< as it was named
  Json tree;
  std::map<std::string, Position, std::less<>> places;  ///< by path, as of json_places
  bool is_text = false;                                 ///< all scalars are text: arguments of a command
};

/// What is wrong with a config as a document.
struct ConfigProblem {
  std::string kind;   ///< "syntax", "type", "unknown", "duplicate", "missing"
  std::string place;  ///< "conf/config.json:54"
  std::string key;    ///< "BackendConfig.ScheduleConfig.maxBatchSize"
  Text expected;
  std::string found;
};

/// "conf/config.json:54"; without the line where the document has no such value.
std::string place_in(const ServingDocument& document, std::string_view path);

/// The value at a path like "BackendConfig.npuDeviceIds[0]"; nullptr where there is none.
const Json* value_at(const Json& tree, std::string_view path);

/// The element of a view that an origin gives, where the document has it. A value of a wrong type is absent
/// with a reason and a problem; a setting that the file does not have is its default, or left out.
std::optional<Json> config_element(const ConfigView& view, const ConfigOrigin& origin,
                                   const ServingDocument& document, std::vector<ConfigProblem>& problems);

}  // namespace ms
