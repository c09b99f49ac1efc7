#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

/// Parts of rule packs that are written by the program.
namespace ms {

/// `text` as a TOML string, whatever is in it.
std::string toml_string(std::string_view text);

/// An expression as a TOML string: unescaped between single quotes where that can be.
std::string toml_expression(const std::string& text);

/// A value on one line: tables as { name = value }. Markers and null must not be in it.
std::string toml_value(const Json& value);

/// A fixed text as a template: its pairs of braces are text, no holes.
std::string without_holes(std::string_view text);

}  // namespace ms
