#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "fleet/name_list.hpp"
#include "fleet/value_text.hpp"
#include "report/fleet.hpp"
#include "report/fleet_values.hpp"

namespace ms {
namespace {

// What fits a screen; with --verbose all is shown.
constexpr std::size_t kShownOutliers = 4;
constexpr std::size_t kShownItems = 4;
constexpr std::size_t kShownProblems = 5;
constexpr std::size_t kShownGroups = 8;
constexpr std::size_t kShownFacts = 20;
constexpr std::size_t kShownValues = 5;
constexpr std::size_t kShownRules = 40;

std::size_t shown(std::size_t count, std::size_t limit, const TextStyle& style) {
  return style.verbose ? count : std::min(count, limit);
}

std::string more(std::size_t count, std::size_t limit, const TextStyle& style) {
  if (shown(count, limit, style) == count) return {};
  return fmt::format(
      fmt::runtime(style.pick("  … and {} more (-v shows all)\n", "  …… 另有 {} 项（-v 显示全部）\n")),
      count - limit);
}

std::string heading(const TextStyle& style, std::string_view en, std::string_view zh) {
  return "\n" + paint(style, Color::bold, style.pick(en, zh)) + "\n";
}

std::string host_count(std::size_t count, const TextStyle& style) {
  if (style.lang == Lang::zh) return fmt::format("{} 台主机", count);
  return count == 1 ? "1 host" : fmt::format("{} hosts", count);
}

std::string hosts_text(const Fleet& fleet, const std::vector<std::uint32_t>& hosts, const TextStyle& style) {
  constexpr std::size_t kBytes = 100;
  return joined_names(names_of(fleet, hosts), style.verbose ? std::string::npos : kBytes);
}

std::string outcome_word(Outcome outcome, const TextStyle& style) {
  static constexpr std::array<std::string_view, 5> kChinese = {"不符合", "出错", "未知", "通过", "跳过"};
  return std::string(style.pick(name_of(outcome), kChinese[static_cast<std::size_t>(outcome)]));
}

std::string summary(const Fleet& fleet, const TextStyle& style) {
  std::string text = paint(style, Color::bold,
                           fmt::format(fmt::runtime(style.pick("{} hosts: {} pass, {} fail, {} undecided",
                                                               "{} 台主机：{} 通过，{} 未通过，{} 无法判定")),
                                       fleet.hosts.size(), fleet.count(ExitStatus::ok),
                                       fleet.count(ExitStatus::failed), fleet.count(ExitStatus::undecided)));
  text += fmt::format(fmt::runtime(style.pick("; {} records, {} reports", "；{} 份记录，{} 份报告")),
                      fleet.records, fleet.reports);
  if (!fleet.problems.empty()) {
    text += paint(style, Color::red,
                  fmt::format(fmt::runtime(style.pick("; {} files not judged", "；{} 个文件未能判定")),
                              fleet.problems.size()));
  }
  return text + "\n";
}

std::string item_text(const FleetOutlier::Item& item, const TextStyle& style) {
  return fmt::format(fmt::runtime(style.pick("{} (most: {})", "{}（多数：{}）")), item.here, item.most);
}

std::string outliers(const Fleet& fleet, const TextStyle& style) {
  if (fleet.outliers.empty()) return {};
  std::string text = heading(style, "Outliers", "离群主机");
  for (std::size_t i = 0; i < shown(fleet.outliers.size(), kShownOutliers, style); ++i) {
    const FleetOutlier& outlier = fleet.outliers[i];
    text += fmt::format("  {}  {}\n", paint(style, Color::yellow, host_count(outlier.hosts.size(), style)),
                        hosts_text(fleet, outlier.hosts, style));
    for (std::size_t k = 0; k < shown(outlier.items.size(), kShownItems, style); ++k) {
      const std::string line =
          fmt::format("{}  {}", outlier.items[k].what, item_text(outlier.items[k], style));
      text += fmt::format("    {}\n", style.verbose ? line : shortened(line, style.width));
    }
    if (!style.verbose && outlier.items.size() > kShownItems) {
      text += fmt::format(fmt::runtime(style.pick("    +{} more\n", "    另有 {} 项\n")),
                          outlier.items.size() - kShownItems);
    }
  }
  return text + more(fleet.outliers.size(), kShownOutliers, style);
}

std::string problems(const Fleet& fleet, const TextStyle& style) {
  if (fleet.problems.empty()) return {};
  std::string text = heading(style, "Not judged", "未能判定的文件");
  for (std::size_t i = 0; i < shown(fleet.problems.size(), kShownProblems, style); ++i) {
    text += wrap(style, 2, fleet.problems[i].file + "  ", shortened(fleet.problems[i].reason, 200));
  }
  return text + more(fleet.problems.size(), kShownProblems, style);
}

bool is_problem(Outcome outcome) {
  return outcome != Outcome::pass && outcome != Outcome::skip;
}

bool differs(const FleetRule& rule) {
  return rule.counts.size() > 1;
}

// Rules that do not end the same everywhere, and those that are wrong anywhere.
std::vector<std::size_t> rows_of(const Fleet& fleet) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < fleet.rules.size(); ++i) {
    const FleetRule& rule = fleet.rules[i];
    const bool wrong = std::any_of(rule.counts.begin(), rule.counts.end(),
                                   [](const auto& count) { return is_problem(count.first); });
    if (wrong || differs(rule)) rows.push_back(i);
  }
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return differs(fleet.rules[a]) > differs(fleet.rules[b]);
  });
  return rows;
}

std::string group_name(std::size_t index) {
  return fmt::format("G{}", index + 1);
}

std::string matrix(const Fleet& fleet, const TextStyle& style) {
  if (fleet.groups.empty()) return {};
  std::string text =
      heading(style, "Groups of hosts on which every rule ends the same", "所有规则结果相同的主机分组");
  const std::size_t groups = shown(fleet.groups.size(), kShownGroups, style);
  for (std::size_t g = 0; g < groups; ++g) {
    const FleetGroup& group = fleet.groups[g];
    text += fmt::format(fmt::runtime(style.pick("  {}  exit {}  {}  {}\n", "  {}  退出码 {}  {}  {}\n")),
                        pad(group_name(g), 3), group.status, host_count(group.hosts.size(), style),
                        hosts_text(fleet, group.hosts, style));
  }
  text += more(fleet.groups.size(), kShownGroups, style);

  const std::vector<std::size_t> rows = rows_of(fleet);
  if (rows.empty()) return text;
  std::size_t width = 0;
  for (const std::size_t row : rows) width = std::max(width, fleet.rules[row].id.size());
  text += "\n  " + pad("", width);
  for (std::size_t g = 0; g < groups; ++g) text += "  " + pad(group_name(g), 7);
  text.erase(text.find_last_not_of(' ') + 1);
  text += "\n";
  for (std::size_t k = 0; k < shown(rows.size(), kShownRules, style); ++k) {
    const FleetRule& rule = fleet.rules[rows[k]];
    std::string line = "  " + pad(rule.id, width);
    for (std::size_t g = 0; g < groups; ++g) {
      const auto outcome = fleet.groups[g].outcomes[rows[k]];
      const std::string word = pad(outcome ? outcome_word(*outcome, style) : "-", 7);
      line += "  " + (outcome && *outcome == Outcome::fail ? paint(style, Color::red, word) : word);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text + more(rows.size(), kShownRules, style);
}

std::string facts(const Fleet& fleet, const TextStyle& style) {
  if (fleet.facts.empty()) return {};
  std::string text = heading(style, "Facts and the hosts that have each value", "事实取值及主机数");
  for (std::size_t i = 0; i < shown(fleet.facts.size(), kShownFacts, style); ++i) {
    const FleetFact& fact = fleet.facts[i];
    text += fmt::format("  {}\n", fact.path);
    for (std::size_t k = 0; k < shown(fact.values.size(), kShownValues, style); ++k) {
      const FleetValue& value = fact.values[k];
      const std::string hosts =
          k == 0 && fact.values.size() > 1 ? "" : "  " + hosts_text(fleet, value.hosts, style);
      text +=
          fmt::format("    {:>6}  {}{}\n", value.hosts.size(), value.text, paint(style, Color::dim, hosts));
    }
    const std::size_t left =
        fact.distinct - std::min(fact.distinct, shown(fact.values.size(), kShownValues, style));
    if (left > 0) {
      text += fmt::format(
          fmt::runtime(style.pick("            {} more values\n", "            另有 {} 种取值\n")), left);
    }
  }
  return text + more(fleet.facts.size(), kShownFacts, style);
}

}  // namespace

std::string fleet_text(const Fleet& fleet, const TextStyle& style) {
  return summary(fleet, style) + outliers(fleet, style) + problems(fleet, style) + matrix(fleet, style) +
         facts(fleet, style);
}

std::string fleet_markdown(const Fleet& fleet, const TextStyle& style) {
  const TextStyle plain{.lang = style.lang, .color = false, .verbose = style.verbose, .width = style.width};
  std::string text = "**msprecheck fleet**: " + summary(fleet, plain);
  if (!fleet.outliers.empty()) {
    text += fmt::format("\n| {} | {} | {} | {} |\n|---|---|---|---|\n", style.pick("hosts", "主机"),
                        style.pick("what", "差异项"), style.pick("here", "取值"), style.pick("most", "多数"));
  }
  for (std::size_t i = 0; i < shown(fleet.outliers.size(), kShownRules, style); ++i) {
    const FleetOutlier& outlier = fleet.outliers[i];
    for (const FleetOutlier::Item& item : outlier.items) {
      text += fmt::format("| {} | `{}` | {} | {} |\n", markdown_cell(hosts_text(fleet, outlier.hosts, plain)),
                          markdown_cell(item.what), markdown_cell(item.here), markdown_cell(item.most));
    }
  }
  if (!fleet.problems.empty()) {
    text += fmt::format("\n| {} | {} |\n|---|---|\n", style.pick("not judged", "未能判定"),
                        style.pick("reason", "原因"));
  }
  for (const FleetProblem& problem : fleet.problems) {
    text += fmt::format("| {} | {} |\n", markdown_cell(problem.file), markdown_cell(problem.reason));
  }
  const std::vector<std::size_t> rows = rows_of(fleet);
  const std::size_t groups = shown(fleet.groups.size(), kShownGroups, style);
  std::string head = fmt::format("\n| {} |", style.pick("rule", "规则"));
  std::string line = "|---|";
  for (std::size_t g = 0; g < groups; ++g) {
    head += fmt::format(" {}: {} |", markdown_cell(hosts_text(fleet, fleet.groups[g].hosts, plain)),
                        host_count(fleet.groups[g].hosts.size(), plain));
    line += "---|";
  }
  if (!rows.empty()) text += head + "\n" + line + "\n";
  for (const std::size_t row : rows) {
    text += fmt::format("| `{}` |", fleet.rules[row].id);
    for (std::size_t g = 0; g < groups; ++g) {
      const auto outcome = fleet.groups[g].outcomes[row];
      text += fmt::format(" {} |", outcome ? outcome_word(*outcome, style) : "-");
    }
    text += "\n";
  }
  return text;
}

}  // namespace ms
