#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ms {

Position position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto newlines = std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n');
  const std::size_t column = line_start == before.npos ? before.size() : before.size() - line_start - 1;
  return {static_cast<int>(newlines) + 1, static_cast<int>(column) + 1};
}

InputError::InputError(std::string source, std::string message)
    : std::runtime_error(fmt::format("{}: {}", source, message)),
      source_(std::move(source)),
      message_(std::move(message)) {}

InputError::InputError(std::string source, Position position, std::string message, std::string excerpt)
    : std::runtime_error(fmt::format("{}:{}:{}: {}", source, position.line, position.column, message)),
      source_(std::move(source)),
      message_(std::move(message)),
      position_(position),
      excerpt_(std::move(excerpt)) {}

namespace {

// Where the character begins that byte `at` is of or, in what is no UTF-8, `at` itself.
std::size_t character_start(std::string_view text, std::size_t at) {
  for (std::size_t start = at; start + 4 > at; --start) {
    if ((static_cast<unsigned char>(text[start]) & 0xc0U) != 0x80U) return start;
    if (start == 0) break;
  }
  return at;
}

}  // namespace

std::string caret_excerpt(std::string_view text, Position position) {
  for (int line = 1; line < position.line; ++line) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view shown = text.substr(0, text.find('\n'));
  if (shown.find_first_not_of(" \t\r") == shown.npos) return {};  // nothing to point at
  auto indent = std::min(shown.size(), static_cast<std::size_t>(std::max(position.column, 1) - 1));
  // A file without line ends is not printed whole.
  constexpr std::size_t kMostBefore = 80;
  constexpr std::size_t kMost = 160;
  std::string line;
  if (shown.size() > kMost && indent > kMostBefore) {
    const std::size_t start = character_start(shown, indent - kMostBefore);
    shown.remove_prefix(start);
    indent = indent - start + 1;
    line = "…";
  }
  const bool cut = shown.size() > kMost;
  line += shown.substr(0, cut ? character_start(shown, kMost) : shown.size());
  if (cut) line += "…";
  std::replace(line.begin(), line.end(), '\t', ' ');
  return fmt::format("  {}\n  {}^", line, std::string(indent, ' '));
}

}  // namespace ms
