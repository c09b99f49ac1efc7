#include "rule/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "rule/expression.hpp"
#include "rule/reads.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxShown = 160;  // bytes of a value in a finding
constexpr std::string_view kElementPrefix = "it.";

std::string shortened(std::string text) {
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  return text.substr(0, end) + "…";
}

Text both(const std::string& text) {
  return {text, text};
}

bool is_within(std::string_view path, std::string_view tree) {
  return path.starts_with(tree) &&
         (path.size() == tree.size() || path[tree.size()] == '.' || path[tree.size()] == '[');
}

// The end of a path, which says enough beside the line that the evidence names.
std::string_view short_path(std::string_view path) {
  constexpr int kShown = 3;
  auto begin = path.size();
  for (int i = 0; i < kShown && begin != path.npos; ++i)
    begin = begin == 0 ? path.npos : path.rfind('.', begin - 1);
  return begin == path.npos ? path : path.substr(begin + 1);
}

void add_references(const auto& expression, std::set<std::string, std::less<>>& paths) {
  for (const auto& path : expression.references()) paths.emplace(path);
}

void add_facts(const Rule& rule, std::set<std::string, std::less<>>& paths) {
  if (!rule.fact.empty() && !rule.fact.starts_with(kElementPrefix)) paths.insert(rule.fact);
  if (rule.when) add_references(*rule.when, paths);
  if (rule.for_each) add_references(*rule.for_each, paths);
  add_references(rule.check, paths);
  if (rule.actual) add_references(rule.actual->en, paths), add_references(rule.actual->zh, paths);
}

// What a value that should be true says where it is neither that nor false.
Outcome undecided_outcome(const cel::Value& value) {
  // A member that is not there is a missing fact, like one that could not be read.
  const bool is_missing = value.is(cel::Kind::error) && (value.error().code == cel::ErrorCode::no_such_key ||
                                                         value.error().code == cel::ErrorCode::no_such_field);
  return value.is(cel::Kind::unknown) || is_missing ? Outcome::unknown : Outcome::error;
}

/// Judges one rule.
class Judge {
 public:
  Judge(const Rule& rule, const FactDocument& facts, const cel::Activation& activation)
      : rule_(rule), facts_(facts), activation_(activation) {}

  std::vector<Finding> run() {
    if (rule_.when) {
      const cel::Value applies = rule_.when->evaluate(activation_, arena_);
      if (applies.is_false()) return {skipped()};
      if (!applies.is_true()) return {undecided(applies, activation_, "")};
    }
    if (!rule_.for_each) return {judge(activation_, "")};

    const cel::Value list = evaluate_list();
    if (list.is(cel::Kind::error) && rule_.errors_fail) return {failed(list, activation_, "")};
    if (!list.is(cel::Kind::list)) return {undecided(list, activation_, "")};
    if (list.size() == 0) {
      Finding finding = blank(Outcome::skip, "");
      finding.actual = {fmt::format("nothing to check: {} is empty", rule_.for_each->source()),
                        fmt::format("没有可检查的对象：{} 为空", rule_.for_each->source())};
      return {finding};
    }
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const cel::Activation element = activation_of_element(list, i);
      findings.push_back(judge(element, rule_.element->evaluate(element, arena_).text));
    }
    return findings;
  }

  // The worst outcome of run(), which words what it finds.
  Outcome worst() {
    if (rule_.when) {
      const cel::Value applies = rule_.when->evaluate(activation_, arena_);
      if (applies.is_false()) return Outcome::skip;
      if (!applies.is_true()) return undecided_outcome(applies);
    }
    if (!rule_.for_each) return outcome_of(rule_.check.evaluate(activation_, arena_));
    const cel::Value list = rule_.for_each->evaluate(activation_, arena_);
    if (!list.is(cel::Kind::list)) return undecided_outcome(list);
    Outcome outcome = Outcome::skip;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const cel::Activation element = activation_of_element(list, i);
      if (is_of_element(rule_.fact) && !member_of_element(rule_.fact)) continue;
      const cel::Value value = rule_.check.evaluate(element, arena_);
      if (!missing_setting(value)) outcome = std::min(outcome, outcome_of(value));
    }
    return outcome;
  }

 private:
  cel::Activation activation_of_element(const cel::Value& list, std::size_t i) {
    it_ = list.at(i);
    element_path_ = fmt::format("{}[{}]", rule_.for_each->source(), i);
    cel::Activation element(&activation_);
    element.bind("it", *it_, element_path_);
    return element;
  }

  Outcome outcome_of(const cel::Value& value) const {
    if (value.is_true()) return Outcome::pass;
    if (value.is_false() || (value.is(cel::Kind::error) && rule_.errors_fail)) return Outcome::fail;
    return undecided_outcome(value);
  }

  Finding blank(Outcome outcome, const std::string& element) const {
    return Finding{.rule = rule_.id,
                   .outcome = outcome,
                   .severity = rule_.severity,
                   .title = rule_.title,
                   .expected = {},
                   .actual = {},
                   .element = element,
                   .provenance = evidence(),
                   .why = rule_.why,
                   .disputed = rule_.disputed,
                   .fix = {},
                   .source = rule_.source,
                   .defined_at = rule_.defined_at,
                   .waiver = {}};
  }

  Finding skipped() const {
    Finding finding = blank(Outcome::skip, "");
    finding.actual = {fmt::format("applies when {}", rule_.when->source()),
                      fmt::format("适用条件：{}", rule_.when->source())};
    return finding;
  }

  // A setting that the config of the element does not have and that leaves the value open: it is not judged.
  // That it must be there is a rule of its own.
  std::optional<std::string> missing_setting(const cel::Value& value) const {
    if (!value.is(cel::Kind::unknown) || !member_of_element("it.places")) return std::nullopt;
    std::optional<std::string> missing;
    for (const cel::UnknownFact& fact : value.unknown()) {
      const bool is_left_out = fact.source.empty() && fact.path.starts_with(element_path_ + ".");
      if (!is_left_out) return std::nullopt;
      if (!missing) missing = std::string(fact.path.substr(element_path_.size() + 1));
    }
    return missing;
  }

  Finding not_set(const std::string& setting, const std::string& element) const {
    Finding finding = blank(Outcome::skip, element);
    finding.actual = {fmt::format("{} is not set", setting), fmt::format("未设置 {}", setting)};
    return finding;
  }

  Finding undecided(const cel::Value& value, const cel::Activation& activation, const std::string& element) {
    if (const auto setting = missing_setting(value)) return not_set(*setting, element);
    Finding finding = blank(undecided_outcome(value), element);
    finding.expected = render(rule_.expected, activation, arena_);
    if (value.is(cel::Kind::unknown)) {
      finding.actual = both(reasons_of(value));
    } else if (value.is(cel::Kind::error)) {
      finding.actual = both(std::string(value.error().message));
    } else {
      finding.actual = {fmt::format("the expression gave {}, not true or false", cel::to_text(value)),
                        fmt::format("表达式得到 {}，而不是 true 或 false", cel::to_text(value))};
    }
    return finding;
  }

  Finding judge(const cel::Activation& activation, const std::string& element) {
    if (is_of_element(rule_.fact) && !member_of_element(rule_.fact)) {
      return not_set(rule_.fact.substr(kElementPrefix.size()), element);
    }
    const cel::Value value = evaluate_check(activation);
    if (value.is(cel::Kind::error) && rule_.errors_fail) return failed(value, activation, element);
    if (!value.is_true() && !value.is_false()) return undecided(value, activation, element);
    Finding finding = blank(value.is_true() ? Outcome::pass : Outcome::fail, element);
    finding.expected = render(rule_.expected, activation, arena_);
    finding.actual = actual(activation);
    if (value.is_false()) finding.fix = fix(activation);
    return finding;
  }

  cel::Value evaluate_list() {
    if (!reads_documents(rule_.for_each->source())) return rule_.for_each->evaluate(activation_, arena_);
    const cel::Explanation explanation = rule_.for_each->evaluate_explained(activation_, arena_);
    list_reads_ = reads_of(explanation);
    return explanation.value;
  }

  // Also what the check read of documents, where it may.
  cel::Value evaluate_check(const cel::Activation& activation) {
    reads_.clear();
    if (!reads_documents(rule_.check.source())) return rule_.check.evaluate(activation, arena_);
    const cel::Explanation explanation = rule_.check.evaluate_explained(activation, arena_);
    reads_ = reads_of(explanation);
    return explanation.value;
  }

  // A check that went wrong, in a pack where that is as good as false.
  Finding failed(const cel::Value& error, const cel::Activation& activation, const std::string& element) {
    Finding finding = blank(Outcome::fail, element);
    finding.expected = render(rule_.expected, activation, arena_);
    finding.actual = actual(activation);
    const bool says_why =
        !finding.actual.en.empty() && finding.actual.en.find("not set") != std::string::npos;
    if (!says_why) {
      const std::string message =
          fmt::format("{}{}", finding.actual.en.empty() ? "" : "; ", error.error().message);
      finding.actual = {finding.actual.en + message, finding.actual.zh + message};
    }
    finding.fix = fix(activation);
    return finding;
  }

  Text actual(const cel::Activation& activation) {
    if (rule_.actual) return render(*rule_.actual, activation, arena_);
    if (rule_.variable) return variable_value();
    if (is_of_element(rule_.fact)) return both(shortened(shown_member(rule_.fact)));
    if (!rule_.fact.empty()) return both(shortened(value_at(rule_.fact)));
    std::string text;
    for (const Read& read : reads_) {
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", short_path(read.path), read.value);
    }
    if (!text.empty()) return both(shortened(text));
    for (const std::string_view path : rule_.check.references()) {
      if (path.starts_with("scene.")) continue;
      const std::string shown =
          is_of_element(path) ? fmt::format("{} = {}", path.substr(kElementPrefix.size()), shown_member(path))
                              : fmt::format("{} = {}", path, value_at(path));
      text += fmt::format("{}{}", text.empty() ? "" : ", ", shown);
    }
    return both(shortened(text));
  }

  static bool is_of_element(std::string_view path) { return path.starts_with(kElementPrefix); }

  // The member of the element that is judged, for a path like "it.maxBatchSize".
  std::optional<cel::Value> member_of_element(std::string_view path) const {
    std::optional<cel::Value> value = it_;
    for (const std::string_view name : split(path.substr(kElementPrefix.size()), '.')) {
      if (!value || !value->is(cel::Kind::map)) return std::nullopt;
      value = value->find(name);
    }
    return value;
  }

  std::string shown_member(std::string_view path) const {
    const auto value = member_of_element(path);
    return value ? cel::to_text(*value) : "not set";
  }

  Text variable_value() const {
    const Json* environment = facts_.find("env");
    const auto* variables = environment != nullptr ? environment->get_ptr<const Json::object_t*>() : nullptr;
    const auto found =
        variables != nullptr ? variables->find(*rule_.variable) : Json::object_t::const_iterator();
    if (variables != nullptr && found != variables->end()) {
      const std::string value =
          found->second.is_string() ? found->second.get<std::string>() : found->second.dump();
      return both(value.empty() ? "\"\"" : shortened(value));
    }
    if (!rule_.default_value) return {"not set", "未设置"};
    return {fmt::format("not set (default {})", *rule_.default_value),
            fmt::format("未设置（默认 {}）", *rule_.default_value)};
  }

  std::string value_at(std::string_view path) const {
    const Json* value = facts_.find(path);
    if (value == nullptr) return "not set";
    if (const auto reason = absent_reason(*value)) return "? (" + *reason + ")";
    return value->is_string() ? value->get<std::string>() : value->dump();
  }

  Fix fix(const cel::Activation& activation) {
    Fix filled;
    for (const auto& [name, value] : rule_.fix.env) {
      filled.env.emplace_back(text_of(name, activation), text_of(value, activation));
    }
    for (const cel::Template& name : rule_.fix.unset) filled.unset.push_back(text_of(name, activation));
    for (const cel::Template& command : rule_.fix.commands)
      filled.commands.push_back(text_of(command, activation));
    if (rule_.fix.note) filled.note = render(*rule_.fix.note, activation, arena_);
    return filled;
  }

  std::string text_of(const cel::Template& text, const cel::Activation& activation) {
    return text.evaluate(activation, arena_).text;
  }

  std::vector<Evidence> evidence() const {
    std::vector<Evidence> result;
    const auto add = [&](std::string_view path) {
      if (is_of_element(path)) return add_place(path, result);
      // Elements of lists have the provenance of the whole.
      const Provenance* provenance = facts_.provenance(path.substr(0, path.find('[')));
      if (provenance == nullptr) return;
      const bool known =
          std::any_of(result.begin(), result.end(), [&](const Evidence& e) { return e.fact == path; });
      if (!known) result.push_back({std::string(path), provenance->source});
    };
    if (!rule_.fact.empty()) add(rule_.fact);
    // A document as a whole says less than what was read of it.
    const auto add_all = [&](const std::vector<Read>& reads, const std::vector<std::string>& references) {
      for (const Read& read : reads) add(read.path);
      for (const std::string_view path : references) {
        const bool is_read = std::any_of(reads.begin(), reads.end(),
                                         [&](const Read& read) { return is_within(read.path, path); });
        if (!is_read) add(path);
      }
    };
    add_all(reads_, rule_.check.references());
    if (rule_.for_each) add_all(list_reads_, rule_.for_each->references());
    return result;
  }

  // The elements of configs know the lines of their members, the ones of other lists do not.
  void add_place(std::string_view path, std::vector<Evidence>& evidence) const {
    const auto places = member_of_element("it.places");
    if (!places || !places->is(cel::Kind::map)) return;
    const std::string_view member = path.substr(kElementPrefix.size());
    auto place = places->find(member);
    if (!place) place = places->find(member.substr(0, member.find('.')));
    if (!place || !place->is(cel::Kind::string)) return;
    const bool known =
        std::any_of(evidence.begin(), evidence.end(), [&](const Evidence& e) { return e.fact == member; });
    if (!known) evidence.push_back({std::string(member), std::string(place->as_string())});
  }

  const Rule& rule_;
  const FactDocument& facts_;
  const cel::Activation& activation_;
  std::optional<cel::Value> it_;  // the element that is judged
  std::string element_path_;
  cel::Arena arena_;
  std::vector<Read> reads_;       // of the check that was judged last
  std::vector<Read> list_reads_;  // of for_each
};

}  // namespace

std::vector<Finding> evaluate(std::span<const Rule> rules, const FactDocument& facts, const Scene& scene) {
  std::vector<const Rule*> all;
  for (const Rule& rule : rules) all.push_back(&rule);
  return evaluate(all, facts, scene);
}

std::vector<Finding> evaluate(std::span<const Rule* const> rules, const FactDocument& facts,
                              const Scene& scene) {
  const Json scene_json = scene.to_json();
  cel::Activation activation = activation_of(facts);
  activation.bind("scene", scene_json);
  constexpr std::size_t kChunk = 64;  // rules that are worth a thread
  const std::size_t chunks = (rules.size() + kChunk - 1) / kChunk;
  auto found = in_parallel(chunks, [&](std::size_t chunk) {
    std::vector<Finding> findings;
    for (const Rule* rule : rules.subspan(chunk * kChunk, std::min(kChunk, rules.size() - chunk * kChunk))) {
      std::vector<Finding> of_rule = Judge(*rule, facts, activation).run();
      std::move(of_rule.begin(), of_rule.end(), std::back_inserter(findings));
    }
    return findings;
  });
  std::vector<Finding> findings;
  findings.reserve(rules.size());
  for (std::vector<Finding>& of_chunk : found)
    std::move(of_chunk.begin(), of_chunk.end(), std::back_inserter(findings));
  return findings;
}

std::vector<Outcome> worst_outcomes(std::span<const Rule* const> rules, const FactDocument& facts,
                                    const Scene& scene) {
  const Json scene_json = scene.to_json();
  cel::Activation activation = activation_of(facts);
  activation.bind("scene", scene_json);
  std::vector<Outcome> outcomes;
  for (const Rule* rule : rules) outcomes.push_back(Judge(*rule, facts, activation).worst());
  return outcomes;
}

std::set<std::string, std::less<>> facts_of_conditions(std::span<const Rule> rules) {
  std::set<std::string, std::less<>> paths;
  for (const Rule& rule : rules) {
    if (rule.when) add_references(*rule.when, paths);
  }
  return paths;
}

std::set<std::string, std::less<>> facts_of(std::span<const Rule> rules) {
  std::set<std::string, std::less<>> paths;
  for (const Rule& rule : rules) add_facts(rule, paths);
  return paths;
}

std::set<std::string, std::less<>> facts_needed(std::span<const Rule> rules, const FactDocument& facts,
                                                const Scene& scene) {
  const Json scene_json = scene.to_json();
  cel::Activation activation = activation_of(facts);
  activation.bind("scene", scene_json);
  cel::Arena arena;
  std::set<std::string, std::less<>> paths;
  for (const Rule& rule : rules) {
    if (rule.when && rule.when->evaluate(activation, arena).is_false()) continue;
    add_facts(rule, paths);
  }
  return paths;
}

}  // namespace ms
