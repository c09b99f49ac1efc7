#include "cel/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cel/error.hpp"

namespace ms::cel {
namespace {

// What a byte may be part of, looked up instead of compared: the lexer is a third of all compiling.
enum CharacterClass : std::uint8_t {
  kDigit = 1,
  kHex = 2,
  kLetter = 4,
  kBlank = 8,
  kPrefix = 32,   // may stand before a string
  kSpecial = 16,  // ends a string, or does not stand for itself in one
};

constexpr std::array<std::uint8_t, 256> character_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const unsigned lower = c | 0x20;
    const bool letter = lower >= 'a' && lower <= 'z' && c < 0x80;
    if (digit) classes[c] |= kDigit | kHex;
    if (letter && lower <= 'f') classes[c] |= kHex;
    if (letter || c == '_') classes[c] |= kLetter;
    if (lower == 'r' || lower == 'b') classes[c] |= kPrefix;
    if (c == '"' || c == '\'' || c == '\\' || c == '\n' || c == '\r' || c >= 0x80) classes[c] |= kSpecial;
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

void Lexer::skip_comments() {
  while (at_[0] == '/' && at_[1] == '/') {
    const auto newline = source_.find('\n', position());
    at_ = source_.data() + (newline == source_.npos ? source_.size() : newline + 1);
    while (is(*at_, kBlank)) ++at_;
  }
}

Token Lexer::take(TokenKind kind, const char* end) {
  const auto begin = static_cast<std::uint32_t>(position());
  at_ = end;
  return {.kind = kind, .begin = begin, .end = static_cast<std::uint32_t>(position())};
}

Token Lexer::next() {
  while (is(*at_, kBlank)) ++at_;
  if (*at_ == '/') skip_comments();
  const char c = *at_;
  if (is(c, kLetter)) return word();
  if (position() == source_.size()) return take(TokenKind::end, 0);
  const char following = at_[1];
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
      break;
    case '&':
      if (following == '&') return take(TokenKind::logical_and, 2);
      break;
    case '|':
      if (following == '|') return take(TokenKind::logical_or, 2);
      break;
    case '"':
    case '\'':
      return quoted(at_, false, false);
    case '`':
      return quoted_identifier();
    default:
      break;
  }
  if (is_digit(c)) return number();
  unexpected(c);
}

void Lexer::unexpected(char c) const {
  if (c == '=') fail(1, "'=' is not an operator; '==' compares");
  if (c > ' ' && c < 0x7f) fail(1, fmt::format("unexpected character '{}'", c));
  fail(1, fmt::format("unexpected byte 0x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c))));
}

void Lexer::fail(std::ptrdiff_t length, std::string message) const {
  throw CompileError(position(), static_cast<std::size_t>(length), std::move(message));
}

Token Lexer::word() {
  // r, b, and both in either order, upper or lower case, are prefixes where a quote follows.
  const char* quote = at_;
  bool raw = false;
  bool is_bytes = false;
  for (; quote < at_ + 2 && is(*quote, kPrefix); ++quote) {
    const char c = static_cast<char>(*quote | 0x20);
    if (c == 'r' && !raw) {
      raw = true;
    } else if (c == 'b' && !is_bytes) {
      is_bytes = true;
    } else {
      break;
    }
  }
  if (quote != at_ && (*quote == '"' || *quote == '\'')) return quoted(quote, raw, is_bytes);

  const char* end = at_ + 1;
  while (is_word(*end)) ++end;
  return take(word_kind({at_, end}), end);
}

Token Lexer::number() {
  const char* end = at_;
  const auto skip_digits = [&] {
    while (is_digit(*end)) ++end;
  };
  TokenKind kind = TokenKind::integer;
  if (at_[0] == '0' && (at_[1] == 'x' || at_[1] == 'X') && is_hex(at_[2])) {
    end += 3;
    while (is_hex(*end)) ++end;
  } else {
    skip_digits();
    if (end[0] == '.' && is_digit(end[1])) {
      kind = TokenKind::real;
      end += 2;
      skip_digits();
    }
    if (*end == 'e' || *end == 'E') {
      const int sign = end[1] == '+' || end[1] == '-' ? 1 : 0;
      if (is_digit(end[1 + sign])) {
        kind = TokenKind::real;
        end += 2 + sign;
        skip_digits();
      }
    }
  }
  if (kind == TokenKind::integer && (*end == 'u' || *end == 'U')) {
    kind = TokenKind::unsigned_integer;
    ++end;
  }
  if (is_word(*end)) fail(end - at_ + 1, "a number must not run into a name");
  return take(kind, end);
}

Token Lexer::quoted(const char* first_quote, bool raw, bool is_bytes) {
  const char quote = *first_quote;
  const bool triple = first_quote[1] == quote && first_quote[2] == quote;
  const char* const source_end = source_.data() + source_.size();
  bool plain = first_quote == at_ && !triple;
  for (const char* p = first_quote + (triple ? 3 : 1); p < source_end; ++p) {
    if (!is(*p, kSpecial)) continue;
    if (*p == '\\') {
      plain = false;
      if (!raw) ++p;
    } else if (*p == quote) {
      if (triple && (p[1] != quote || p[2] != quote)) continue;
      Token token = take(is_bytes ? TokenKind::bytes : TokenKind::string, p + (triple ? 3 : 1));
      token.plain = plain;
      return token;
    } else if ((*p == '\n' || *p == '\r') && !triple) {
      break;
    } else if (static_cast<unsigned char>(*p) >= 0x80) {
      plain = false;
    }
  }
  fail(first_quote - at_ + 1, "this string is not closed");
}

Token Lexer::quoted_identifier() {
  const char* end = at_ + 1;
  const auto allowed = [](char c) { return is_word(c) || c == '.' || c == '-' || c == '/' || c == ' '; };
  while (allowed(*end)) ++end;
  if (*end != '`' || end == at_ + 1) {
    fail(end - at_, "a field in backticks takes letters, digits and _ . - / and blanks");
  }
  return take(TokenKind::quoted_identifier, end + 1);
}

}  // namespace ms::cel
