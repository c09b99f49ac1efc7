#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "rule/rule.hpp"
#include "rule/scene.hpp"

namespace ms {

/// A host as far as one rule looks at it, and what the rule must say of it.
struct RuleExample {
  std::string rule;
  Outcome outcome = Outcome::pass;  ///< pass, fail or skip
  std::string scene;                ///< words as of --scene; empty: detected
  FactDocument facts;               ///< what is not given is absent; of the environment, not set
  std::string defined_at;           ///< "precheck/env.examples.toml:14"
};

/// The name of the examples of a pack: "env.toml" has them in "env.examples.toml", beside it.
std::string examples_file(std::string_view pack);
bool is_examples_file(std::string_view name);

/// The examples of the built-in rules (unless `builtin` is false) and of those of `paths`, which are the
/// paths of packs as load_rule_library takes them. Throws InputError with the place for an unknown key or
/// fact, and for a rule that `rules` does not have.
std::vector<RuleExample> load_rule_examples(const std::vector<FactSpec>& facts,
                                            const std::vector<Rule>& rules,
                                            const std::vector<std::filesystem::path>& paths, bool builtin);

/// What the rule says of its example, finding by finding.
std::vector<Finding> judge_example(const Rule& rule, const RuleExample& example,
                                   const SceneCatalogue& scenes);

/// What is wrong with these findings for that example; nullopt when they are as it says: all pass, or at
/// least one fails and none is in error, or all skip.
std::optional<std::string> contradiction(const RuleExample& example, const std::vector<Finding>& findings);

}  // namespace ms
