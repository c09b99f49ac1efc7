#include "report/text_style.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::array<std::string_view, 6> kCodes = {"31", "33", "32", "36", "1", "2"};

// The pieces of a text that a line may end behind: words with the space after them, and single CJK
// characters.
std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::size_t next = std::min(i + length, text.size());
    const bool breaks = text[i] == ' ' || display_width(text.substr(i, next - i)) == 2;
    if (breaks) {
      pieces.push_back(text.substr(start, next - start));
      start = next;
    }
    i = next;
  }
  if (start < text.size()) pieces.push_back(text.substr(start));
  return pieces;
}

// Punctuation that must not open a line in Chinese text.
bool is_closing(std::string_view piece) {
  constexpr std::array<std::string_view, 9> kClosing = {"，", "。", "、", "；", "：", "）", "”", "！", "？"};
  return std::any_of(kClosing.begin(), kClosing.end(),
                     [&](std::string_view mark) { return piece.starts_with(mark); });
}

}  // namespace

std::string paint(const TextStyle& style, Color color, std::string_view text) {
  if (!style.color) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(color)], text);
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(text) + std::string(taken < width ? width - taken : 0, ' ');
}

std::string wrap(const TextStyle& style, std::size_t indent, std::string_view label, std::string_view text) {
  const std::size_t hanging = indent + display_width(label);
  std::string result = std::string(indent, ' ') + std::string(label);
  std::size_t column = hanging;
  bool line_is_empty = true;
  for (const std::string_view piece : pieces_of(text)) {
    const std::size_t width = display_width(trim(piece));
    if (!line_is_empty && column + width > style.width && !is_closing(piece)) {
      result.erase(result.find_last_not_of(' ') + 1);
      result += "\n" + std::string(hanging, ' ');
      column = hanging;
    }
    result += piece;
    column += display_width(piece);
    line_is_empty = false;
  }
  result.erase(result.find_last_not_of(' ') + 1);
  return result + "\n";
}

}  // namespace ms
