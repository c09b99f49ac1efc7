#include "rule/library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "base/closest_match.hpp"
#include "base/file.hpp"
#include "base/parallel.hpp"
#include "rule/examples.hpp"
#include "rule/pack.hpp"

namespace ms {
namespace {

std::shared_ptr<cel::Environment> environment_of(const std::vector<FactSpec>& facts) {
  auto environment = std::make_shared<cel::Environment>();
  declare_facts(facts, *environment);
  return environment;
}

SceneCatalogue load_scenes(const cel::Environment& environment) {
  for (const EmbeddedFile& file : embedded::rules()) {
    if (file.name == "scenes.toml") {
      return SceneCatalogue::load(parse_toml(file, std::string(file.name)), environment);
    }
  }
  return {};
}

void declare_scene(const SceneCatalogue& scenes, cel::Environment& environment) {
  std::vector<cel::Type::Field> fields;
  for (const std::string& name : scenes.dimensions()) fields.push_back({name, cel::Type::string()});
  environment.declare("scene", cel::Type::object("scene", std::move(fields)));
}

// A pack that was read and compiled.
struct Pack {
  PackInputs inputs;
  std::vector<Rule> rules;
};

Pack compile_pack(const TomlTable& root, const cel::Environment& environment) {
  Pack pack{.inputs = load_pack_inputs(root, environment), .rules = {}};
  pack.rules = load_rules(root, *pack.inputs.environment);
  root.finish();
  if (pack.rules.empty()) throw InputError(root.source(), "holds no [[rule]]");
  for (Rule& rule : pack.rules) rule.errors_fail = pack.inputs.errors_fail;
  return pack;
}

class Collector {
 public:
  explicit Collector(RuleLibrary& library) : library_(library) {
    for (const Rule& rule : library.rules) places_.emplace(rule.id, places_.size());
  }

  void add(Pack pack) {
    for (Rule& rule : pack.rules) add(std::move(rule));
    library_.packs.push_back(std::move(pack.inputs));
  }

 private:
  void add(Rule rule) {
    const auto [place, is_new] = places_.emplace(rule.id, library_.rules.size());
    if (is_new) {
      library_.rules.push_back(std::move(rule));
      return;
    }
    Rule* earlier = &library_.rules[place->second];
    library_.notes.push_back(
        {fmt::format("rule {} of {} replaces the one of {}", rule.id, rule.defined_at, earlier->defined_at),
         fmt::format("规则 {}（{}）取代了 {} 中的同名规则", rule.id, rule.defined_at, earlier->defined_at)});
    *earlier = std::move(rule);
  }

  RuleLibrary& library_;
  std::unordered_map<std::string, std::size_t> places_;  // of the rules, by id
};

}  // namespace

std::vector<std::filesystem::path> pack_files(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  const auto names = list_directory(path);
  if (!names) throw InputError(path.string(), names.reason());
  std::vector<std::filesystem::path> files;
  for (const std::string& name : *names) {
    if (name.ends_with(".toml") && !is_examples_file(name)) files.push_back(path / name);
  }
  if (files.empty()) throw InputError(path.string(), "holds no rule file (*.toml)");
  return files;
}

std::vector<TomlTable> read_packs(const std::vector<std::filesystem::path>& paths, bool builtin) {
  std::vector<std::function<TomlTable()>> readers;
  for (const EmbeddedFile& file : embedded::rules()) {
    if (!builtin || !file.name.starts_with("precheck/") || is_examples_file(file.name)) continue;
    readers.emplace_back([&] { return parse_toml(file, std::string(file.name)); });
  }
  for (const std::filesystem::path& path : paths) {
    for (const std::filesystem::path& file : pack_files(path))
      readers.emplace_back([file] { return parse_toml(read_document(file), file.string()); });
  }
  return in_parallel(readers.size(), [&](std::size_t i) { return readers[i](); });
}

RuleLibrary empty_library(const std::vector<FactSpec>& facts) {
  auto environment = environment_of(facts);
  SceneCatalogue scenes = load_scenes(*environment);
  declare_scene(scenes, *environment);
  return {.environment = std::move(environment),
          .scenes = std::move(scenes),
          .packs = {},
          .rules = {},
          .notes = {}};
}

void add_packs(RuleLibrary& library, const std::vector<TomlTable>& packs) {
  Collector collector(library);
  const cel::Environment& environment = *library.environment;
  for (Pack& pack :
       in_parallel(packs.size(), [&](std::size_t i) { return compile_pack(packs[i], environment); }))
    collector.add(std::move(pack));
  if (library.rules.empty()) throw InputError("--rules", "there is no rule to judge by");
}

RuleLibrary load_rule_library(const std::vector<FactSpec>& facts,
                              const std::vector<std::filesystem::path>& paths, bool builtin) {
  auto [library, packs] =
      side_by_side([&] { return empty_library(facts); }, [&] { return read_packs(paths, builtin); });
  add_packs(library, packs);
  return std::move(library);
}

RuleLibrary load_pack(const std::vector<FactSpec>& facts, const std::string& toml,
                      const std::string& source) {
  RuleLibrary library = empty_library(facts);
  add_packs(library, {parse_toml(toml, source)});
  return library;
}

const Rule& find_rule(const RuleLibrary& library, const std::string& id) {
  std::vector<std::string_view> ids;
  for (const Rule& rule : library.rules) {
    if (rule.id == id) return rule;
    ids.push_back(rule.id);
  }
  throw InputError("rules", fmt::format("there is no rule '{}'{}", id, did_you_mean(closest_match(id, ids))));
}

AdviceLibrary load_advice_library(const std::vector<FactSpec>& facts) {
  const auto environment = environment_of(facts);
  environment->declare("advice", cel::Type::map(cel::Type::string(), cel::Type::dyn()));
  AdviceLibrary library{.environment = environment, .rules = {}, .diagnoses = {}};
  for (const EmbeddedFile& file : embedded::rules()) {
    if (!file.name.starts_with("advisor/")) continue;
    const TomlTable root = parse_toml(file, std::string(file.name));
    for (AdviceRule& rule : load_advice(root, *environment)) library.rules.push_back(std::move(rule));
    DiagnosisPack diagnoses = load_diagnoses(root, environment);
    if (!diagnoses.rules.empty()) library.diagnoses.push_back(std::move(diagnoses));
    root.finish();
  }
  return library;
}

}  // namespace ms
