#include "fleet/difference_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "facts/document.hpp"

namespace ms {
namespace {

// Lists that are not declared: of facts that a site declares itself.
constexpr std::array<std::string_view, 9> kUsualKeys = {"id",  "name", "path",  "npu",   "device",
                                                        "cpu", "node", "mount", "bus_id"};

// `*` stands for any characters.
bool matches(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t i = star; i <= text.size(); ++i) {
    if (matches(rest, text.substr(i))) return true;
  }
  return false;
}

bool covers(std::string_view entry, std::string_view path) {
  if (entry.find('*') != entry.npos) return matches(entry, path);
  return path.starts_with(entry) &&
         (path.size() == entry.size() || path[entry.size()] == '.' || path[entry.size()] == '[');
}

bool is_scalar(const Json& value) {
  return value.is_string() || value.is_number() || value.is_boolean();
}

bool is_key(const std::vector<const Json*>& lists, std::string_view field) {
  for (const Json* list : lists) {
    std::set<Json> seen;
    for (const Json& element : *list) {
      const auto value = element.is_object() ? element.find(field) : element.end();
      if (value == element.end() || !is_scalar(*value) || !seen.insert(*value).second) return false;
    }
  }
  return true;
}

}  // namespace

DifferenceTable DifferenceTable::load(const TomlTable& root) {
  DifferenceTable table;
  const auto add_entries = [&](const char* key, std::vector<ExpectedDifference>& entries) {
    for (const TomlTable& entry : root.tables(key)) {
      const std::optional<double> tolerance = entry.optional_double("tolerance");
      const Text reason = entry.text("reason");
      for (const std::string& path : entry.strings("path"))
        entries.push_back({.path = path, .tolerance = tolerance, .reason = reason});
      entry.finish();
    }
  };
  add_entries("expected", table.expected_);
  add_entries("not_held", table.not_held_);
  for (const TomlTable& entry : root.tables("list")) {
    const std::vector<std::string> key = entry.strings("key");
    const bool set = entry.optional_bool("set").value_or(false);
    const bool ordered = entry.optional_bool("ordered").value_or(false);
    for (const std::string& path : entry.strings("path")) {
      table.lists_.push_back({.path = path, .key = key, .set = set, .ordered = ordered});
    }
    entry.finish();
  }
  root.finish();
  return table;
}

DifferenceTable DifferenceTable::builtin() {
  const EmbeddedFile& file = embedded::differences().front();
  return load(parse_toml(file, "knowledge/" + std::string(file.name)));
}

const ExpectedDifference* DifferenceTable::expected(std::string_view path) const {
  const auto found = std::find_if(expected_.begin(), expected_.end(),
                                  [&](const ExpectedDifference& entry) { return covers(entry.path, path); });
  return found == expected_.end() ? nullptr : &*found;
}

bool DifferenceTable::is_held(std::string_view path) const {
  return std::none_of(not_held_.begin(), not_held_.end(),
                      [&](const ExpectedDifference& entry) { return covers(entry.path, path); });
}

const ListIdentity* DifferenceTable::list(std::string_view path) const {
  const auto found = std::find_if(lists_.begin(), lists_.end(),
                                  [&](const ListIdentity& entry) { return entry.path == path; });
  return found == lists_.end() ? nullptr : &*found;
}

bool allows(const ExpectedDifference& expected, const std::vector<const Json*>& values) {
  if (!expected.tolerance) return true;
  double low = 0;
  double high = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == nullptr || !values[i]->is_number()) return false;
    const auto number = values[i]->get<double>();
    low = i == 0 ? number : std::min(low, number);
    high = i == 0 ? number : std::max(high, number);
  }
  return high - low <= *expected.tolerance * std::max(std::abs(low), std::abs(high));
}

std::vector<std::string> key_of_elements(const ListIdentity* identity,
                                         const std::vector<const Json*>& lists) {
  if (identity != nullptr) return identity->key;
  const bool any = std::any_of(lists.begin(), lists.end(), [](const Json* list) { return !list->empty(); });
  for (const std::string_view field : kUsualKeys) {
    if (any && is_key(lists, field)) return {std::string(field)};
  }
  return {};
}

std::string element_name(const Json& element, const std::vector<std::string>& key) {
  std::string name;
  for (const std::string& field : key) {
    const auto value = element.is_object() ? element.find(field) : element.end();
    const bool known = value != element.end() && is_scalar(*value);
    const std::string text = !known ? "?" : value->is_string() ? value->get<std::string>() : value->dump();
    name += fmt::format("{}{}={}", name.empty() ? "" : ", ", field, text);
  }
  return name;
}

}  // namespace ms
