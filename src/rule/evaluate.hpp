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

/// The paths of all facts that the rules read, so that nothing else need be probed.
std::set<std::string, std::less<>> facts_needed(const std::vector<Rule>& rules);

}  // namespace ms
