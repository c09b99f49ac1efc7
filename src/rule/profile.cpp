#include "rule/profile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/closest_match.hpp"
#include "base/file.hpp"
#include "rule/library.hpp"
#include "rule/verdict.hpp"

namespace ms {
namespace {

constexpr std::string_view kFolder = "profiles/";
constexpr std::string_view kExtension = ".toml";

// Whether a rule is of a pack that a profile names: by its name, or by its start and a '*'.
bool is_named(std::string_view pattern, std::string_view pack) {
  return pattern.ends_with('*') ? pack.starts_with(pattern.substr(0, pattern.size() - 1)) : pattern == pack;
}

using Names = std::set<std::string, std::less<>>;

Names known_ids(const TomlTable& table, std::string_view key, const std::vector<std::string>& ids,
                const std::vector<Rule>& rules) {
  Names known;
  for (const Rule& rule : rules) known.insert(rule.id);
  for (const std::string& id : ids) {
    if (known.contains(id)) continue;
    table.fail(key, fmt::format("there is no rule '{}'{}", id, did_you_mean(closest_match(id, known))));
  }
  return {ids.begin(), ids.end()};
}

std::vector<std::string> known_packs(const TomlTable& root, const std::vector<Rule>& rules) {
  Names known;
  for (const Rule& rule : rules) known.insert(pack_name(rule));
  std::vector<std::string> patterns = root.strings("packs");
  for (const std::string& pattern : patterns) {
    const bool any =
        std::any_of(known.begin(), known.end(), [&](const std::string& p) { return is_named(pattern, p); });
    if (any) continue;
    const auto suggestion = closest_match(pattern, known);
    root.fail("packs", fmt::format("there is no pack '{}'{}", pattern,
                                   suggestion ? did_you_mean(suggestion)
                                              : fmt::format("; there are {}", fmt::join(known, ", "))));
  }
  return patterns;
}

void change_severities(const TomlTable& root, std::vector<Rule>& rules) {
  const auto table = root.optional_table("severity");
  if (!table) return;
  for (const std::string& id : table->keys()) {
    known_ids(*table, id, {id}, rules);
    const std::string word = table->string(id);
    const auto severity = severity_named(word);
    if (!severity) {
      table->fail(id, fmt::format("unknown severity '{}'{}", word,
                                  did_you_mean(closest_match(word, kSeverityNames))));
    }
    for (Rule& rule : rules) {
      if (rule.id == id) rule.severity = *severity;
    }
  }
}

std::optional<std::string> read_fail_on(const TomlTable& root) {
  auto word = root.optional_string("fail_on");
  if (word && std::find(kFailOnNames.begin(), kFailOnNames.end(), *word) == kFailOnNames.end()) {
    root.fail("fail_on",
              fmt::format("unknown level '{}'{}", *word, did_you_mean(closest_match(*word, kFailOnNames))));
  }
  return word;
}

}  // namespace

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded::rules()) {
    if (!file.name.starts_with(kFolder)) continue;
    const std::string_view name = file.name.substr(kFolder.size());
    names.emplace_back(name.substr(0, name.size() - kExtension.size()));
  }
  return names;
}

TomlTable open_profile(const std::string& reference) {
  const std::string embedded_name = fmt::format("{}{}{}", kFolder, reference, kExtension);
  for (const EmbeddedFile& file : embedded::rules()) {
    if (file.name == embedded_name) return parse_toml(file, embedded_name);
  }
  const bool is_path = reference.find('/') != reference.npos || reference.ends_with(kExtension) ||
                       std::filesystem::exists(reference);
  if (is_path) return parse_toml(read_document(reference), reference);
  const std::vector<std::string> names = profile_names();
  const auto suggestion = closest_match(reference, names);
  throw InputError("--profile",
                   fmt::format("'{}' is neither a file nor a built-in profile{}", reference,
                               suggestion ? did_you_mean(suggestion)
                                          : fmt::format("; there are {}", fmt::join(names, ", "))));
}

Profile apply_profile(const TomlTable& root, std::vector<Rule>& rules) {
  Profile profile{.source = root.source(),
                  .fail_on = read_fail_on(root),
                  .allow_unknown = root.optional_bool("allow_unknown"),
                  .scene = root.optional_string("scene")};
  root.optional_text("doc");
  const std::vector<std::string> packs = known_packs(root, rules);
  const Names only = known_ids(root, "only", root.strings("only"), rules);
  const Names disabled = known_ids(root, "disable", root.strings("disable"), rules);
  change_severities(root, rules);
  root.finish();
  std::erase_if(rules, [&](const Rule& rule) {
    const std::string pack = pack_name(rule);
    const bool in_packs = packs.empty() || std::any_of(packs.begin(), packs.end(), [&](const std::string& p) {
                            return is_named(p, pack);
                          });
    return !in_packs || (!only.empty() && !only.contains(rule.id)) || disabled.contains(rule.id);
  });
  if (rules.empty()) throw InputError(root.source(), "leaves no rule to judge by");
  return profile;
}

std::string pack_name(const Rule& rule) {
  std::string_view name = rule.defined_at;
  name = name.substr(0, name.rfind(':'));
  name.remove_prefix(name.find_last_of('/') == name.npos ? 0 : name.find_last_of('/') + 1);
  if (name.ends_with(kExtension)) name.remove_suffix(kExtension.size());
  return std::string(name);
}

}  // namespace ms
