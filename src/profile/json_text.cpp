#include "profile/json_text.hpp"

#include <array>

#include "profile/byte_scan.hpp"

namespace ms::profile {
namespace {

/// The next quote or backslash, `end` where there is none: most of a trace is strings.
const char* find_quote_or_backslash(const char* at, const char* end) {
  return find_byte(at, end, [](std::uint64_t word) {
    return equal_bytes(word, repeat('"')) | equal_bytes(word, repeat('\\'));
  });
}

constexpr std::array<bool, 256> kScalarBytes = [] {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) {
    table[static_cast<unsigned char>(c)] = true;
  }
  for (char c = 'a'; c <= 'z'; ++c) {
    table[static_cast<unsigned char>(c)] = true;
  }
  for (char c = 'A'; c <= 'Z'; ++c) {
    table[static_cast<unsigned char>(c)] = true;
  }
  for (const char c : {'+', '-', '.'}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

void JsonScan::skip_space() {
  while (at != end && is_space(*at)) {
    ++at;
  }
}

ScanEnd JsonScan::string(std::string_view& text, bool& escaped) {
  const char* const begin = at + 1;
  const char* close = begin;
  escaped = false;
  while (true) {
    close = find_quote_or_backslash(close, end);
    if (close == end || (*close == '\\' && end - close < 2)) {
      return ScanEnd::kNeedMore;
    }
    if (*close == '"') {
      text = {begin, static_cast<std::size_t>(close - begin)};
      at = close + 1;
      return ScanEnd::kDone;
    }
    escaped = true;
    close += 2;
  }
}

ScanEnd JsonScan::key(std::string_view& name) {
  if (at == end) {
    return ScanEnd::kNeedMore;
  }
  bool escaped = false;
  if (const ScanEnd found = *at == '"' ? string(name, escaped) : ScanEnd::kBroken; found != ScanEnd::kDone) {
    return found;
  }
  skip_space();
  if (at == end) {
    return ScanEnd::kNeedMore;
  }
  if (*at != ':') {
    return ScanEnd::kBroken;
  }
  ++at;
  skip_space();
  return at == end ? ScanEnd::kNeedMore : ScanEnd::kDone;
}

ScanEnd JsonScan::scalar(std::string_view& text) {
  const char* const begin = at;
  while (at != end && kScalarBytes[static_cast<unsigned char>(*at)]) {
    ++at;
  }
  if (at == end) {
    return ScanEnd::kNeedMore;
  }
  text = {begin, static_cast<std::size_t>(at - begin)};
  return text.empty() ? ScanEnd::kBroken : ScanEnd::kDone;
}

ScanEnd JsonScan::value(int depth) {
  if (at == end) {
    return ScanEnd::kNeedMore;
  }
  std::string_view text;
  bool escaped = false;
  if (*at == '"') {
    return string(text, escaped);
  }
  if (*at != '{' && *at != '[') {
    return scalar(text);
  }
  if (depth == 0) {
    return ScanEnd::kTooDeep;
  }
  const bool object = *at == '{';
  const char close = object ? '}' : ']';
  ++at;
  skip_space();
  if (at != end && *at == close) {
    ++at;
    return ScanEnd::kDone;
  }
  while (true) {
    if (object) {
      if (const ScanEnd found = key(text); found != ScanEnd::kDone) {
        return found;
      }
    }
    if (const ScanEnd inner = value(depth - 1); inner != ScanEnd::kDone) {
      return inner;
    }
    skip_space();
    if (at == end) {
      return ScanEnd::kNeedMore;
    }
    if (*at == close) {
      ++at;
      return ScanEnd::kDone;
    }
    if (*at != ',') {
      return ScanEnd::kBroken;
    }
    ++at;
    skip_space();
  }
}

}  // namespace ms::profile
