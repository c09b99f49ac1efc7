#include "fleet/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rule/evaluate.hpp"

namespace ms {
namespace {

bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool names_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const bool starts = at == 0 || !is_word(text[at - 1]);
    const bool ends = at + word.size() == text.size() || !is_word(text[at + word.size()]);
    if (starts && ends) return true;
  }
  return false;
}

bool is_at_or_below(std::string_view path, std::string_view above) {
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '.');
}

bool is_kept(std::string_view pattern, const std::set<std::string, std::less<>>& only) {
  const std::string_view fact = pattern.substr(0, pattern.find('['));
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& path) {
           return is_at_or_below(fact, path) || is_at_or_below(path, fact);
         });
}

std::vector<Outcome> outcomes_of(const ComparedHost& host, std::span<const Rule> rules,
                                 const SceneCatalogue& scenes, std::string_view scene) {
  const std::vector<Finding> findings = evaluate(rules, host.facts, scenes.detect(host.facts, scene));
  std::vector<Outcome> outcomes;
  std::size_t first = 0;
  for (const Rule& rule : rules) {
    std::size_t end = first;
    while (end < findings.size() && findings[end].rule == rule.id) ++end;
    outcomes.push_back(worst_outcome(std::span(findings).subspan(first, end - first)));
    first = end;
  }
  return outcomes;
}

std::size_t count_absent(const std::vector<const Json*>& values) {
  const auto absent = [](const Json* value) { return value == nullptr || absent_reason(*value).has_value(); };
  if (std::all_of(values.begin(), values.end(), absent)) return 1;
  std::set<std::string> names;
  for (const Json* value : values) {
    if (absent(value) || !value->is_object()) return 0;
    for (const auto& [name, member] : value->items()) names.insert(name);
  }
  std::size_t count = 0;
  for (const std::string& name : names) {
    std::vector<const Json*> members;
    for (const Json* value : values) {
      const auto member = value->find(name);
      members.push_back(member == value->end() ? nullptr : &*member);
    }
    count += count_absent(members);
  }
  return count;
}

void weigh(WeighedDifference& weighed, const std::vector<RuleOutcomes>& differing,
           const std::vector<RuleInputs>& readers) {
  const std::string& pattern = weighed.difference.pattern;
  std::vector<std::string> reading;
  for (const RuleInputs& reader : readers) {
    if (!reads(reader, pattern)) continue;
    const bool ends_differently =
        std::any_of(differing.begin(), differing.end(),
                    [&](const RuleOutcomes& outcomes) { return outcomes.rule == reader.rule; });
    if (ends_differently) {
      weighed.rules.push_back(reader.rule->id);
    } else {
      reading.push_back(reader.rule->id);
    }
  }
  if (!weighed.rules.empty()) {
    weighed.weight = Weight::decides;
  } else if (weighed.difference.expected != nullptr) {
    weighed.weight = Weight::expected;
  } else {
    weighed.weight = reading.empty() ? Weight::unread : Weight::read;
    weighed.rules = std::move(reading);
  }
}

Verdict verdict_of(const Comparison& comparison, std::size_t counting) {
  if (counting > 0) {
    return {ExitStatus::failed,
            {fmt::format("the hosts differ in {} {}", counting, counting == 1 ? "value" : "values"),
             fmt::format("主机之间有 {} 处差异", counting)}};
  }
  if (!comparison.rules.empty()) {
    return {ExitStatus::failed, {"a rule ends differently on the hosts", "有规则在各主机上结果不同"}};
  }
  return {ExitStatus::ok, {"the hosts do not differ in anything that counts", "主机之间没有值得注意的差异"}};
}

}  // namespace

std::size_t Comparison::count(Weight weight) const {
  return static_cast<std::size_t>(
      std::count_if(differences.begin(), differences.end(),
                    [&](const WeighedDifference& weighed) { return weighed.weight == weight; }));
}

Outcome worst_outcome(std::span<const Finding> findings) {
  Outcome worst = Outcome::skip;
  for (const Finding& finding : findings) worst = std::min(worst, finding.outcome);
  return worst;
}

std::vector<RuleInputs> inputs_of(std::span<const Rule> rules) {
  std::vector<RuleInputs> inputs;
  for (const Rule& rule : rules) {
    RuleInputs of_rule{.rule = &rule, .paths = {}, .sources = {}};
    const auto add = [&](const cel::Program& program) {
      for (std::string& path : program.references()) of_rule.paths.push_back(std::move(path));
      of_rule.sources.emplace_back(program.source());
    };
    if (rule.when) add(*rule.when);
    if (rule.for_each) add(*rule.for_each);
    add(rule.check);
    inputs.push_back(std::move(of_rule));
  }
  return inputs;
}

bool reads(const RuleInputs& rule, std::string_view pattern) {
  const auto bracket = pattern.find('[');
  const std::string_view fact = pattern.substr(0, bracket);
  const auto name = pattern.substr(pattern.rfind('.') + 1);
  const bool names_it = std::any_of(rule.sources.begin(), rule.sources.end(),
                                    [&](const std::string& source) { return names_word(source, name); });
  // Of an element, and of a map, a rule reads the fields that it names.
  const bool is_field = bracket != pattern.npos && pattern.find('.', bracket) != pattern.npos;
  return std::any_of(rule.paths.begin(), rule.paths.end(), [&](const std::string& path) {
    if (is_at_or_below(path, fact)) return !is_field || names_it;
    return is_at_or_below(fact, path) && names_it;
  });
}

Comparison compare_hosts(const std::vector<ComparedHost>& hosts, std::span<const Rule> rules,
                         const SceneCatalogue& scenes, std::string_view scene, const DifferenceTable& table,
                         const std::set<std::string, std::less<>>& only) {
  Comparison comparison;
  std::vector<const Json*> trees;
  std::vector<std::vector<Outcome>> outcomes;
  for (const ComparedHost& host : hosts) {
    comparison.names.push_back(host.name);
    comparison.sources.push_back(host.source);
    trees.push_back(&host.facts.tree());
    outcomes.push_back(outcomes_of(host, rules, scenes, scene));
  }
  comparison.absent_everywhere = count_absent(trees);

  for (std::size_t i = 0; i < rules.size(); ++i) {
    RuleOutcomes of_rule{.rule = &rules[i], .outcomes = {}};
    for (const auto& of_host : outcomes) of_rule.outcomes.push_back(of_host[i]);
    const bool differs = std::any_of(of_rule.outcomes.begin(), of_rule.outcomes.end(),
                                     [&](Outcome outcome) { return outcome != of_rule.outcomes.front(); });
    const auto facts = facts_of(rules.subspan(i, 1));
    const bool kept = only.empty() || std::any_of(facts.begin(), facts.end(), [&](const std::string& fact) {
                        return is_kept(fact, only);
                      });
    if (differs && kept) comparison.rules.push_back(std::move(of_rule));
  }

  const std::vector<RuleInputs> readers = inputs_of(rules);
  for (Difference& difference : find_differences(trees, table)) {
    if (!is_kept(difference.pattern, only)) continue;
    WeighedDifference weighed{.difference = std::move(difference), .weight = Weight::unread, .rules = {}};
    weigh(weighed, comparison.rules, readers);
    comparison.differences.push_back(std::move(weighed));
  }
  std::stable_sort(
      comparison.differences.begin(), comparison.differences.end(),
      [](const WeighedDifference& a, const WeighedDifference& b) { return a.weight < b.weight; });
  comparison.verdict =
      verdict_of(comparison, comparison.differences.size() - comparison.count(Weight::expected));
  return comparison;
}

}  // namespace ms
