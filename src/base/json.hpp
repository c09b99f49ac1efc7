#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ms {

/// Documents whose members are looked up: facts, configs, models.
using Json = nlohmann::json;
/// Documents whose member order a person sees: reports, patched configs.
using OrderedJson = nlohmann::ordered_json;

/// Parses a document; `//` and `/* */` comments are allowed, since configs in the field have them.
/// Throws InputError with line, column and caret.
Json parse_json(std::string_view text, const std::string& source);
OrderedJson parse_ordered_json(std::string_view text, const std::string& source);

}  // namespace ms
