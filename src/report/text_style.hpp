#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/lang.hpp"

namespace ms {

/// How a text report is laid out.
struct TextStyle {
  Lang lang = Lang::en;
  bool color = false;
  bool verbose = false;
  std::size_t width = 100;  ///< columns to wrap at

  /// The words of the language that is chosen.
  std::string_view pick(std::string_view en, std::string_view zh) const { return lang == Lang::zh ? zh : en; }
};

enum class Color { red, yellow, green, cyan, bold, dim };

/// `text` in a colour, or as it is where the style has none.
std::string paint(const TextStyle& style, Color color, std::string_view text);

/// `text` broken into lines of at most `style.width` columns, every line behind `indent` spaces, each ending
/// with a newline. Breaks at spaces, and between CJK characters. The first line starts with `label`, and what
/// follows stands below its text.
std::string wrap(const TextStyle& style, std::size_t indent, std::string_view label, std::string_view text);

/// `text` and spaces up to `width` columns.
std::string pad(std::string_view text, std::size_t width);

}  // namespace ms
