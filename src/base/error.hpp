#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ms {

/// A place in a text, counted from 1. Columns count bytes.
struct Position {
  int line = 1;
  int column = 1;
};

/// The position of byte `offset` in `text`; past the end it is the end.
Position position_of(std::string_view text, std::size_t offset);

/// Something from outside is wrong: a file, an argument, a command's output. Becomes exit status 2.
///
/// what() is one sentence that starts with the place: "rules/env.toml:14:9: unknown key 'severty'; did you
/// mean 'severity'?". excerpt() is the line in question with a caret under the column, or empty.
class InputError : public std::runtime_error {
 public:
  InputError(std::string source, std::string message);
  InputError(std::string source, Position position, std::string message, std::string excerpt = {});

  const std::string& source() const { return source_; }
  const std::string& message() const { return message_; }
  const std::optional<Position>& position() const { return position_; }
  const std::string& excerpt() const { return excerpt_; }

 private:
  std::string source_;
  std::string message_;
  std::optional<Position> position_;
  std::string excerpt_;
};

/// The line of `text` that holds `position`, of a long one what is around it, and under it a caret: two
/// lines, no newline at the end. Empty for a blank line.
std::string caret_excerpt(std::string_view text, Position position);

}  // namespace ms
