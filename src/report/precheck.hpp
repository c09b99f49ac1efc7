#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "facts/document.hpp"
#include "report/text_style.hpp"
#include "rule/finding.hpp"
#include "rule/scene.hpp"
#include "rule/verdict.hpp"

namespace ms {

/// All that a report of `msprecheck precheck` shows. The writers below only lay it out: none of them decides.
struct PrecheckReport {
  const FactDocument& facts;
  const Scene& scene;
  const std::vector<Finding>& findings;  ///< in rule order
  const Verdict& verdict;
};

/// What is wrong first, then what could not be checked, then a line for the rest (all of it with
/// `style.verbose`).
std::string precheck_text(const PrecheckReport& report, const TextStyle& style);

/// docs/schema/precheck.schema.json.
OrderedJson precheck_json(const PrecheckReport& report, Lang lang);

}  // namespace ms
