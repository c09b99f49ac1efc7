#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ms::cel {

enum class TokenKind : std::uint8_t {
  end,
  identifier,
  quoted_identifier,  ///< `content-type`
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  true_,
  false_,
  null,
  in,
  reserved,  ///< a word that is kept for host languages: fine as a field, not as a name
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  dot,
  comma,
  colon,
  question,
  plus,
  minus,
  star,
  slash,
  percent,
  exclamation,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
};

struct Token {
  TokenKind kind = TokenKind::end;
  bool plain = false;  ///< string: what is between the quotes stands for itself
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Cuts an expression into tokens, one at a time. Throws CompileError at what no token starts with and at
/// strings that are not closed. A zero byte must follow the source.
class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source), at_(source.data()) {}

  Token next();
  std::string_view text(const Token& token) const {
    return source_.substr(token.begin, token.end - token.begin);
  }

 private:
  void skip_comments();
  Token take(TokenKind kind, const char* end);
  Token take(TokenKind kind, int length) { return take(kind, at_ + length); }
  Token number();
  Token word();
  Token quoted(const char* quote, bool raw, bool is_bytes);
  Token quoted_identifier();
  [[noreturn]] void unexpected(char c) const;
  [[noreturn]] void fail(std::ptrdiff_t length, std::string message) const;
  std::size_t position() const { return static_cast<std::size_t>(at_ - source_.data()); }

  std::string_view source_;
  // What is read next. Nothing is read beyond the zero byte: what lies further ahead is looked at only when
  // that is something else.
  const char* at_;
};

}  // namespace ms::cel
