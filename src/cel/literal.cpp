#include "cel/literal.hpp"

#include <charconv>
#include <limits>

#include "cel/utf8.hpp"

namespace ms::cel {
namespace {

[[noreturn]] void fail(const Token& token, const char* message) {
  throw CompileError(token.begin, token.end - token.begin, message);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Reads the escapes of one literal into a buffer that is as long as the literal, which always suffices: no
// escape is shorter than what it stands for.
class Unescaper {
 public:
  Unescaper(const Token& token, std::string_view body, std::size_t body_offset, bool is_bytes, char* out)
      : token_(token), body_(body), body_offset_(body_offset), is_bytes_(is_bytes), out_(out) {}

  std::size_t run() {
    while (position_ < body_.size()) {
      if (body_[position_] == '\\') {
        escape();
      } else {
        out_[written_++] = body_[position_++];
      }
    }
    return written_;
  }

 private:
  [[noreturn]] void bad(std::size_t start, std::size_t length, const char* message) {
    throw CompileError(token_.begin + body_offset_ + start, length, message);
  }

  void put_code_point(std::uint32_t code_point, std::size_t start) {
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) {
      bad(start, position_ - start, "this escape is not a Unicode code point");
    }
    written_ += encode_utf8(code_point, out_ + written_);
  }

  std::uint32_t digits(std::size_t count, std::uint32_t base, std::size_t start) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i, ++position_) {
      const int digit = position_ < body_.size() ? hex_digit(body_[position_]) : -1;
      if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) {
        bad(start, position_ - start, "this escape has too few digits");
      }
      value = value * base + static_cast<std::uint32_t>(digit);
    }
    return value;
  }

  void octet(std::uint32_t value, std::size_t start) {
    if (is_bytes_) {
      out_[written_++] = static_cast<char>(value);
    } else {
      put_code_point(value, start);
    }
  }

  // A pair of \u escapes may spell one code point beyond the basic plane.
  void four_digits(std::size_t start) {
    std::uint32_t value = digits(4, 16, start);
    const bool high = value >= 0xD800 && value < 0xDC00;
    if (high && body_.substr(position_, 2) == "\\u") {
      position_ += 2;
      const std::uint32_t low = digits(4, 16, start);
      if (low < 0xDC00 || low > 0xDFFF) bad(start, position_ - start, "this surrogate pair is not one");
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
    }
    put_code_point(value, start);
  }

  void escape() {
    const std::size_t start = position_++;
    if (position_ == body_.size()) bad(start, 1, "a backslash at the end escapes nothing");
    const char c = body_[position_++];
    switch (c) {
      case 'a':
        out_[written_++] = '\a';
        return;
      case 'b':
        out_[written_++] = '\b';
        return;
      case 'f':
        out_[written_++] = '\f';
        return;
      case 'n':
        out_[written_++] = '\n';
        return;
      case 'r':
        out_[written_++] = '\r';
        return;
      case 't':
        out_[written_++] = '\t';
        return;
      case 'v':
        out_[written_++] = '\v';
        return;
      case '\\':
      case '?':
      case '"':
      case '\'':
      case '`':
        out_[written_++] = c;
        return;
      case 'x':
      case 'X':
        octet(digits(2, 16, start), start);
        return;
      case 'u':
        if (is_bytes_) bad(start, 2, "\\u is not for bytes");
        four_digits(start);
        return;
      case 'U':
        if (is_bytes_) bad(start, 2, "\\U is not for bytes");
        put_code_point(digits(8, 16, start), start);
        return;
      case '0':
      case '1':
      case '2':
      case '3':
        --position_;
        octet(digits(3, 8, start), start);
        return;
      default:
        bad(start, 2, "no such escape; a backslash itself is written \\\\");
    }
  }

  const Token& token_;
  std::string_view body_;
  std::size_t body_offset_;
  bool is_bytes_;
  char* out_;
  std::size_t position_ = 0;
  std::size_t written_ = 0;
};

}  // namespace

Value number_literal(const Token& token, std::string_view text, bool negative) {
  if (token.kind == TokenKind::real) {
    double number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec == std::errc::result_out_of_range) {
      // Too large is infinite and too small is zero; from_chars leaves the choice to us.
      number = text.find("e-") != text.npos || text.find("E-") != text.npos
                   ? 0.0
                   : std::numeric_limits<double>::infinity();
    }
    return Value::real(negative ? -number : number);
  }
  if (token.kind == TokenKind::unsigned_integer) text.remove_suffix(1);
  const bool hex = text.size() > 2 && (text[1] == 'x' || text[1] == 'X');
  if (hex) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
  if (result.ec != std::errc()) fail(token, "this number does not fit into 64 bits");
  if (token.kind == TokenKind::unsigned_integer) return Value::unsigned_integer(number);
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (number > kLargest + (negative ? 1 : 0)) fail(token, "this int does not fit into 64 bits");
  // Negated as unsigned, so that -2^63 does not pass through 2^63.
  return Value::integer(static_cast<std::int64_t>(negative ? 0 - number : number));
}

Value string_literal(const Token& token, std::string_view text, Arena& arena) {
  if (token.plain) return Value::string(text.substr(1, text.size() - 2));
  const bool is_bytes = token.kind == TokenKind::bytes;
  std::size_t prefix = 0;
  bool raw = false;
  for (; text[prefix] != '"' && text[prefix] != '\''; ++prefix) raw = raw || (text[prefix] | 0x20) == 'r';
  const char quote = text[prefix];
  const bool triple = text.size() >= prefix + 6 && text[prefix + 1] == quote && text[prefix + 2] == quote;
  const std::size_t quotes = triple ? 3 : 1;
  std::string_view body = text.substr(prefix + quotes, text.size() - prefix - 2 * quotes);
  if (!raw && body.find('\\') != body.npos) {
    char* const out = arena.text(body.size());
    body = {out, Unescaper(token, body, prefix + quotes, is_bytes, out).run()};
  }
  if (!is_bytes && !is_valid_utf8(body)) fail(token, "this string is not valid UTF-8");
  return is_bytes ? Value::bytes(body) : Value::string(body);
}

}  // namespace ms::cel
