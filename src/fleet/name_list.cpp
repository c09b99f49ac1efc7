#include "fleet/name_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <map>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxDigits = 18;  // fits 64 bits; a longer run is text

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A name taken apart: texts[0] numbers[0] texts[1] numbers[1] ... texts[n].
struct Parts {
  std::vector<std::string> texts;
  std::vector<std::string> numbers;
};

Parts parts_of(const std::string& name) {
  Parts parts{{""}, {}};
  for (std::size_t i = 0; i < name.size();) {
    std::size_t end = i;
    while (end < name.size() && is_digit(name[end])) ++end;
    if (end == i || end - i > kMaxDigits) {
      end = std::max(end, i + 1);
      parts.texts.back().append(name, i, end - i);
    } else {
      parts.numbers.push_back(name.substr(i, end - i));
      parts.texts.emplace_back();
    }
    i = end;
  }
  return parts;
}

// All but the number at `place`: names with the same one can be folded into each other.
std::pair<std::string, std::string> around(const Parts& parts, std::size_t place) {
  std::string before;
  std::string after;
  for (std::size_t i = 0; i < parts.texts.size(); ++i) {
    (i <= place ? before : after) += parts.texts[i];
    if (i < parts.numbers.size() && i != place) (i < place ? before : after) += parts.numbers[i];
  }
  return {before, after};
}

bool follows(const std::string& a, const std::string& b) {
  if (*parse_int(b) != *parse_int(a) + 1) return false;
  return a.size() == b.size() || (a.front() != '0' && b.front() != '0');
}

// "001-009,012"
std::string ranges(std::vector<std::string> numbers) {
  std::sort(numbers.begin(), numbers.end(), [](const std::string& a, const std::string& b) {
    const std::int64_t left = *parse_int(a);
    const std::int64_t right = *parse_int(b);
    return left != right ? left < right : a.size() < b.size();
  });
  std::string text;
  for (std::size_t first = 0; first < numbers.size();) {
    std::size_t last = first;
    while (last + 1 < numbers.size() && follows(numbers[last], numbers[last + 1])) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ",", numbers[first]);
    if (last > first) text += fmt::format("-{}", numbers[last]);
    first = last + 1;
  }
  return text;
}

}  // namespace

std::vector<std::string> fold_names(const std::vector<std::string>& names) {
  // Names of one shape: the same texts, a number wherever another has one.
  std::map<std::vector<std::string>, std::vector<Parts>> shapes;
  for (const std::string& name : names) {
    Parts parts = parts_of(name);
    auto& shape = shapes[parts.texts];
    shape.push_back(std::move(parts));
  }
  std::vector<std::string> folded;
  for (const auto& [texts, shape] : shapes) {
    if (texts.size() == 1) {
      for (std::size_t i = 0; i < shape.size(); ++i) folded.push_back(texts.front());
      continue;
    }
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> best;
    for (std::size_t place = texts.size() - 1; place-- > 0;) {
      std::map<std::pair<std::string, std::string>, std::vector<std::string>> groups;
      for (const Parts& parts : shape) groups[around(parts, place)].push_back(parts.numbers[place]);
      if (best.empty() || groups.size() < best.size()) best = std::move(groups);
    }
    for (auto& [sides, numbers] : best) {
      const bool one = numbers.size() == 1;
      folded.push_back(fmt::format("{}{}{}{}{}", sides.first, one ? "" : "[", ranges(std::move(numbers)),
                                   one ? "" : "]", sides.second));
    }
  }
  return folded;
}

std::string joined_names(const std::vector<std::string>& names, std::size_t max_bytes) {
  // A range of many gaps is as long as a list of names: then the first names say more than nothing.
  std::string text;
  std::size_t shown = 0;
  const std::vector<std::string> folded = fold_names(names);
  for (const std::string& piece : folded) {
    if (!text.empty() && text.size() + piece.size() > max_bytes) break;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", piece);
    ++shown;
  }
  if (text.size() > max_bytes) {
    const auto comma = text.rfind(',', max_bytes);
    const auto opening = text.rfind('[', max_bytes);
    const bool inside = comma != text.npos && opening != text.npos && opening < comma;
    text = text.substr(0, inside ? comma : max_bytes) + ",…" + (inside ? "]" : "");
  }
  if (shown < folded.size()) text += fmt::format(", … (+{})", folded.size() - shown);
  return text;
}

}  // namespace ms
