#include "fleet/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "facts/document.hpp"

namespace ms {
namespace {

using Values = std::vector<const Json*>;

/// Where the walk is.
struct Place {
  std::string before;
  std::string element;
  std::string after;
  std::string pattern;
};

bool is_identifier(std::string_view name) {
  const auto is_word = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_word);
}

Place member_of(const Place& place, const std::string& name) {
  const bool is_root = place.before.empty();
  const std::string step = is_root               ? name
                           : is_identifier(name) ? "." + name
                                                 : fmt::format("[{}]", Json(name).dump());
  Place inner = place;
  (place.element.empty() ? inner.before : inner.after) += step;
  inner.pattern += (is_root ? "" : ".") + name;
  return inner;
}

Place element_of(const Place& place, const std::string& name) {
  Place inner = place;
  if (place.element.empty()) {
    inner.element = name;
  } else {
    inner.after += fmt::format("[{}]", name);
  }
  inner.pattern += "[]";
  return inner;
}

bool is_absent(const Json* value) {
  return value == nullptr || absent_reason(*value).has_value();
}

bool same(const Json* a, const Json* b) {
  if (is_absent(a) || is_absent(b)) {
    return is_absent(a) && is_absent(b) && (a == nullptr) == (b == nullptr) &&
           (a == nullptr || absent_reason(*a) == absent_reason(*b));
  }
  return a->type() == b->type() || (a->is_number() && b->is_number()) ? *a == *b : false;
}

// Numbers of elements before texts, and 2 before 10.
struct NaturalOrder {
  bool operator()(const std::string& a, const std::string& b) const {
    std::size_t i = 0;
    std::size_t j = 0;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto number_end = [&](const std::string& text, std::size_t at) {
      while (at < text.size() && digit(text[at])) ++at;
      return at;
    };
    while (i < a.size() && j < b.size()) {
      if (digit(a[i]) && digit(b[j])) {
        const std::size_t end_a = number_end(a, i);
        const std::size_t end_b = number_end(b, j);
        if (end_a - i != end_b - j) return end_a - i < end_b - j;
        const int order = a.compare(i, end_a - i, b, j, end_b - j);
        if (order != 0) return order < 0;
        i = end_a;
        j = end_b;
      } else if (a[i] != b[j]) {
        return a[i] < b[j];
      } else {
        ++i;
        ++j;
      }
    }
    return a.size() - i < b.size() - j;
  }
};

class Walk {
 public:
  explicit Walk(const DifferenceTable& table) : table_(table) {}

  void compare(const Values& values, const Place& place) {
    if (all(values, [](const Json& value) { return value.is_object() && !absent_reason(value); })) {
      compare_members(values, place);
    } else if (all(values, [](const Json& value) { return value.is_array(); })) {
      compare_elements(values, place);
    } else {
      compare_whole(values, place);
    }
  }

  std::vector<Difference> take() { return std::move(differences_); }

 private:
  template <class Predicate>
  static bool all(const Values& values, Predicate predicate) {
    return std::all_of(values.begin(), values.end(),
                       [&](const Json* value) { return value != nullptr && predicate(*value); });
  }

  void compare_members(const Values& values, const Place& place) {
    std::map<std::string, Values> members;
    for (std::size_t host = 0; host < values.size(); ++host) {
      for (const auto& [name, value] : values[host]->items()) {
        members.try_emplace(name, values.size(), nullptr).first->second[host] = &value;
      }
    }
    for (const auto& [name, member] : members) compare(member, member_of(place, name));
  }

  void compare_elements(const Values& lists, const Place& place) {
    const ListIdentity* identity = table_.list(place.pattern);
    const bool is_set = identity != nullptr && identity->set;
    const std::vector<std::string> key =
        is_set ? std::vector<std::string>() : key_of_elements(identity, lists);
    std::map<std::string, Values, NaturalOrder> elements;
    for (std::size_t host = 0; host < lists.size(); ++host) {
      std::map<std::string, int> seen;
      std::size_t position = 0;
      for (const Json& element : *lists[host]) {
        std::string name = is_set        ? element.dump(-1, ' ', false, Json::error_handler_t::replace)
                           : key.empty() ? std::to_string(position)
                                         : element_name(element, key);
        // Two elements of one name are told apart by their order.
        if (const int before = seen[name]++; before > 0) name += fmt::format(" #{}", before + 1);
        elements.try_emplace(name, lists.size(), nullptr).first->second[host] = &element;
        ++position;
      }
    }
    for (const auto& [name, values] : elements) compare(values, element_of(place, name));
  }

  void compare_whole(const Values& values, const Place& place) {
    if (std::all_of(values.begin(), values.end(), is_absent)) return;
    Difference difference{.before = place.before,
                          .element = place.element,
                          .after = place.after,
                          .pattern = place.pattern,
                          .values = {},
                          .expected = nullptr};
    for (std::size_t host = 0; host < values.size(); ++host) {
      auto group = std::find_if(
          difference.values.begin(), difference.values.end(),
          [&](const SharedValue& shared) { return same(values[shared.hosts.front()], values[host]); });
      if (group == difference.values.end()) {
        SharedValue shared;
        if (is_absent(values[host])) {
          if (values[host] != nullptr) shared.reason = absent_reason(*values[host]);
        } else {
          shared.value = values[host];
        }
        group = difference.values.insert(difference.values.end(), std::move(shared));
      }
      group->hosts.push_back(host);
    }
    if (difference.values.size() < 2) return;
    std::stable_sort(
        difference.values.begin(), difference.values.end(),
        [](const SharedValue& a, const SharedValue& b) { return a.hosts.size() > b.hosts.size(); });
    const ExpectedDifference* expected = table_.expected(place.pattern);
    if (expected != nullptr && allows(*expected, values)) difference.expected = expected;
    differences_.push_back(std::move(difference));
  }

  const DifferenceTable& table_;
  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> find_differences(const std::vector<const Json*>& hosts,
                                         const DifferenceTable& table) {
  return find_differences(hosts, "", table);
}

std::vector<Difference> find_differences(const std::vector<const Json*>& values, const std::string& path,
                                         const DifferenceTable& table) {
  Walk walk(table);
  walk.compare(values, {.before = path, .element = {}, .after = {}, .pattern = path});
  return walk.take();
}

}  // namespace ms
