#include "profile/microseconds.hpp"

#include <cmath>

#include "base/text.hpp"

namespace ms::profile {
namespace {

constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;
constexpr std::int64_t kMostMicroseconds = kMostNanoseconds / kNanosecondsPerMicrosecond - 1;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::int64_t> through_double(std::string_view text) {
  const std::optional<double> value = parse_double(text);
  if (!value || std::abs(*value) > static_cast<double>(kMostMicroseconds)) {
    return std::nullopt;
  }
  return std::llround(*value * static_cast<double>(kNanosecondsPerMicrosecond));
}

}  // namespace

std::optional<std::int64_t> parse_microseconds(std::string_view text) {
  text = trim(text);
  const bool negative = text.starts_with('-');
  std::size_t at = negative ? 1 : 0;
  const std::size_t whole_begin = at;
  std::int64_t nanoseconds = 0;
  while (at < text.size() && is_digit(text[at])) {
    nanoseconds = nanoseconds * 10 + (text[at++] - '0');
    if (nanoseconds > kMostMicroseconds) {
      return std::nullopt;
    }
  }
  if (at == whole_begin) {
    return through_double(text);
  }
  nanoseconds *= kNanosecondsPerMicrosecond;
  if (at < text.size() && text[at] == '.') {
    ++at;
    for (std::int64_t unit = kNanosecondsPerMicrosecond / 10; at < text.size() && is_digit(text[at]); ++at) {
      nanoseconds += unit > 0 ? (text[at] - '0') * unit : 0;
      if (unit == 0 && text[at] >= '5') {
        ++nanoseconds;
      }
      unit = unit > 0 ? unit / 10 : -1;
    }
  }
  if (at != text.size()) {
    return through_double(text);
  }
  return negative ? -nanoseconds : nanoseconds;
}

}  // namespace ms::profile
