#pragma once

#include <string>

#include "advise/run_comparison.hpp"
#include "base/json.hpp"
#include "report/text_style.hpp"

namespace ms {

/// Runs side by side: a column each, what changed over the first run and over the one before.
std::string run_comparison_text(const RunComparison& comparison, const TextStyle& style);
std::string run_comparison_markdown(const RunComparison& comparison, const TextStyle& style);

/// docs/schema/run_comparison.schema.json.
OrderedJson run_comparison_json(const RunComparison& comparison, Lang lang);

}  // namespace ms
