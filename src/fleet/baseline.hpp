#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "fleet/difference_table.hpp"
#include "rule/finding.hpp"

namespace ms {

/// A rule pack that holds other hosts to a known good one, and the examples that belong beside it.
struct Baseline {
  std::string rules;
  std::string examples;
  std::size_t count = 0;  ///< of rules
};

/// What a baseline is made of.
struct BaselineInputs {
  const FactDocument& facts;
  const std::vector<FactSpec>& specs;                   ///< in the order in which they are to stand
  const std::set<std::string, std::less<>>& variables;  ///< environment variables that matter
  const DifferenceTable& table;                         ///< what it says to be expected is left out
  std::string host;                                     ///< how the good host is called
  Severity severity = Severity::error;
};

/// A rule for every fact that the host knows and that is not expected to differ between hosts; of lists one
/// for the elements and one for each field. What is left out is said in comments. The host itself passes.
Baseline make_baseline(const BaselineInputs& inputs);

}  // namespace ms
