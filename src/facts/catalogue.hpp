#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/lang.hpp"
#include "cel/environment.hpp"
#include "cel/type.hpp"

namespace ms {

/// What is known of a fact before it is read. Source: probes/*.toml, and knowledge/facts.toml for computed
/// ones.
struct FactSpec {
  std::string path;       ///< "memory.thp.mode"
  std::string type_text;  ///< "list<{id: int, name: string}>"
  std::string unit;       ///< "bytes", or empty
  Text doc;
};

/// Whether a fact is one of those that are wanted, inside one of them, or holds one.
bool is_wanted(std::string_view fact, const std::set<std::string, std::less<>>& wanted);

/// The type that a type text names: string, int, double, bool, dyn, list<T>, map<T> (from strings),
/// {name: T, ...}. Throws std::invalid_argument with the place in the text.
cel::Type parse_fact_type(std::string_view text);

/// Declares the top-level trees of the facts as variables of expressions, so that a path that is not a fact
/// does not compile. Throws std::invalid_argument when two facts contradict each other.
void declare_facts(const std::vector<FactSpec>& facts, cel::Environment& environment);

/// The facts that the advisor computes: knowledge/facts.toml.
std::vector<FactSpec> computed_facts();

}  // namespace ms
