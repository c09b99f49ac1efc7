#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/lang.hpp"
#include "base/toml.hpp"
#include "cel/program.hpp"
#include "facts/document.hpp"

namespace ms {

/// One answered question: "framework" is "mindie", because "MindIE is installed".
struct SceneChoice {
  std::string dimension;
  std::string value;
  Text reason;
};

/// The situation in which a host is judged.
struct Scene {
  std::vector<SceneChoice> choices;

  /// What expressions see as `scene`: {"framework": "mindie", ...}.
  Json to_json() const;
};

/// The questions of rules/scenes.toml.
class SceneCatalogue {
 public:
  /// Throws InputError with the place in the file.
  static SceneCatalogue load(const TomlTable& root, const cel::Environment& environment);

  /// Answers every question from the facts, or by hand: `overrides` is what --scene was given, "" for
  /// nothing. Throws InputError for a word that is no scene.
  Scene detect(const FactDocument& facts, std::string_view overrides) const;

  /// The top-level facts' paths that detection reads.
  std::vector<std::string> references() const;

  /// All answers: the words of --scene.
  std::vector<std::string> values() const;

  /// Names of the questions, for the type of `scene`.
  std::vector<std::string> dimensions() const;

 private:
  struct Detection {
    std::string value;
    cel::Program when;
    Text reason;
  };
  struct Dimension {
    std::string name;
    std::vector<std::string> values;
    std::vector<Detection> detections;
    std::string default_value;
    Text default_reason;
  };
  std::vector<Dimension> dimensions_;
};

}  // namespace ms
