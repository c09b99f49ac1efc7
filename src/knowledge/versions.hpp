#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/lang.hpp"
#include "facts/catalogue.hpp"
#include "facts/document.hpp"

namespace ms {

/// A row of a version matrix: what belongs to the versions `from` to `to`, both included.
struct PairingRow {
  std::string from;
  std::string to;
  std::vector<std::string> with;
};

/// A version matrix of knowledge/versions.toml.
struct Pairing {
  std::string id;    ///< "mindie_cann": its fact is compatible.mindie_cann
  std::string of;    ///< the fact whose version is looked up: "ascend.mindie.version"
  std::string with;  ///< the fact that it speaks of: "ascend.cann.version"
  std::string kind;  ///< "released", "minimum" or "series"
  Text doc;
  std::vector<std::string> source;
  std::vector<PairingRow> rows;
};

/// The matrices of knowledge/versions.toml. Throws InputError for a row whose versions are none.
const std::vector<Pairing>& version_pairings();

/// The facts of the tree `compatible`, one for each matrix: list<string>.
std::vector<FactSpec> compatibility_fact_specs();

/// Adds to the needed facts those that compatible.* of them are looked up by.
void add_versions_looked_up(std::set<std::string, std::less<>>& needed);

/// Sets compatible.* for every matrix whose version is known or known to be absent: what belongs to that
/// version, or absent where the matrix has no row for it.
void set_compatibility_facts(FactDocument& facts);

}  // namespace ms
