#include "cel/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cel/error.hpp"

namespace ms::cel {
namespace {

// What a byte may be part of, looked up instead of compared: the lexer is a third of all compiling.
enum CharacterClass : std::uint8_t { kDigit = 1, kHex = 2, kLetter = 4, kBlank = 8 };

constexpr std::array<std::uint8_t, 256> character_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const unsigned lower = c | 0x20;
    const bool letter = lower >= 'a' && lower <= 'z' && c < 0x80;
    if (digit) classes[c] |= kDigit | kHex;
    if (letter && lower <= 'f') classes[c] |= kHex;
    if (letter || c == '_') classes[c] |= kLetter;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') classes[c] |= kBlank;
  }
  return classes;
}

constexpr std::array<std::uint8_t, 256> kClasses = character_classes();

bool is(char c, unsigned classes) {
  return (kClasses[static_cast<unsigned char>(c)] & classes) != 0;
}
bool is_digit(char c) {
  return is(c, kDigit);
}
bool is_hex(char c) {
  return is(c, kHex);
}
bool is_word(char c) {
  return is(c, kLetter | kDigit);
}

struct Word {
  std::string_view text;
  TokenKind kind;
};

// In order of the alphabet.
constexpr std::array kWords = {
    Word{"as", TokenKind::reserved},     Word{"break", TokenKind::reserved},
    Word{"const", TokenKind::reserved},  Word{"continue", TokenKind::reserved},
    Word{"else", TokenKind::reserved},   Word{"false", TokenKind::false_},
    Word{"for", TokenKind::reserved},    Word{"function", TokenKind::reserved},
    Word{"if", TokenKind::reserved},     Word{"import", TokenKind::reserved},
    Word{"in", TokenKind::in},           Word{"let", TokenKind::reserved},
    Word{"loop", TokenKind::reserved},   Word{"namespace", TokenKind::reserved},
    Word{"null", TokenKind::null},       Word{"package", TokenKind::reserved},
    Word{"return", TokenKind::reserved}, Word{"true", TokenKind::true_},
    Word{"var", TokenKind::reserved},    Word{"void", TokenKind::reserved},
    Word{"while", TokenKind::reserved},
};

// The first word of each letter; a letter's words end where those of the next one begin.
constexpr std::array<std::uint8_t, 27> words_by_letter() {
  std::array<std::uint8_t, 27> first{};
  for (std::size_t letter = 0; letter < first.size(); ++letter) {
    std::size_t i = 0;
    while (i < kWords.size() && static_cast<std::size_t>(kWords[i].text[0] - 'a') < letter) ++i;
    first[letter] = static_cast<std::uint8_t>(i);
  }
  return first;
}

constexpr std::array<std::uint8_t, 27> kFirstWord = words_by_letter();

TokenKind word_kind(std::string_view text) {
  if (text[0] < 'a' || text[0] > 'z') return TokenKind::identifier;
  const auto letter = static_cast<std::size_t>(text[0] - 'a');
  for (std::size_t i = kFirstWord[letter]; i < kFirstWord[letter + 1]; ++i) {
    if (kWords[i].text == text) return kWords[i].kind;
  }
  return TokenKind::identifier;
}

}  // namespace

void Lexer::skip_blanks() {
  while (true) {
    while (is(peek(), kBlank)) ++position_;
    if (peek() == '/' && peek(1) == '/') {
      const auto newline = source_.find('\n', position_);
      position_ = newline == source_.npos ? source_.size() : newline + 1;
    } else {
      return;
    }
  }
}

Token Lexer::take(TokenKind kind, std::size_t length) {
  const auto begin = static_cast<std::uint32_t>(position_);
  position_ += length;
  return {kind, begin, static_cast<std::uint32_t>(position_)};
}

Token Lexer::next() {
  skip_blanks();
  const char c = peek();
  if (is(c, kLetter)) return word();
  if (position_ == source_.size()) return take(TokenKind::end, 0);
  const char following = peek(1);
  switch (c) {
    case '(':
      return take(TokenKind::left_paren, 1);
    case ')':
      return take(TokenKind::right_paren, 1);
    case '[':
      return take(TokenKind::left_bracket, 1);
    case ']':
      return take(TokenKind::right_bracket, 1);
    case '{':
      return take(TokenKind::left_brace, 1);
    case '}':
      return take(TokenKind::right_brace, 1);
    case '.':
      return is_digit(following) ? number() : take(TokenKind::dot, 1);
    case ',':
      return take(TokenKind::comma, 1);
    case ':':
      return take(TokenKind::colon, 1);
    case '?':
      return take(TokenKind::question, 1);
    case '+':
      return take(TokenKind::plus, 1);
    case '-':
      return take(TokenKind::minus, 1);
    case '*':
      return take(TokenKind::star, 1);
    case '/':
      return take(TokenKind::slash, 1);
    case '%':
      return take(TokenKind::percent, 1);
    case '!':
      return following == '=' ? take(TokenKind::not_equal, 2) : take(TokenKind::exclamation, 1);
    case '<':
      return following == '=' ? take(TokenKind::less_equal, 2) : take(TokenKind::less, 1);
    case '>':
      return following == '=' ? take(TokenKind::greater_equal, 2) : take(TokenKind::greater, 1);
    case '=':
      if (following == '=') return take(TokenKind::equal, 2);
      throw CompileError(position_, 1, "'=' is not an operator; '==' compares");
    case '&':
      if (following == '&') return take(TokenKind::logical_and, 2);
      break;
    case '|':
      if (following == '|') return take(TokenKind::logical_or, 2);
      break;
    case '"':
    case '\'':
      return quoted(0, false, false);
    case '`':
      return quoted_identifier();
    default:
      break;
  }
  if (is_digit(c)) return number();
  if (c > ' ' && c < 0x7f) throw CompileError(position_, 1, fmt::format("unexpected character '{}'", c));
  throw CompileError(
      position_, 1,
      fmt::format("unexpected byte 0x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c))));
}

Token Lexer::word() {
  // r, b, and both in either order, upper or lower case, are prefixes where a quote follows.
  std::size_t prefix = 0;
  bool raw = false;
  bool is_bytes = false;
  const char start = static_cast<char>(peek() | 0x20);
  for (; (start == 'r' || start == 'b') && prefix < 2; ++prefix) {
    const char c = static_cast<char>(peek(prefix) | 0x20);
    if (c == 'r' && !raw) {
      raw = true;
    } else if (c == 'b' && !is_bytes) {
      is_bytes = true;
    } else {
      break;
    }
  }
  if (prefix > 0 && (peek(prefix) == '"' || peek(prefix) == '\'')) return quoted(prefix, raw, is_bytes);

  std::size_t length = 1;
  while (is_word(peek(length))) ++length;
  return take(word_kind(source_.substr(position_, length)), length);
}

Token Lexer::number() {
  std::size_t length = 0;
  TokenKind kind = TokenKind::integer;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
    length = 3;
    while (is_hex(peek(length))) ++length;
  } else {
    while (is_digit(peek(length))) ++length;
    if (peek(length) == '.' && is_digit(peek(length + 1))) {
      kind = TokenKind::real;
      length += 2;
      while (is_digit(peek(length))) ++length;
    }
    if (peek(length) == 'e' || peek(length) == 'E') {
      const std::size_t sign = peek(length + 1) == '+' || peek(length + 1) == '-' ? 1 : 0;
      if (is_digit(peek(length + 1 + sign))) {
        kind = TokenKind::real;
        length += 2 + sign;
        while (is_digit(peek(length))) ++length;
      }
    }
  }
  if (kind == TokenKind::integer && (peek(length) == 'u' || peek(length) == 'U')) {
    kind = TokenKind::unsigned_integer;
    ++length;
  }
  if (is_word(peek(length))) {
    throw CompileError(position_, length + 1, "a number must not run into a name");
  }
  return take(kind, length);
}

Token Lexer::quoted(std::size_t prefix, bool raw, bool is_bytes) {
  const char quote = peek(prefix);
  const bool triple = peek(prefix + 1) == quote && peek(prefix + 2) == quote;
  const TokenKind kind = is_bytes ? TokenKind::bytes : TokenKind::string;
  for (std::size_t i = prefix + (triple ? 3 : 1); position_ + i < source_.size(); ++i) {
    const char c = peek(i);
    if (c == '\\' && !raw) {
      ++i;
    } else if (c == quote) {
      if (!triple) return take(kind, i + 1);
      if (peek(i + 1) == quote && peek(i + 2) == quote) return take(kind, i + 3);
    } else if ((c == '\n' || c == '\r') && !triple) {
      break;
    }
  }
  throw CompileError(position_, prefix + 1, "this string is not closed");
}

Token Lexer::quoted_identifier() {
  std::size_t length = 1;
  const auto allowed = [](char c) { return is_word(c) || c == '.' || c == '-' || c == '/' || c == ' '; };
  while (allowed(peek(length))) ++length;
  if (peek(length) != '`' || length == 1) {
    throw CompileError(position_, length,
                       "a field in backticks takes letters, digits and _ . - / and blanks");
  }
  return take(TokenKind::quoted_identifier, length + 1);
}

}  // namespace ms::cel
