#pragma once

#include <string>
#include <string_view>

#include "fleet/difference.hpp"
#include "fleet/value_text.hpp"
#include "report/text_style.hpp"

namespace ms {

/// The value, or why there is none.
std::string value_text(const Difference& difference, const SharedValue& shared, const TextStyle& style);

/// A cell of a Markdown table: on one line, with what has a meaning there escaped.
std::string markdown_cell(std::string_view text);

}  // namespace ms
