#include "probe/path_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ms {
namespace {

// More installations side by side than that are not there, but a hostile record might say so.
constexpr std::size_t kMaxExpanded = 256;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_number(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  std::string_view number = text.substr(0, length);
  text.remove_prefix(length);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

// Numbers inside names compare as numbers: 9 before 10.
bool natural_less(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view x = take_number(a);
      const std::string_view y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

}  // namespace

Reading<std::string> replace_variables(std::string_view pattern,
                                       const std::map<std::string, std::string>& variables) {
  std::string result;
  while (!pattern.empty()) {
    const auto begin = pattern.find("${");
    const auto end = pattern.find('}', begin);
    if (begin == pattern.npos || end == pattern.npos) break;
    result += pattern.substr(0, begin);
    const std::string_view inside = pattern.substr(begin + 2, end - begin - 2);
    const auto dash = inside.find(":-");
    const std::string name(inside.substr(0, dash));
    const auto variable = variables.find(name);
    if (variable != variables.end() && !variable->second.empty()) {
      result += variable->second;
    } else if (dash != inside.npos) {
      result += inside.substr(dash + 2);
    } else {
      return Absent{name};
    }
    pattern.remove_prefix(end + 1);
  }
  return result.append(pattern);
}

bool matches_wildcard(std::string_view pattern, std::string_view name) {
  // Where it fails after a '*', that '*' takes one character more: linear in pattern times name.
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = pattern.npos;
  std::size_t star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

std::vector<std::string> expand_wildcards(const std::string& path, const Host& host) {
  if (path.find('*') == path.npos) return {path};
  std::vector<std::string> found = {""};
  for (const std::string_view component : split(std::string_view(path).substr(1), '/')) {
    std::vector<std::string> next;
    for (const std::string& base : found) {
      if (component.find('*') == component.npos) {
        next.push_back(fmt::format("{}/{}", base, component));
        continue;
      }
      auto names = host.list_directory(base.empty() ? "/" : base);
      if (!names) continue;
      std::sort((*names).begin(), (*names).end(),
                [](const auto& a, const auto& b) { return natural_less(b, a); });
      for (const std::string& name : *names) {
        if (matches_wildcard(component, name) && next.size() < kMaxExpanded) {
          next.push_back(fmt::format("{}/{}", base, name));
        }
      }
    }
    found = std::move(next);
  }
  std::erase_if(found, [&](const std::string& candidate) { return !host.exists(candidate); });
  return found;
}

}  // namespace ms
