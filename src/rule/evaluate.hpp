#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "facts/document.hpp"
#include "rule/finding.hpp"
#include "rule/rule.hpp"
#include "rule/scene.hpp"

namespace ms {

/// Judges a host: the findings of every rule, in rule order; of a rule over a list, one for each element.
std::vector<Finding> evaluate(std::span<const Rule> rules, const FactDocument& facts, const Scene& scene);
/// The same by some of the rules.
std::vector<Finding> evaluate(std::span<const Rule* const> rules, const FactDocument& facts,
                              const Scene& scene);

/// The worst of the findings of each rule, without the words: what a fleet needs of most hosts.
std::vector<Outcome> worst_outcomes(std::span<const Rule* const> rules, const FactDocument& facts,
                                    const Scene& scene);

/// The paths of the facts that say whether the rules apply (`when`).
std::set<std::string, std::less<>> facts_of_conditions(std::span<const Rule> rules);

/// The paths of all facts that the rules read.
std::set<std::string, std::less<>> facts_of(std::span<const Rule> rules);

/// The paths of the facts that the rules read which may apply to this host and scene, so that nothing else
/// need be probed. `facts` must hold those of the conditions.
std::set<std::string, std::less<>> facts_needed(std::span<const Rule> rules, const FactDocument& facts,
                                                const Scene& scene);

}  // namespace ms
