#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace ms::import {

struct Token {
  enum class Kind { end, name, number, text, path, sign };

  Kind kind = Kind::end;
  std::string text;       ///< a text without its quotes, a path without "${" and "}"
  std::size_t begin = 0;  ///< in the source
  std::size_t end = 0;

  bool is(std::string_view sign_or_name) const {
    return (kind == Kind::sign || kind == Kind::name) && text == sign_or_name;
  }
};

/// Words of a .cmate file or of an expression in YAML rules. White space, line ends and `#` comments separate
/// words and mean nothing else; a line of `---` is a word.
class Lexer {
 public:
  /// `source` names the file in errors, `start` is where `text` begins in it.
  Lexer(std::string_view text, std::string source, Position start = {})
      : text_(text), source_(std::move(source)), start_(start) {}

  /// The next word, Kind::end after the last one. Throws InputError for a character that begins none, and for
  /// a text or path without an end.
  Token next();

  std::string_view text() const { return text_; }
  Position position(std::size_t offset) const;
  [[noreturn]] void fail(std::size_t offset, const std::string& message) const;

 private:
  void skip_blanks();
  Token quoted(std::size_t begin);
  Token path(std::size_t begin);
  bool is_separator() const;
  Token word(Token::Kind kind, std::size_t begin, std::size_t end);

  std::string_view text_;
  std::string source_;
  Position start_;
  std::size_t at_ = 0;
};

}  // namespace ms::import
