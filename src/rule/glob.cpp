#include "rule/glob.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

namespace ms {
namespace {

// The regular expression of a set, from its '[' on; `at` moves past its ']'.
std::string set_pattern(const TomlTable& table, std::string_view key, const std::string& text,
                        std::size_t& at) {
  const std::size_t begin = at;
  std::size_t first = begin + 1;
  const bool negated = first < text.size() && text[first] == '!';
  if (negated) ++first;
  const std::size_t end = text.find(']', first + 1);
  if (end == text.npos) table.fail_in_string(key, begin, "this set has no end: '[0-9]'");
  std::string pattern = negated ? "[^" : "[";
  for (std::size_t i = first; i < end; ++i) {
    if (text[i] == '\\' || text[i] == '[' || text[i] == ']' || text[i] == '^') pattern += '\\';
    pattern += text[i];
  }
  at = end + 1;
  if (at < text.size() && text[at] == '+') {
    ++at;
    return pattern + "]+";
  }
  return pattern + "]";
}

}  // namespace

Glob Glob::read(const TomlTable& table, std::string_view key) {
  Glob glob;
  const auto text = table.optional_string(key);
  if (!text) return glob;
  if (text->empty()) table.fail(key, fmt::format("'{}' is empty; '*' stands for all", key));
  glob.text_ = *text;
  if (glob.matches_all()) return glob;
  std::string pattern;
  for (std::size_t at = 0; at < text->size();) {
    const char c = (*text)[at];
    if (c == '[') {
      pattern += set_pattern(table, key, *text, at);
      continue;
    }
    pattern += c == '*' ? ".*" : c == '?' ? "." : RE2::QuoteMeta(std::string(1, c));
    ++at;
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_encoding(RE2::Options::EncodingLatin1);  // names are compared byte by byte
  glob.pattern_ = std::make_shared<const RE2>(pattern, options);
  if (!glob.pattern_->ok()) table.fail(key, fmt::format("not a pattern: {}", glob.pattern_->error()));
  return glob;
}

bool Glob::matches(std::string_view name) const {
  return !pattern_ || RE2::FullMatch({name.data(), name.size()}, *pattern_);
}

}  // namespace ms
