#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "fleet/name_list.hpp"
#include "report/compare.hpp"
#include "report/fleet_values.hpp"

namespace ms {
namespace {

constexpr std::array<Weight, 4> kWeights = {Weight::decides, Weight::read, Weight::unread, Weight::expected};

/// Differences of one field of neighbouring elements that are alike in all else.
struct Row {
  const WeighedDifference* first;
  std::vector<std::string> elements;

  std::string path() const {
    const Difference& difference = first->difference;
    if (difference.element.empty()) return difference.before;
    std::string folded = fmt::format("{}", fmt::join(fold_names(elements), "; "));
    if (elements.size() > 1) std::erase_if(folded, [](char c) { return c == '[' || c == ']'; });
    return fmt::format("{}[{}]{}", difference.before, folded, difference.after);
  }
};

// Whether whole elements are there on some hosts alone: what is in them then says little.
bool is_of_elements(const Difference& difference) {
  return !difference.element.empty() && difference.after.empty() && difference.values.size() == 2 &&
         std::any_of(difference.values.begin(), difference.values.end(),
                     [](const SharedValue& shared) { return shared.value == nullptr && !shared.reason; });
}

bool is_alike(const WeighedDifference& a, const WeighedDifference& b) {
  const auto& left = a.difference.values;
  const auto& right = b.difference.values;
  return !a.difference.element.empty() && !b.difference.element.empty() &&
         a.difference.before == b.difference.before && a.difference.after == b.difference.after &&
         a.rules == b.rules && is_of_elements(a.difference) == is_of_elements(b.difference) &&
         std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [whole = is_of_elements(a.difference)](const SharedValue& x, const SharedValue& y) {
                      const bool same_value = x.value == nullptr
                                                  ? y.value == nullptr
                                                  : y.value != nullptr && (whole || *x.value == *y.value);
                      return same_value && x.hosts == y.hosts && x.reason.has_value() == y.reason.has_value();
                    });
}

std::vector<Row> rows_of(const Comparison& comparison, Weight weight) {
  std::vector<Row> rows;
  for (const WeighedDifference& weighed : comparison.differences) {
    if (weighed.weight != weight) continue;
    const auto alike =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return is_alike(*row.first, weighed); });
    if (alike != rows.end()) {
      alike->elements.push_back(weighed.difference.element);
    } else {
      rows.push_back({&weighed, {weighed.difference.element}});
    }
  }
  return rows;
}

std::string hosts_text(const Comparison& comparison, const std::vector<std::size_t>& hosts) {
  std::vector<std::string> names;
  for (const std::size_t host : hosts) names.push_back(comparison.names[host]);
  return joined_names(names);
}

std::string_view heading(Weight weight, const TextStyle& style) {
  switch (weight) {
    case Weight::decides:
      return style.pick("Differences that a rule turns on", "影响规则结果的差异");
    case Weight::read:
      return style.pick("Differences that rules read, with the same result", "规则会读取但结果相同的差异");
    case Weight::unread:
      return style.pick("Differences that no rule reads", "没有规则读取的差异");
    case Weight::expected:
      break;
  }
  return style.pick("Expected differences", "正常差异");
}

std::string_view outcome_word(Outcome outcome, const TextStyle& style) {
  static constexpr std::array<std::string_view, 5> kChinese = {"不符合", "出错", "未知", "通过", "跳过"};
  return style.pick(name_of(outcome), kChinese[static_cast<std::size_t>(outcome)]);
}

// "pass on node[1-7], fail on node8", the rarest outcome last.
std::string outcomes_text(const Comparison& comparison, const RuleOutcomes& rule, const TextStyle& style) {
  std::vector<std::pair<Outcome, std::vector<std::size_t>>> groups;
  for (std::size_t host = 0; host < rule.outcomes.size(); ++host) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& g) { return g.first == rule.outcomes[host]; });
    if (group == groups.end()) group = groups.insert(groups.end(), {rule.outcomes[host], {}});
    group->second.push_back(host);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  std::vector<std::string> texts;
  for (const auto& [outcome, hosts] : groups) {
    texts.push_back(fmt::format(fmt::runtime(style.pick("{0} on {1}", "{1} {0}")),
                                outcome_word(outcome, style), hosts_text(comparison, hosts)));
  }
  return fmt::format("{}", fmt::join(texts, style.pick(", ", "，")));
}

std::string note_of(const WeighedDifference& weighed, const TextStyle& style) {
  if (weighed.weight == Weight::expected) return weighed.difference.expected->reason.in(style.lang);
  constexpr std::size_t kShown = 4;
  std::vector<std::string> rules = weighed.rules;
  std::string more;
  if (rules.size() > kShown) {
    more = fmt::format(" +{}", rules.size() - kShown);
    rules.resize(kShown);
  }
  return fmt::format("{}{}", fmt::join(rules, ", "), more);
}

std::string row_value(const Row& row, const SharedValue& shared, const TextStyle& style) {
  if (row.elements.size() > 1 && shared.value != nullptr && is_of_elements(row.first->difference)) {
    return fmt::format(fmt::runtime(style.pick("{} elements", "{} 个元素")), row.elements.size());
  }
  return value_text(row.first->difference, shared, style);
}

std::string row_text(const Comparison& comparison, const Row& row, const TextStyle& style) {
  const std::string note = note_of(*row.first, style);
  std::string text = fmt::format("  {}{}\n", row.path(),
                                 note.empty() ? "" : paint(style, Color::dim, fmt::format("  [{}]", note)));
  for (const SharedValue& shared : row.first->difference.values) {
    text += wrap(style, 4, hosts_text(comparison, shared.hosts) + "  ", row_value(row, shared, style));
  }
  return text;
}

std::string summary(const Comparison& comparison, const TextStyle& style, bool expected_shown) {
  const std::size_t expected = comparison.count(Weight::expected);
  std::string text = fmt::format(
      fmt::runtime(style.pick(
          "\n{} differences count: a rule turns on {}, rules read {}, no rule reads {}; {} are expected{}",
          "\n{} 处差异值得注意：{} 处影响规则结果，{} 处被规则读取，{} 处无规则读取；{} 处为正常差异{}")),
      comparison.differences.size() - expected, comparison.count(Weight::decides),
      comparison.count(Weight::read), comparison.count(Weight::unread), expected,
      expected > 0 && !expected_shown ? style.pick(" (--all shows them)", "（--all 显示）") : "");
  if (comparison.absent_everywhere > 0) {
    text += fmt::format(
        fmt::runtime(style.pick("; {} facts are known of no host", "；{} 项事实在所有主机上均未知")),
        comparison.absent_everywhere);
  }
  return text + "\n";
}

}  // namespace

std::string compare_text(const Comparison& comparison, const TextStyle& style) {
  std::string text;
  for (std::size_t i = 0; i < comparison.names.size() && i < 20; ++i) {
    const bool named_by_file = comparison.names[i] == comparison.sources[i];
    text += fmt::format(
        "{}{}{}\n", paint(style, Color::bold, style.pick("Host   ", "主机   ")), comparison.names[i],
        named_by_file ? "" : paint(style, Color::dim, fmt::format("  {}", comparison.sources[i])));
  }
  if (comparison.names.size() > 20) {
    text += fmt::format(fmt::runtime(style.pick("       and {} more\n", "       以及另外 {} 台\n")),
                        comparison.names.size() - 20);
  }
  const auto section = [&](std::string_view title, std::size_t count) {
    return "\n" + paint(style, Color::bold, fmt::format("{} ({})", title, count)) + "\n";
  };
  if (!comparison.rules.empty()) {
    text += section(style.pick("Rules that end differently", "结果不同的规则"), comparison.rules.size());
  }
  for (const RuleOutcomes& rule : comparison.rules) {
    text +=
        fmt::format("  {}  {}\n", rule.rule->title.in(style.lang), paint(style, Color::dim, rule.rule->id));
    text += wrap(style, 4, fmt::format("{}  ", name_of(rule.rule->severity)),
                 outcomes_text(comparison, rule, style));
  }
  for (const Weight weight : kWeights) {
    const std::vector<Row> rows = rows_of(comparison, weight);
    if (rows.empty() || (weight == Weight::expected && !style.verbose)) continue;
    text += section(heading(weight, style), comparison.count(weight));
    for (const Row& row : rows) text += row_text(comparison, row, style);
  }
  return text + summary(comparison, style, style.verbose);
}

std::string compare_markdown(const Comparison& comparison, const TextStyle& style) {
  std::string text =
      fmt::format("**msprecheck compare**: {}\n", markdown_cell(comparison.verdict.reason.in(style.lang)));
  if (!comparison.rules.empty()) {
    text += fmt::format("\n| {} | {} | {} |\n|---|---|---|\n", style.pick("rule", "规则"),
                        style.pick("what", "检查项"), style.pick("outcomes", "结果"));
  }
  for (const RuleOutcomes& rule : comparison.rules) {
    text += fmt::format("| `{}` | {} | {} |\n", rule.rule->id, markdown_cell(rule.rule->title.in(style.lang)),
                        markdown_cell(outcomes_text(comparison, rule, style)));
  }
  std::string rows;
  for (const Weight weight : kWeights) {
    if (weight == Weight::expected && !style.verbose) continue;
    for (const Row& row : rows_of(comparison, weight)) {
      std::vector<std::string> values;
      for (const SharedValue& shared : row.first->difference.values) {
        values.push_back(fmt::format("{}: {}", markdown_cell(hosts_text(comparison, shared.hosts)),
                                     markdown_cell(row_value(row, shared, style))));
      }
      rows += fmt::format("| `{}` | {} | {} |\n", markdown_cell(row.path()), fmt::join(values, "<br>"),
                          markdown_cell(note_of(*row.first, style)));
    }
  }
  if (!rows.empty()) {
    text += fmt::format("\n| {} | {} | {} |\n|---|---|---|\n{}", style.pick("fact", "事实"),
                        style.pick("values", "取值"), style.pick("rules", "规则"), rows);
  }
  return text + summary(comparison, style, style.verbose);
}

}  // namespace ms
