#include "rule/examples.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/closest_match.hpp"
#include "base/file.hpp"
#include "base/toml.hpp"
#include "knowledge/lookups.hpp"
#include "rule/evaluate.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

constexpr std::string_view kExtension = ".toml";
constexpr std::string_view kSuffix = ".examples.toml";

struct Kind {
  std::string_view key;
  Outcome outcome;
};
constexpr Kind kKinds[] = {{"pass", Outcome::pass}, {"fail", Outcome::fail}, {"skip", Outcome::skip}};

// Every declared fact of the example, as it gives it or as absent.
FactDocument facts_of_example(const Json& given, const std::vector<FactSpec>& specs, const TomlTable& table,
                              std::string_view key) {
  FactDocument facts;
  for (const FactSpec& spec : specs) {
    if (spec.path == "env") {
      facts.set(spec.path, Json::object(), "example");
    } else {
      facts.set_absent(spec.path, "the example does not give it", "example");
    }
  }
  std::vector<std::string_view> known;
  for (const FactSpec& spec : specs) known.push_back(spec.path);
  // The tree down to the declared facts; what is inside of one is its value.
  const auto add = [&](auto&& self, const std::string& path, const Json& value) -> void {
    const bool is_fact = std::find(known.begin(), known.end(), path) != known.end();
    if (is_fact) return facts.set(path, value, "example");
    const bool is_outer = std::any_of(known.begin(), known.end(),
                                      [&](std::string_view fact) { return fact.starts_with(path + "."); });
    if (!is_outer || !value.is_object()) {
      table.fail(key, fmt::format("unknown fact '{}'{}", path, did_you_mean(closest_match(path, known))));
    }
    for (const auto& [name, inner] : value.items()) self(self, path + "." + name, inner);
  };
  for (const auto& [name, value] : given.items()) add(add, name, value);
  set_lookup_facts(facts);
  return facts;
}

class Loader {
 public:
  Loader(const std::vector<FactSpec>& facts, const std::vector<Rule>& rules) : facts_(facts), rules_(rules) {}

  void add(const TomlTable& root) {
    Json common = root.optional_json("common").value_or(Json::object());
    for (const std::string& id : root.keys()) {
      if (id == "common") continue;
      if (!root.is_table(id)) root.fail(id, "expected a table named like a rule");
      check_rule(root, id);
      add_rule(*root.optional_table(id), id, common);
    }
  }

  std::vector<RuleExample> take() { return std::move(examples_); }

 private:
  void check_rule(const TomlTable& root, const std::string& id) const {
    std::vector<std::string_view> ids;
    for (const Rule& rule : rules_) ids.push_back(rule.id);
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return;
    root.fail(id, fmt::format("there is no rule '{}'{}", id, did_you_mean(closest_match(id, ids))));
  }

  void add_rule(const TomlTable& table, const std::string& id, const Json& common) {
    const std::string scene = table.optional_string("scene").value_or("");
    for (const Kind& kind : kKinds) {
      const auto hosts = table.optional_json(kind.key);
      if (!hosts) continue;
      if (!hosts->is_array())
        table.fail(kind.key, fmt::format("'{}' must be a list of hosts: [{{ ... }}]", kind.key));
      for (const Json& host : *hosts) {
        if (!host.is_object()) table.fail(kind.key, "a host is a table of facts: { env.NAME = \"1\" }");
        Json merged = common;
        merged.merge_patch(host);
        examples_.push_back(
            {.rule = id,
             .outcome = kind.outcome,
             .scene = scene,
             .facts = facts_of_example(merged, facts_, table, kind.key),
             .defined_at = fmt::format("{}:{}", table.source(), table.position(kind.key).line)});
      }
    }
    table.finish();
  }

  const std::vector<FactSpec>& facts_;
  const std::vector<Rule>& rules_;
  std::vector<RuleExample> examples_;
};

}  // namespace

std::string examples_file(std::string_view pack) {
  if (pack.ends_with(kExtension)) pack.remove_suffix(kExtension.size());
  return fmt::format("{}{}", pack, kSuffix);
}

bool is_examples_file(std::string_view name) {
  return name.ends_with(kSuffix);
}

std::vector<RuleExample> load_rule_examples(const std::vector<FactSpec>& facts,
                                            const std::vector<Rule>& rules,
                                            const std::vector<std::filesystem::path>& paths, bool builtin) {
  Loader loader(facts, rules);
  for (const EmbeddedFile& file : embedded::rules()) {
    if (builtin && is_examples_file(file.name)) loader.add(parse_toml(file, std::string(file.name)));
  }
  for (const std::filesystem::path& path : paths) {
    for (const std::filesystem::path& pack : pack_files(path)) {
      const std::string file = examples_file(pack.string());
      if (std::filesystem::exists(file)) loader.add(parse_toml(read_document(file), file));
    }
  }
  return loader.take();
}

std::vector<Finding> judge_example(const Rule& rule, const RuleExample& example,
                                   const SceneCatalogue& scenes) {
  return evaluate({&rule, 1}, example.facts, scenes.detect(example.facts, example.scene));
}

std::optional<std::string> contradiction(const RuleExample& example, const std::vector<Finding>& findings) {
  const auto with = [&](Outcome outcome) {
    return std::find_if(findings.begin(), findings.end(),
                        [&](const Finding& f) { return f.outcome == outcome; });
  };
  const auto other = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& f) { return f.outcome != example.outcome; });
  if (example.outcome == Outcome::fail) {
    if (with(Outcome::fail) != findings.end() && with(Outcome::error) == findings.end()) return std::nullopt;
  } else if (!findings.empty() && other == findings.end()) {
    return std::nullopt;
  }
  if (findings.empty()) return "it has no finding";
  const Finding& said = other != findings.end() ? *other : findings.front();
  return fmt::format("it is '{}', not '{}'{}{}", name_of(said.outcome), name_of(example.outcome),
                     said.actual.en.empty() ? "" : ": ", said.actual.en);
}

}  // namespace ms
