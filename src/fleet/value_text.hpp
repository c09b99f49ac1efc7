#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace ms {

/// At most about `max_bytes` of a text, not cut inside a character.
std::string shortened(std::string text, std::size_t max_bytes);

/// A value on one line of at most about 120 bytes, as a person reads it: sizes with their unit, texts with
/// line ends or nothing in them in quotes. `path` says what it is of.
std::string value_text(std::string_view path, const Json& value);

}  // namespace ms
