#pragma once

#include <string>
#include <string_view>

#include "fleet/difference.hpp"
#include "report/text_style.hpp"

namespace ms {

/// A value on one line of at most about 120 bytes, as a person reads it: sizes with their unit, texts with
/// line ends or nothing in them in quotes. `path` says what it is of.
std::string value_text(std::string_view path, const Json& value);

/// The value, or why there is none.
std::string value_text(const Difference& difference, const SharedValue& shared, const TextStyle& style);

/// A cell of a Markdown table: on one line, with what has a meaning there escaped.
std::string markdown_cell(std::string_view text);

}  // namespace ms
