#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ms::cel {

/// Writes a code point (below 0x110000) as UTF-8 to `out`, which has room for four bytes; returns how many.
std::size_t encode_utf8(std::uint32_t code_point, char* out);

/// The code point at `position`, which moves behind it. An invalid byte counts as one U+FFFD.
std::uint32_t decode_utf8(std::string_view text, std::size_t& position);

bool is_valid_utf8(std::string_view text);

/// Number of code points.
std::size_t count_code_points(std::string_view text);

/// Byte offset of code point `index`; npos when there are fewer. The end counts as one more.
std::size_t offset_of_code_point(std::string_view text, std::size_t index);

}  // namespace ms::cel
