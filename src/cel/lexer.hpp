#pragma once

#include <cstdint>
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
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Cuts an expression into tokens, one at a time. Throws CompileError at what no token starts with and at
/// strings that are not closed. A zero byte must follow the source.
class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Token next();
  std::string_view text(const Token& token) const {
    return source_.substr(token.begin, token.end - token.begin);
  }

 private:
  void skip_blanks();
  Token take(TokenKind kind, std::size_t length);
  Token number();
  Token word();
  Token quoted(std::size_t prefix, bool raw, bool is_bytes);
  Token quoted_identifier();
  // Never asked beyond the zero byte: what lies further ahead is looked at only when that is something else.
  char peek(std::size_t ahead = 0) const { return source_.data()[position_ + ahead]; }

  std::string_view source_;
  std::size_t position_ = 0;
};

}  // namespace ms::cel
