#include "knowledge/variables.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

#include "base/closest_match.hpp"
#include "base/embedded.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

namespace ms {

namespace embedded {
/// knowledge/variables.toml.
std::span<const EmbeddedFile> variables();
}  // namespace embedded

namespace {

constexpr const char* kFact = "variables.misspelt";
constexpr std::size_t kLettersToASlip = 8;

bool extends(std::string_view longer, std::string_view shorter) {
  return longer.size() > shorter.size() && longer.starts_with(shorter) && longer[shorter.size()] == '_';
}

std::string without_digits(std::string_view name) {
  std::string letters;
  std::copy_if(name.begin(), name.end(), std::back_inserter(letters),
               [](char c) { return c < '0' || c > '9'; });
  return letters;
}

// A bit for each letter, digit and underscore that occurs. One slip changes two of them at most.
std::uint64_t characters(std::string_view name) {
  std::uint64_t bits = 0;
  for (const char c : to_lower(name)) bits |= std::uint64_t{1} << (static_cast<unsigned char>(c) % 64);
  return bits;
}

struct Known {
  std::string name;
  std::uint64_t characters;
};

const std::vector<Known>& known_with_characters() {
  static const std::vector<Known> known = [] {
    std::vector<Known> result;
    for (const std::string& name : known_variables()) result.push_back({name, characters(name)});
    return result;
  }();
  return known;
}

}  // namespace

const std::set<std::string, std::less<>>& known_variables() {
  static const std::set<std::string, std::less<>> names = [] {
    std::set<std::string, std::less<>> result;
    for (const EmbeddedFile& file : embedded::variables()) {
      const TomlTable root = parse_toml(file, std::string(file.name));
      for (const TomlTable& group : root.tables("variables")) {
        group.string("of");
        group.string("source");
        for (std::string& name : group.strings("names")) result.insert(std::move(name));
        group.finish();
      }
      root.finish();
    }
    return result;
  }();
  return names;
}

std::string meant_variable(std::string_view name) {
  const std::size_t limit = name.size() / kLettersToASlip;
  if (limit == 0 || known_variables().contains(name)) return {};
  std::string meant;
  std::size_t least = limit + 1;
  const std::uint64_t in_name = characters(name);
  for (const Known& candidate : known_with_characters()) {
    const auto changed = static_cast<std::size_t>(std::popcount(in_name ^ candidate.characters));
    if (changed > 2 * (least - 1)) continue;
    const std::size_t distance = edit_distance(name, candidate.name, least - 1);
    if (distance >= least) continue;
    least = distance;
    meant = candidate.name;
  }
  const bool is_another_name =
      extends(name, meant) || extends(meant, name) || without_digits(name) == without_digits(meant);
  return is_another_name ? std::string() : meant;
}

std::vector<FactSpec> variable_fact_specs() {
  return {{.path = kFact,
           .type_text = "list<{name: string, meant: string}>",
           .unit = "",
           .doc = {"Variables whose names are slips in known ones (knowledge/variables.toml).",
                   "名称疑似拼写错误的环境变量（对照 knowledge/variables.toml）。"}}};
}

void set_variable_facts(FactDocument& facts) {
  const Json* environment = facts.find("env");
  if (environment == nullptr) return;
  if (const auto reason = absent_reason(*environment)) {
    facts.set_absent(kFact, *reason, "env");
    return;
  }
  Json slips = Json::array();
  for (const auto& [name, value] : environment->items()) {
    if (std::string meant = meant_variable(name); !meant.empty())
      slips.push_back({{"name", name}, {"meant", std::move(meant)}});
  }
  facts.set(kFact, std::move(slips), "env");
}

}  // namespace ms
