#include "probe/extract.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.hpp"

namespace ms {
namespace {

struct TypeName {
  std::string_view name;
  ScalarType type;
  std::string_view article;
};

constexpr TypeName kTypes[] = {
    {"string", ScalarType::string, "a text"},
    {"int", ScalarType::integer, "an integer"},
    {"double", ScalarType::number, "a number"},
    {"bool", ScalarType::boolean, "0 or 1"},
};

constexpr std::size_t kShownCharacters = 60;
// A value of a setting is a line, not a document.
constexpr std::size_t kMaxValueBytes = 16384;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string_view expectation(ScalarType type) {
  return std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeName& t) { return t.type == type; })
      ->article;
}

Absent unexpected(std::string_view expected, std::string_view text) {
  if (trim(text).empty()) return Absent{fmt::format("is empty; expected {}", expected)};
  return Absent{fmt::format("expected {}, found {}", expected, quoted_start(trim(text)))};
}

Reading<Json> convert(std::string_view text, ScalarType type, std::int64_t multiply) {
  const Absent wrong = unexpected(expectation(type), text);
  switch (type) {
    case ScalarType::string: {
      if (text.empty() ||
          std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; })) {
        return unexpected("one line of text", text);
      }
      return Json(text);
    }
    case ScalarType::integer: {
      const auto value = parse_int(text);
      if (!value) return wrong;
      std::int64_t product = 0;
      if (__builtin_mul_overflow(*value, multiply, &product)) {
        return Absent{fmt::format("{} times {} is more than an integer holds", *value, multiply)};
      }
      return Json(product);
    }
    case ScalarType::number: {
      const auto value = parse_double(text);
      return value ? Reading<Json>(Json(*value)) : wrong;
    }
    case ScalarType::boolean: {
      const std::string word = to_lower(text);
      for (const std::string_view yes : {"1", "y", "yes", "on", "true"}) {
        if (word == yes) return Json(true);
      }
      for (const std::string_view no : {"0", "n", "no", "off", "false"}) {
        if (word == no) return Json(false);
      }
      return wrong;
    }
  }
  return wrong;
}

}  // namespace

std::optional<ScalarType> parse_scalar_type(std::string_view text) {
  for (const TypeName& type : kTypes) {
    if (type.name == text) return type.type;
  }
  return std::nullopt;
}

std::string_view until_nul(std::string_view text) {
  return trim(text.substr(0, text.find('\0')));
}

std::string quoted_start(std::string_view text) {
  std::string start = sanitize_utf8(text.substr(0, 4 * kShownCharacters));
  std::size_t characters = 0;
  std::size_t end = 0;
  while (end < start.size() && characters < kShownCharacters) {
    if (is_control(start[end])) start[end] = ' ';
    ++end;
    while (end < start.size() && (static_cast<unsigned char>(start[end]) & 0xC0U) == 0x80) ++end;
    ++characters;
  }
  const bool cut = end < start.size() || text.size() > 4 * kShownCharacters;
  start.resize(end);
  return fmt::format("\"{}\"{}", start, cut ? "..." : "");
}

Reading<Json> extract_value(std::string_view text, const RE2* pattern, ScalarType type,
                            std::int64_t multiply) {
  // A NUL that ends the text is no part of it; one inside makes it binary.
  while (text.ends_with('\0')) text.remove_suffix(1);
  std::string_view found = trim(text);
  if (pattern != nullptr) {
    // The text may be a program of megabytes: only what is found in it has to be UTF-8.
    const re2::StringPiece whole(text.data(), text.size());
    constexpr int kMaxGroups = 8;
    std::array<re2::StringPiece, kMaxGroups + 1> groups;
    const int count = std::min(pattern->NumberOfCapturingGroups(), kMaxGroups) + 1;
    if (!pattern->Match(whole, 0, whole.size(), RE2::UNANCHORED, groups.data(), count)) {
      if (found.empty()) return Absent{fmt::format("is empty; expected a match of /{}/", pattern->pattern())};
      return Absent{fmt::format("nothing in it matches /{}/; it starts with {}", pattern->pattern(),
                                quoted_start(found))};
    }
    const auto* group = std::find_if(groups.data() + 1, groups.data() + count,
                                     [](const re2::StringPiece& piece) { return piece.data() != nullptr; });
    const re2::StringPiece piece = group == groups.data() + count ? groups[0] : *group;
    found = trim(std::string_view(piece.data(), piece.size()));
  }
  if (found.size() > kMaxValueBytes) {
    return Absent{fmt::format("is {} bytes long, which no single value is; it starts with {}", found.size(),
                              quoted_start(found))};
  }
  return convert(sanitize_utf8(found), type, multiply);
}

}  // namespace ms
