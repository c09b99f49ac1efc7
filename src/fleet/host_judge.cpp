#include "fleet/host_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "facts/redact.hpp"
#include "knowledge/lookups.hpp"
#include "rule/evaluate.hpp"

namespace ms {
namespace {

// Of a rule whose facts are never the same twice, nothing more is kept.
constexpr std::size_t kMaxKnown = 512;
constexpr std::string_view kScene = "scene";

bool is_at_or_below(std::string_view path, std::string_view above) {
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '.');
}

template <class Visitor>
void for_each_program(const Rule& rule, Visitor visit) {
  visit(rule.check.references());
  if (rule.when) visit(rule.when->references());
  if (rule.for_each) visit(rule.for_each->references());
}

// The value behind the name: ": 42".
std::string_view value_of(std::string_view text) {
  const auto colon = text.find(':');
  return colon == text.npos ? text : text.substr(colon + 1);
}

void add(std::vector<bool>& slots, const std::vector<std::size_t>& more) {
  for (const std::size_t slot : more) {
    if (slots.size() <= slot) slots.resize(slot + 1);
    slots[slot] = true;
  }
}

}  // namespace

HostJudge::HostJudge(const FleetOptions& options, RecordScanner& scanner)
    : options_(options), scanner_(scanner), environment_slot_(scanner.slot("env")) {
  for (const FactSpec& spec : options.facts) declared_.push_back(scanner.slot(spec.path));
  for (const Rule& rule : options.library.rules) {
    RuleSlots of_rule;
    std::set<std::string, std::less<>> paths_read;
    for_each_program(
        rule, [&](const std::vector<std::string>& paths) { paths_read.insert(paths.begin(), paths.end()); });
    // What is looked up by other facts follows from these, whatever the record says of it.
    add_facts_looked_up_by(paths_read);
    std::set<std::size_t> read;
    for (const std::string& path : paths_read) {
      of_rule.reads_scene = of_rule.reads_scene || is_at_or_below(path, kScene);
      for (const std::size_t slot : slots_of(path)) read.insert(slot);
    }
    of_rule.read.assign(read.begin(), read.end());
    auto paths_needed = facts_of({&rule, 1});
    add_facts_looked_up_by(paths_needed);
    std::set<std::size_t> needed;
    for (const std::string& path : paths_needed) {
      for (const std::size_t slot : declared_at(path)) needed.insert(slot);
    }
    of_rule.needed.assign(needed.begin(), needed.end());
    rules_.push_back(std::move(of_rule));
  }
  for (const std::string& path : options.library.scenes.references()) {
    for (const std::size_t slot : slots_of(path)) scene_slots_.push_back(slot);
    add(scene_facts_, declared_at(path));
  }
}

std::vector<std::size_t> HostJudge::declared_at(const std::string& path) const {
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < declared_.size(); ++i) {
    const std::string& fact = options_.facts[i].path;
    if (is_at_or_below(fact, path) || is_at_or_below(path, fact)) slots.push_back(declared_[i]);
  }
  return slots;
}

std::vector<std::size_t> HostJudge::slots_of(const std::string& path) {
  constexpr std::string_view kEnv = "env.";
  if (path.starts_with(kEnv)) return {scanner_.slot(path)};
  return declared_at(path);
}

ValueHash HostJudge::key_of(const std::vector<std::size_t>& slots, const ValueHash& scene) const {
  ValueHasher hasher;
  hasher.add(scene);
  // A variable that is not set, and one of an environment that is not known, are two things.
  const ScannedFact& environment = scanner_.fact(environment_slot_);
  hasher.word((environment.present ? 1U : 0U) + (environment.absent ? 2U : 0U));
  for (const std::size_t slot : slots) {
    const ScannedFact& fact = scanner_.fact(slot);
    hasher.word(fact.present ? 1 : 0);
    if (fact.present) hasher.add(fact.full);
  }
  return hasher.take();
}

FactDocument HostJudge::facts_at(const std::vector<bool>& slots, const std::string& file) const {
  FactDocument facts;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if (!slots[slot]) continue;
    const ScannedFact& fact = scanner_.fact(slot);
    const std::string& path = scanner_.path_of(slot);
    if (fact.present) {
      facts.set(path, parse_json(value_of(fact.text), file), "");
    } else if (const Json* value = options_.defaults.find(path)) {
      facts.set(path, *value, "");
    } else {
      facts.set_absent(path, fmt::format("{} does not hold {}", file, path), file);
    }
  }
  set_lookup_facts(facts);
  return facts;
}

const Scene& HostJudge::scene_of(const std::string& file) {
  const ValueHash key = key_of(scene_slots_, {});
  const auto known = scenes_.find(key);
  if (known != scenes_.end()) return known->second;
  if (scenes_.size() >= kMaxKnown) scenes_.clear();
  const FactDocument facts = facts_at(scene_facts_, file);
  return scenes_.emplace(key, options_.library.scenes.detect(facts, options_.scene)).first->second;
}

std::vector<Outcome> HostJudge::judge(const std::string& file) {
  const Scene& scene = scene_of(file);
  ValueHasher words;
  for (const SceneChoice& choice : scene.choices) words.text(choice.value);
  const ValueHash scene_hash = words.take();

  std::vector<Outcome> outcomes(rules_.size(), Outcome::skip);
  std::vector<const Rule*> open;
  std::vector<std::pair<std::size_t, ValueHash>> keys;
  std::vector<bool> needed;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const ValueHash key = key_of(rules_[i].read, rules_[i].reads_scene ? scene_hash : ValueHash{});
    const auto known = rules_[i].known.find(key);
    if (known != rules_[i].known.end()) {
      outcomes[i] = known->second;
      continue;
    }
    open.push_back(&options_.library.rules[i]);
    keys.emplace_back(i, key);
    add(needed, rules_[i].needed);
  }
  if (open.empty()) return outcomes;
  const std::vector<Outcome> found = worst_outcomes(open, facts_at(needed, file), scene);
  for (std::size_t k = 0; k < found.size(); ++k) {
    const auto& [rule, key] = keys[k];
    outcomes[rule] = found[k];
    if (rules_[rule].known.size() < kMaxKnown) rules_[rule].known.emplace(key, found[k]);
  }
  return outcomes;
}

std::string HostJudge::actual(std::size_t rule, const std::string& file) {
  std::vector<bool> needed;
  add(needed, rules_[rule].needed);
  FactDocument facts = facts_at(needed, file);
  redact(facts);
  const std::vector<Finding> findings =
      evaluate(std::span(options_.library.rules).subspan(rule, 1), facts, scene_of(file));
  const auto worst =
      std::min_element(findings.begin(), findings.end(),
                       [](const Finding& a, const Finding& b) { return a.outcome < b.outcome; });
  if (worst == findings.end()) return {};
  return worst->element.empty() ? worst->actual.en : fmt::format("{}: {}", worst->element, worst->actual.en);
}

}  // namespace ms
