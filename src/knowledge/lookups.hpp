#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "facts/catalogue.hpp"
#include "facts/document.hpp"

namespace ms {

// Facts that are looked up in knowledge/ by others: compatible.* by versions, variables.* by the environment.

std::vector<FactSpec> lookup_fact_specs();

/// Adds to the needed facts those that the looked-up ones of them are looked up by.
void add_facts_looked_up_by(std::set<std::string, std::less<>>& needed);

/// Sets all that can be looked up by the facts that are there; with `needed` only where one of them is
/// needed.
void set_lookup_facts(FactDocument& facts,
                      const std::optional<std::set<std::string, std::less<>>>& needed = std::nullopt);

}  // namespace ms
