#include "import/lexer.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>

#include "base/text.hpp"

namespace ms::import {
namespace {

// Longer signs first.
constexpr std::array<std::string_view, 26> kSigns = {"==", "!=", "<=", ">=", "=~", "**", "//", "+", "-",
                                                     "*",  "/",  "%",  "<",  ">",  "=",  "(",  ")", "[",
                                                     "]",  "{",  "}",  ",",  ":",  "@",  "&",  "|"};

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

Position Lexer::position(std::size_t offset) const {
  Position place = position_of(text_, offset);
  if (place.line == 1) place.column += start_.column - 1;
  place.line += start_.line - 1;
  return place;
}

void Lexer::fail(std::size_t offset, const std::string& message) const {
  throw InputError(source_, position(offset), message, caret_excerpt(text_, position_of(text_, offset)));
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (text_[at_] == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      ++at_;
    } else {
      return;
    }
  }
}

Token Lexer::word(Token::Kind kind, std::size_t begin, std::size_t end) {
  at_ = end;
  return {.kind = kind, .text = std::string(text_.substr(begin, end - begin)), .begin = begin, .end = end};
}

Token Lexer::quoted(std::size_t begin) {
  const char quote = text_[begin];
  Token token{.kind = Token::Kind::text, .text = {}, .begin = begin};
  for (at_ = begin + 1; at_ < text_.size(); ++at_) {
    if (text_[at_] == quote) {
      token.end = ++at_;
      return token;
    }
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      ++at_;
      token.text += text_[at_] == 'n' ? '\n' : text_[at_];
    } else {
      token.text += text_[at_];
    }
  }
  fail(begin, fmt::format("this text has no closing {}", quote));
}

Token Lexer::path(std::size_t begin) {
  int depth = 1;
  for (at_ = begin + 2; at_ < text_.size(); ++at_) {
    if (text_[at_] == '{') ++depth;
    if (text_[at_] == '}' && --depth == 0) break;
  }
  if (at_ >= text_.size()) fail(begin, "this '${' has no closing '}'");
  Token token = word(Token::Kind::path, begin, at_ + 1);
  token.text = trim(text_.substr(begin + 2, token.end - begin - 3));
  if (token.text.empty()) fail(begin, "expected a path between '${' and '}'");
  return token;
}

// Three dashes that are a line by themselves; elsewhere each is a sign.
bool Lexer::is_separator() const {
  if (text_.substr(at_, 3) != "---") return false;
  const auto line = text_.rfind('\n', at_);
  const std::size_t begin = line == text_.npos ? 0 : line + 1;
  const std::size_t end = std::min(text_.find('\n', at_), text_.size());
  const std::string_view whole = text_.substr(begin, end - begin);
  return trim(whole.substr(0, whole.find('#'))) == "---";
}

Token Lexer::next() {
  skip_blanks();
  const std::size_t begin = at_;
  if (begin >= text_.size()) return {.kind = Token::Kind::end, .text = {}, .begin = begin, .end = begin};
  const char c = text_[begin];
  const char following = begin + 1 < text_.size() ? text_[begin + 1] : '\0';
  if (c == '"' || c == '\'') return quoted(begin);
  if (c == '$' && following == '{') return path(begin);
  if (is_separator()) return word(Token::Kind::sign, begin, begin + 3);
  std::size_t end = begin;
  if (is_digit(c) || (c == '.' && is_digit(following))) {
    while (end < text_.size() && is_digit(text_[end])) ++end;
    if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) ++end;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return word(Token::Kind::number, begin, end);
  }
  if (begins_name(c)) {
    // A dash belongs to a name where a letter follows: my-config is one, a-1 is a difference.
    const auto goes_on = [&](std::size_t i) {
      return begins_name(text_[i]) || is_digit(text_[i]) ||
             (text_[i] == '-' && i + 1 < text_.size() && begins_name(text_[i + 1]));
    };
    while (end < text_.size() && goes_on(end)) ++end;
    return word(Token::Kind::name, begin, end);
  }
  for (const std::string_view sign : kSigns) {
    if (text_.substr(begin, sign.size()) == sign) return word(Token::Kind::sign, begin, begin + sign.size());
  }
  fail(begin, fmt::format("unexpected character '{}'", sanitize_utf8(text_.substr(begin, 1))));
}

}  // namespace ms::import
