#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace ms {

/// Where the value at `pointer` (RFC 6901) starts in a JSON text, comments allowed; nullopt when the text has
/// no such value or is not JSON. The JSON library does not keep positions, and a message without the line
/// sends a person through a file of 150 lines.
std::optional<Position> json_position(std::string_view text, std::string_view pointer);

/// The places of all values of a JSON text, found in one walk.
struct JsonPlaces {
  /// By path: "BackendConfig.npuDeviceIds[0][1]"; the document itself is "". Of a name that an object has
  /// twice, the last one, as the JSON library takes it.
  std::map<std::string, Position, std::less<>> values;
  std::vector<std::pair<std::string, Position>> duplicates;  ///< names that their object had already
};

/// For a text that the JSON library took; what nests deeper than 64 levels has no place of its own.
JsonPlaces json_places(std::string_view text);

}  // namespace ms
