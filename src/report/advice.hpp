#pragma once

#include <string>

#include "advise/advisor.hpp"
#include "base/json.hpp"
#include "report/text_style.hpp"

namespace ms {

/// What to set first, then the budget that it follows from, then what was assumed: a screen full. `explain`
/// shows all arithmetic; `style.verbose` effects, risks, sources and inputs as well.
std::string advice_text(const AdviseResult& result, const TextStyle& style, bool explain);

/// The same as a page of Markdown, arithmetic included.
std::string advice_markdown(const AdviseResult& result, const TextStyle& style);

/// docs/schema/advice.schema.json.
OrderedJson advice_json(const AdviseResult& result, Lang lang);

}  // namespace ms
