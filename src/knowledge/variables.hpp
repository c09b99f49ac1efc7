#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "facts/catalogue.hpp"
#include "facts/document.hpp"

namespace ms {

/// The variables that serving on Ascend reads, by knowledge/variables.toml.
const std::set<std::string, std::less<>>& known_variables();

/// The known variable that a name is most likely meant to be: no more than an eighth of its letters are
/// wrong. Empty for a known name, for one that is a known name with more or fewer words, and where numbers
/// alone differ ("..._FLASHCOMM2").
std::string meant_variable(std::string_view name);

/// The fact variables.misspelt: the variables of `env` that are slips in known names.
std::vector<FactSpec> variable_fact_specs();

/// Sets variables.misspelt where the environment is known, or known to be absent.
void set_variable_facts(FactDocument& facts);

}  // namespace ms
