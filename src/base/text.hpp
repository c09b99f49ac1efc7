#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ms {

/// Without the ASCII white space at both ends.
std::string_view trim(std::string_view text);

/// The parts between `separator`s; "" gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The lines, without their line ends ("\n" or "\r\n"); an end of line at the end opens no further line.
std::vector<std::string_view> split_lines(std::string_view text);

std::string to_lower(std::string_view text);

/// A whole decimal number, nothing before or behind it; nullopt when it is not one or does not fit.
std::optional<std::int64_t> parse_int(std::string_view text);

/// A whole finite decimal number ("7", "0.96", "1e3"); nullopt when it is not one.
std::optional<double> parse_double(std::string_view text);

/// Valid UTF-8 with every invalid byte replaced by U+FFFD.
std::string sanitize_utf8(std::string_view text);

/// `text` as one word of a POSIX shell: plain where that is safe, otherwise in single quotes.
std::string shell_quote(std::string_view text);

/// Columns that `text` takes on a terminal: CJK characters take two.
std::size_t display_width(std::string_view text);

}  // namespace ms
