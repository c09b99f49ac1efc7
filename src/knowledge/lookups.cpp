#include "knowledge/lookups.hpp"

#include <algorithm>

#include "knowledge/variables.hpp"
#include "knowledge/versions.hpp"

namespace ms {

std::vector<FactSpec> lookup_fact_specs() {
  std::vector<FactSpec> specs = compatibility_fact_specs();
  for (FactSpec& spec : variable_fact_specs()) specs.push_back(std::move(spec));
  return specs;
}

void add_facts_looked_up_by(std::set<std::string, std::less<>>& needed) {
  add_versions_looked_up(needed);
  for (const FactSpec& spec : variable_fact_specs()) {
    if (needed.contains(spec.path)) needed.insert("env");
  }
}

void set_lookup_facts(FactDocument& facts, const std::optional<std::set<std::string, std::less<>>>& needed) {
  const auto is_needed = [&](const std::vector<FactSpec>& specs) {
    return !needed || std::any_of(specs.begin(), specs.end(),
                                  [&](const FactSpec& spec) { return is_wanted(spec.path, *needed); });
  };
  if (is_needed(compatibility_fact_specs())) set_compatibility_facts(facts);
  if (is_needed(variable_fact_specs())) set_variable_facts(facts);
}

}  // namespace ms
