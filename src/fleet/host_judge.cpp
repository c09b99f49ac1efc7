#include "fleet/host_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "facts/redact.hpp"
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

RuleVerdict verdict_of(std::span<const Finding> findings) {
  const auto worst =
      std::min_element(findings.begin(), findings.end(),
                       [](const Finding& a, const Finding& b) { return a.outcome < b.outcome; });
  if (worst == findings.end()) return {};
  const std::string element = worst->element.empty() ? "" : worst->element + ": ";
  return {worst->outcome, element + redact_text(worst->actual.en)};
}

}  // namespace

HostJudge::HostJudge(const FleetOptions& options, RecordScanner& scanner)
    : options_(options), scanner_(scanner), environment_slot_(scanner.slot("env")) {
  for (const Rule& rule : options.library.rules) {
    RuleSlots of_rule;
    std::set<std::size_t> read;
    for_each_program(rule, [&](const std::vector<std::string>& paths) {
      for (const std::string& path : paths) {
        of_rule.reads_scene = of_rule.reads_scene || is_at_or_below(path, kScene);
        for (const std::size_t slot : slots_of(path)) read.insert(slot);
      }
    });
    of_rule.read.assign(read.begin(), read.end());
    std::set<std::string> needed;
    for (const std::string& path : facts_of({&rule, 1})) {
      for (const std::string& fact : declared_at(path)) needed.insert(fact);
    }
    of_rule.needed.assign(needed.begin(), needed.end());
    rules_.push_back(std::move(of_rule));
  }
  std::set<std::string> facts;
  for (const std::string& path : options.library.scenes.references()) {
    for (const std::size_t slot : slots_of(path)) scene_slots_.push_back(slot);
    for (const std::string& fact : declared_at(path)) facts.insert(fact);
  }
  scene_facts_.assign(facts.begin(), facts.end());
}

std::vector<std::string> HostJudge::declared_at(const std::string& path) const {
  std::vector<std::string> facts;
  for (const FactSpec& spec : options_.facts) {
    if (is_at_or_below(spec.path, path) || is_at_or_below(path, spec.path)) facts.push_back(spec.path);
  }
  return facts;
}

std::vector<std::size_t> HostJudge::slots_of(const std::string& path) {
  constexpr std::string_view kEnv = "env.";
  std::vector<std::size_t> slots;
  if (path.starts_with(kEnv)) {
    slots.push_back(scanner_.slot(path));
    return slots;
  }
  for (const std::string& fact : declared_at(path)) slots.push_back(scanner_.slot(fact));
  return slots;
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

void HostJudge::add_fact(FactDocument& facts, const std::string& path, const std::string& file) const {
  const ScannedFact& fact = scanner_.fact(scanner_.slot(path));
  if (fact.present) {
    facts.set(path, parse_json(value_of(fact.text), file), "");
  } else {
    facts.set_absent(path, fmt::format("{} does not hold {}", file, path), file);
  }
}

const Scene& HostJudge::scene_of(const std::string& file) {
  const ValueHash key = key_of(scene_slots_, {});
  const auto known = scenes_.find(key);
  if (known != scenes_.end()) return known->second;
  FactDocument facts;
  for (const std::string& path : scene_facts_) add_fact(facts, path, file);
  if (scenes_.size() >= kMaxKnown) scenes_.clear();
  return scenes_.emplace(key, options_.library.scenes.detect(facts, options_.scene)).first->second;
}

std::vector<const RuleVerdict*> HostJudge::judge(const std::string& file) {
  const Scene& scene = scene_of(file);
  ValueHasher words;
  for (const SceneChoice& choice : scene.choices) words.text(choice.value);
  const ValueHash scene_hash = words.take();

  std::vector<const RuleVerdict*> verdicts(rules_.size(), nullptr);
  std::vector<const Rule*> open;
  std::vector<ValueHash> keys(rules_.size());
  std::set<std::string> needed;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    keys[i] = key_of(rules_[i].read, rules_[i].reads_scene ? scene_hash : ValueHash{});
    const auto known = rules_[i].known.find(keys[i]);
    if (known != rules_[i].known.end()) {
      verdicts[i] = known->second.get();
      continue;
    }
    open.push_back(&options_.library.rules[i]);
    needed.insert(rules_[i].needed.begin(), rules_[i].needed.end());
  }
  if (open.empty()) return verdicts;

  FactDocument facts;
  for (const std::string& path : needed) add_fact(facts, path, file);
  const std::vector<Finding> findings = evaluate(open, facts, scene);
  std::size_t first = 0;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (verdicts[i] != nullptr) continue;
    std::size_t end = first;
    while (end < findings.size() && findings[end].rule == options_.library.rules[i].id) ++end;
    RuleVerdict verdict = verdict_of(std::span(findings).subspan(first, end - first));
    first = end;
    RuleSlots& rule = rules_[i];
    if (rule.known.size() < kMaxKnown) {
      auto kept = std::make_unique<RuleVerdict>(std::move(verdict));
      verdicts[i] = kept.get();
      rule.known.emplace(keys[i], std::move(kept));
    } else {
      rule.last = std::move(verdict);
      verdicts[i] = &rule.last;
    }
  }
  return verdicts;
}

}  // namespace ms
