#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace ms {

/// Where the value at `pointer` (RFC 6901) starts in a JSON text, comments allowed; nullopt when the text has
/// no such value or is not JSON. The JSON library does not keep positions, and a message without the line
/// sends a person through a file of 150 lines.
std::optional<Position> json_position(std::string_view text, std::string_view pointer);

}  // namespace ms
