#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "base/reading.hpp"

namespace ms {

/// The types that the text of a file can be turned into.
enum class ScalarType { string, integer, number, boolean };

/// "string", "int", "double" or "bool" as a type of facts is written; nullopt for every other type.
std::optional<ScalarType> parse_scalar_type(std::string_view text);

/// The value in the text of a file: the first group of `pattern` that took part in the first match (the whole
/// match where it has no group; the whole trimmed text where there is no pattern), as `type`, an integer
/// times `multiply`. What does not match is absent with what was expected and how the text starts.
Reading<Json> extract_value(std::string_view text, const RE2* pattern, ScalarType type,
                            std::int64_t multiply);

/// `text` up to its first NUL, trimmed: some kernels, and the device tree, end a text with one.
std::string_view until_nul(std::string_view text);

/// The start of a text as a message shows it: in quotes, at most 60 characters, without control characters.
std::string quoted_start(std::string_view text);

}  // namespace ms
