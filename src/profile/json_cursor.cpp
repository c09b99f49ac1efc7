#include "profile/json_cursor.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "profile/csv.hpp"

namespace ms::profile {
namespace {

// The four hexadecimal digits of \uXXXX; -1 where they are none.
int hex4(std::string_view digits) {
  unsigned value = 0;
  if (digits.size() < 4) return -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 4, value, 16);
  return error == std::errc() && end == digits.data() + 4 ? static_cast<int>(value) : -1;
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) {
    text += static_cast<char>(static_cast<unsigned char>(value));
  };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

// Appends the character of the escape at `text[i]` ('\\'); returns how many bytes it took.
std::size_t append_escape(std::string& out, std::string_view text, std::size_t i) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
  if (i + 1 == text.size()) {
    out += '\\';
    return 1;
  }
  const std::size_t known = kNames.find(text[i + 1]);
  if (known != std::string_view::npos) {
    out += kBytes[known];
    return 2;
  }
  const int high = text[i + 1] == 'u' ? hex4(text.substr(i + 2)) : -1;
  if (high < 0) {
    out += text[i];
    return 1;
  }
  if (high < 0xd800 || high > 0xdfff) {
    append_utf8(out, static_cast<std::uint32_t>(high));
    return 6;
  }
  const int low = text.substr(i + 6).starts_with("\\u") ? hex4(text.substr(i + 8)) : -1;
  if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) {
    append_utf8(out, 0xfffd);
    return 6;
  }
  append_utf8(out, 0x10000 + (static_cast<std::uint32_t>(high - 0xd800) << 10) +
                       static_cast<std::uint32_t>(low - 0xdc00));
  return 12;
}

}  // namespace

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\') {
      i += append_escape(out, text, i);
    } else {
      out += text[i++];
    }
  }
  return out;
}

void JsonCursor::fail() {
  failed_ = true;
  at_ = end_;
}

void JsonCursor::space() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

char JsonCursor::peek() {
  space();
  return at_ < end_ ? *at_ : '\0';
}

bool JsonCursor::at_end() {
  return peek() == '\0' && at_ == end_;
}

bool JsonCursor::enter(char bracket) {
  if (peek() != bracket) {
    skip();
    return false;
  }
  if (++depth_ > kMaxDepth) {
    fail();
    return false;
  }
  ++at_;
  return true;
}

bool JsonCursor::leave(char bracket) {
  if (peek() != bracket) return false;
  ++at_;
  --depth_;
  return true;
}

// Behind an element: true where another follows.
bool JsonCursor::more(char bracket) {
  if (failed_ || leave(bracket)) return false;
  if (peek() != ',') {
    fail();
    return false;
  }
  ++at_;
  return true;
}

std::string_view JsonCursor::member_name() {
  if (peek() != '"') {
    fail();
    return {};
  }
  const std::string_view name = quoted();
  if (peek() != ':') {
    fail();
    return {};
  }
  ++at_;
  return name;
}

// The string at the cursor, without its quotes.
std::string_view JsonCursor::quoted() {
  const char* const start = ++at_;
  while (at_ < end_) {
    const auto* quote = static_cast<const char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
    if (quote == nullptr) break;
    const char* behind = quote;
    while (behind > start && behind[-1] == '\\') --behind;
    at_ = quote + 1;
    if ((quote - behind) % 2 == 0) return {start, static_cast<std::size_t>(quote - start)};
  }
  fail();
  return {};
}

std::optional<double> JsonCursor::number() {
  const char first = peek();
  if (first != '-' && (first < '0' || first > '9')) {
    skip();
    return std::nullopt;
  }
  double value = 0;
  // Whole numbers of up to 15 digits are exact in a double, and most numbers of a profile are such.
  const char* digit = at_;
  std::int64_t whole = 0;
  while (digit < end_ && *digit >= '0' && *digit <= '9' && digit - at_ < 15)
    whole = whole * 10 + (*digit++ - '0');
  const bool is_whole =
      digit > at_ && (digit == end_ || *digit == ',' || *digit == ']' || *digit == '}' || *digit == ' ');
  if (is_whole) {
    at_ = digit;
    return static_cast<double>(whole);
  }
  const auto [end, error] = std::from_chars(at_, end_, value);
  if (end == at_) {
    skip();
    return std::nullopt;
  }
  at_ = end;
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> JsonCursor::number_or_text() {
  if (peek() != '"') return number();
  return parse_number(quoted());
}

std::optional<std::string_view> JsonCursor::raw_string() {
  if (peek() != '"') {
    skip();
    return std::nullopt;
  }
  const std::string_view text = quoted();
  if (failed_) return std::nullopt;
  return text;
}

std::optional<std::string> JsonCursor::string() {
  const auto raw = raw_string();
  if (!raw) return std::nullopt;
  return unescape(*raw);
}

std::string_view JsonCursor::skip() {
  const char first = peek();
  const char* const start = at_;
  if (first == '"') {
    quoted();
  } else if (first == '{') {
    object([&](std::string_view) { skip(); });
  } else if (first == '[') {
    array([&] { skip(); });
  } else {
    while (at_ < end_ && std::strchr(",]} \t\r\n:", *at_) == nullptr) ++at_;
    if (at_ == start) fail();
  }
  if (failed_) return {};
  return {start, static_cast<std::size_t>(at_ - start)};
}

}  // namespace ms::profile
