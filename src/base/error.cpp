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

std::string caret_excerpt(std::string_view text, Position position) {
  for (int line = 1; line < position.line; ++line) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string shown(text.substr(0, text.find('\n')));
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  if (shown.find_first_not_of(" \r") == shown.npos) return {};  // nothing to point at
  const auto indent = std::min(shown.size(), static_cast<std::size_t>(std::max(position.column, 1) - 1));
  return fmt::format("  {}\n  {}^", shown, std::string(indent, ' '));
}

}  // namespace ms
