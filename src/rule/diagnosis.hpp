#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/lang.hpp"
#include "base/toml.hpp"
#include "cel/environment.hpp"
#include "facts/document.hpp"
#include "rule/advice.hpp"
#include "rule/rule.hpp"

namespace ms {

/// A setting that a diagnosis changes.
struct SettingRule {
  std::string target;
  std::string apply;  ///< as in AdviceRule
  std::optional<cel::Program> when;
  cel::Program value;
  std::optional<cel::Program> low;
  std::optional<cel::Program> high;
  std::optional<cel::Program> current;
};

/// One `[[diagnosis]]`: a symptom that a run shows, and what to do about it.
struct DiagnosisRule {
  std::string id;
  std::string defined_at;
  std::shared_ptr<const cel::Environment> scope;           ///< the names that its expressions know
  std::vector<std::pair<std::string, cel::Program>> lets;  ///< each sees those before it
  std::optional<cel::Program> when;
  cel::Program gain;
  TextTemplate title;
  std::vector<TextTemplate> evidence;
  TextTemplate cause;
  TextTemplate action;
  std::vector<SettingRule> settings;
  TextTemplate effect;
  TextTemplate measure;
  std::vector<std::string> source;
};

/// The diagnoses of a file and the thresholds that it names.
struct DiagnosisPack {
  std::shared_ptr<const cel::Environment> environment;
  Json constants;
  std::vector<DiagnosisRule> rules;
};

/// A symptom that was found.
struct Diagnosis {
  std::string id;
  double gain = 0;  ///< estimated share of the run's time or throughput, at most; what they are ordered by
  Text title;
  std::vector<Text> evidence;
  Text cause;
  Text action;
  std::vector<Recommendation> settings;  ///< `why` is the title
  Text effect;
  Text measure;
  std::vector<std::string> source;

  /// "high", "medium" or "low" by the gain.
  std::string_view priority() const;
};

/// `[constants]` and `[[diagnosis]]` of a pack. Throws InputError as load_rules does.
DiagnosisPack load_diagnoses(const TomlTable& pack,
                             const std::shared_ptr<const cel::Environment>& environment);

/// The symptoms that the facts show, greatest gain first. `advised` is what advice rules said, by target. A
/// rule whose facts were not recorded finds nothing. Settings whose `apply` is `without` are for another
/// engine.
std::vector<Diagnosis> diagnose(const std::vector<DiagnosisPack>& packs, const FactDocument& facts,
                                const Json& advised, std::string_view without = {});

}  // namespace ms
