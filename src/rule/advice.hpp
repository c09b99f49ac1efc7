#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/lang.hpp"
#include "base/toml.hpp"
#include "cel/environment.hpp"
#include "facts/document.hpp"
#include "rule/rule.hpp"

namespace ms {

/// One `[[advice]]` of an advisor pack, checked and compiled.
struct AdviceRule {
  std::string id;
  std::string defined_at;
  std::string target;  ///< the setting: "maxBatchSize", "concurrency"
  std::string
      apply;  ///< where it goes: "mindie" for a field of config.json, "vllm" for an option, "client", "env"
  std::optional<cel::Program> when;
  cel::Program value;
  std::optional<cel::Program> low;
  std::optional<cel::Program> high;
  std::optional<cel::Program> current;
  TextTemplate why;
  std::vector<TextTemplate> evidence;
  TextTemplate effect;
  std::optional<TextTemplate> risk;
  std::string confidence;  ///< "low", "medium" or "high"
  std::vector<std::string> source;
};

/// What to set, why, and what it will bring.
struct Recommendation {
  std::string id;
  std::string target;
  std::string apply;
  Json current;  ///< null where it is not known
  Json value;
  Json low;  ///< the range worth exploring; null where there is none
  Json high;
  Text why;
  std::vector<Text> evidence;
  Text effect;
  Text risk;  ///< may be empty
  std::string confidence;
  std::vector<std::string> source;

  bool changes_nothing() const { return !current.is_null() && current == value; }
};

/// Recommendations, and why an advice rule that should have applied made none.
struct Advice {
  std::vector<Recommendation> recommendations;
  std::vector<std::string> warnings;
};

/// Throws InputError as load_rules does.
std::vector<AdviceRule> load_advice(const TomlTable& pack, const cel::Environment& environment);

/// Runs the rules in order; each sees what those before it advised as `advice.<target>`. A rule whose facts
/// are missing makes no recommendation. Rules whose `apply` is `without` are for another engine.
Advice advise(const std::vector<AdviceRule>& rules, const FactDocument& facts, std::string_view without = {});

}  // namespace ms
