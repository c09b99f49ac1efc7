#pragma once

#include <string>
#include <string_view>

#include "facts/document.hpp"
#include "report/text_style.hpp"

namespace ms {

/// The facts at `path` ("" for all) as a tree: a line for each value with the place that it was read from, a
/// line for each element of a list, absent facts with their reason.
std::string facts_text(const FactDocument& facts, std::string_view path, const TextStyle& style);

}  // namespace ms
