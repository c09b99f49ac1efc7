#pragma once

#include <string>
#include <vector>

#include "base/toml.hpp"
#include "cel/environment.hpp"
#include "rule/rule.hpp"

namespace ms {

/// Reads the `[[rule]]` entries of a pack and compiles their expressions against the declared facts. Throws
/// InputError for an unknown key, fact or function, a wrong type, a duplicate id: with file, line and column.
std::vector<Rule> load_rules(const TomlTable& pack, const cel::Environment& environment);

}  // namespace ms
