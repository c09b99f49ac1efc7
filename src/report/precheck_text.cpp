#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "report/evidence_place.hpp"
#include "report/precheck.hpp"

namespace ms {
namespace {

constexpr std::size_t kIndent = 11;  // below the title, behind the severity word

std::string text_of(const FactDocument& facts, std::string_view path) {
  const Json* value = facts.find(path);
  if (value == nullptr || absent_reason(*value)) return {};
  return value->is_string() ? value->get<std::string>() : value->dump();
}

// "8 × 910B4 (A2)", or "no NPU".
std::string npu_summary(const FactDocument& facts, const TextStyle& style) {
  std::map<std::string, int> names;
  const Json* devices = facts.find("npu.devices");
  for (const Json& device : devices != nullptr && devices->is_array() ? *devices : Json::array()) {
    const auto name = device.find("name");
    if (name != device.end() && name->is_string()) ++names[name->get<std::string>()];
  }
  std::vector<std::string> parts;
  for (const auto& [name, count] : names) parts.push_back(fmt::format("{} × {}", count, name));
  if (parts.empty()) {
    const std::string count = text_of(facts, "npu.count");
    if (count.empty()) return std::string(style.pick("NPUs unknown", "NPU 未知"));
    if (count == "0") return std::string(style.pick("no NPU", "无 NPU"));
    parts.push_back(fmt::format("{} × NPU", count));
  }
  const std::string family = text_of(facts, "npu.family");
  return fmt::format("{}{}", fmt::join(parts, " + "), family.empty() ? "" : fmt::format(" ({})", family));
}

std::string header(const PrecheckReport& report, const TextStyle& style) {
  std::vector<std::string> parts;
  const auto add = [&](std::string part) {
    if (!part.empty()) parts.push_back(std::move(part));
  };
  add(text_of(report.facts, "host.name"));
  add(text_of(report.facts, "host.arch"));
  if (const std::string kernel = text_of(report.facts, "host.kernel.release"); !kernel.empty())
    add("Linux " + kernel);
  if (const std::string cpus = text_of(report.facts, "cpu.count"); !cpus.empty()) add(cpus + " CPUs");
  add(npu_summary(report.facts, style));
  std::string text = paint(style, Color::bold, style.pick("Host   ", "主机   ")) +
                     fmt::format("{}\n", fmt::join(parts, " · "));

  std::vector<std::string> choices;
  for (const SceneChoice& choice : report.scene.choices) {
    choices.push_back(fmt::format(fmt::runtime(style.pick("{} ({})", "{}（{}）")), choice.value,
                                  choice.reason.in(style.lang)));
  }
  const std::string label(style.pick("Scene  ", "场景   "));
  std::string scene = wrap(style, 0, label, fmt::format("{}", fmt::join(choices, ", ")));
  return text + paint(style, Color::bold, label) + scene.substr(label.size());
}

// "conf/config.json:54,61, environment": the distinct sources of a finding, lines of a file together.
std::string sources_of(const Finding& finding) {
  struct Place {
    std::string_view file;
    std::vector<int> lines;
  };
  std::vector<Place> places;
  for (const Evidence& evidence : finding.provenance) {
    const EvidencePlace at = place_of(evidence);
    auto place = places.begin();
    while (place != places.end() && place->file != at.source) ++place;
    if (place == places.end()) place = places.insert(place, {at.source, {}});
    auto& lines = place->lines;
    if (at.line && std::find(lines.begin(), lines.end(), *at.line) == lines.end()) lines.push_back(*at.line);
  }
  std::vector<std::string> sources;
  for (const Place& place : places) {
    sources.push_back(place.lines.empty() ? std::string(place.file)
                                          : fmt::format("{}:{}", place.file, fmt::join(place.lines, ",")));
  }
  if (sources.size() > 3) {
    const std::size_t more = sources.size() - 2;
    sources.resize(2);
    return fmt::format("{}, +{}", fmt::join(sources, ", "), more);
  }
  return fmt::format("{}", fmt::join(sources, ", "));
}

std::string severity_word(const Finding& finding, const TextStyle& style) {
  static constexpr std::array<std::string_view, 3> kChinese = {"提示", "警告", "错误"};
  static constexpr std::array<Color, 3> kColors = {Color::cyan, Color::yellow, Color::red};
  const auto level = static_cast<std::size_t>(finding.severity);
  return paint(style, kColors[level], pad(style.pick(kSeverityNames[level], kChinese[level]), kIndent - 2));
}

std::string headline(const Finding& finding, const TextStyle& style) {
  const std::string element = finding.element.empty() ? "" : fmt::format(" [{}]", finding.element);
  return fmt::format("  {}{}{}  {}\n", severity_word(finding, style), finding.title.in(style.lang), element,
                     paint(style, Color::dim, finding.rule));
}

std::string failure(const Finding& finding, const TextStyle& style) {
  std::string text = headline(finding, style);
  text +=
      wrap(style, kIndent, style.pick("found     ", "实际  "),
           fmt::format(fmt::runtime(style.pick("{}; expected {}  [{}]", "{}；期望 {}  [{}]")),
                       finding.actual.in(style.lang), finding.expected.in(style.lang), sources_of(finding)));
  // An error is worth its reason at once; a list of warnings is easier to read without.
  if (style.verbose || finding.severity == Severity::error) {
    text += wrap(style, kIndent, style.pick("why       ", "原因  "), finding.why.in(style.lang));
  }
  if (!finding.disputed.en.empty() && style.verbose) {
    text += wrap(style, kIndent, style.pick("disputed  ", "争议  "), finding.disputed.in(style.lang));
  }
  if (finding.waiver) {
    return text +
           wrap(style, kIndent, style.pick("waived    ", "豁免  "), waiver_line(*finding.waiver, style));
  }
  if (!finding.fix.empty()) {
    text += wrap(style, kIndent, style.pick("fix       ", "修复  "), fix_line(finding.fix, style));
  }
  if (style.verbose && !finding.source.empty()) {
    text += wrap(style, kIndent, style.pick("source    ", "来源  "),
                 fmt::format("{}", fmt::join(finding.source, "; ")));
  }
  return text;
}

// Findings that could not be decided for the same reason are one line: a missing npu-smi is one thing to
// mend.
std::string undecided(const std::vector<const Finding*>& findings, const TextStyle& style) {
  std::vector<std::pair<std::string, std::vector<const Finding*>>> by_reason;
  for (const Finding* finding : findings) {
    const std::string& reason = finding->actual.in(style.lang);
    auto group =
        std::find_if(by_reason.begin(), by_reason.end(), [&](const auto& g) { return g.first == reason; });
    if (group == by_reason.end()) group = by_reason.insert(by_reason.end(), {reason, {}});
    group->second.push_back(finding);
  }
  std::string text;
  for (const auto& [reason, group] : by_reason) {
    text += wrap(style, 2, "", reason);
    std::vector<std::string> rules;
    for (const Finding* finding : group) {
      rules.push_back(
          fmt::format("{}{}{}", finding->rule, finding->element.empty() ? "" : ":", finding->element));
    }
    text += wrap(style, kIndent, "", fmt::format("{}", fmt::join(rules, ", ")));
  }
  return text;
}

std::string waived_count(std::size_t count, const TextStyle& style) {
  if (count == 0) return "";
  return fmt::format(fmt::runtime(style.pick("{} waived, ", "已豁免 {} 项，")), count);
}

std::string one_liner(const Finding& finding, const TextStyle& style) {
  std::string text = headline(finding, style);
  return text + wrap(style, kIndent, "", finding.actual.in(style.lang));
}

}  // namespace

std::string fix_line(const Fix& fix, const TextStyle& style) {
  std::vector<std::string> steps;
  for (const auto& [name, value] : fix.env)
    steps.push_back(fmt::format("export {}={}", name, shell_quote(value)));
  for (const std::string& name : fix.unset) steps.push_back("unset " + name);
  for (const std::string& command : fix.commands)
    steps.push_back(std::string(style.pick("as root: ", "以 root 执行：")) + command);
  std::string line = fmt::format("{}", fmt::join(steps, "; "));
  if (fix.note.en.empty()) return line;
  if (!line.empty()) line += style.pick(". ", "。");
  return line + fix.note.in(style.lang);
}

std::string waiver_line(const Waived& waiver, const TextStyle& style) {
  return fmt::format(fmt::runtime(style.pick("until {} ({}): {}", "至 {}（{}）：{}")), waiver.expires,
                     waiver.owner, waiver.reason);
}

std::string_view problem_level(const Finding& finding) {
  if (finding.outcome != Outcome::fail) return name_of(finding.outcome);
  return finding.waiver ? "waived" : name_of(finding.severity);
}

std::string precheck_text(const PrecheckReport& report, const TextStyle& style) {
  std::vector<const Finding*> by_outcome[kOutcomeNames.size()];
  for (const Finding& finding : report.findings) {
    by_outcome[static_cast<std::size_t>(finding.outcome)].push_back(&finding);
  }
  const auto of = [&](Outcome outcome) -> std::vector<const Finding*>& {
    return by_outcome[static_cast<std::size_t>(outcome)];
  };
  const auto section = [&](std::string_view en, std::string_view zh, std::size_t count) {
    return "\n" + paint(style, Color::bold, fmt::format("{} ({})", style.pick(en, zh), count)) + "\n";
  };

  std::string text = header(report, style);

  auto& failed = of(Outcome::fail);
  std::vector<const Finding*> waived;
  std::copy_if(failed.begin(), failed.end(), std::back_inserter(waived),
               [](const Finding* finding) { return finding->waiver.has_value(); });
  std::erase_if(failed, [](const Finding* finding) { return finding->waiver.has_value(); });
  std::stable_sort(failed.begin(), failed.end(),
                   [](const Finding* a, const Finding* b) { return a->severity > b->severity; });
  if (!failed.empty()) text += section("Wrong", "不符合", failed.size());
  for (const Finding* finding : failed) text += failure(*finding, style);

  if (!waived.empty()) text += section("Waived", "已豁免", waived.size());
  for (const Finding* finding : waived) text += failure(*finding, style);

  const auto& broken = of(Outcome::error);
  if (!broken.empty()) text += section("Broken rules", "规则执行出错", broken.size());
  for (const Finding* finding : broken) text += one_liner(*finding, style);

  const auto& unknown = of(Outcome::unknown);
  if (!unknown.empty())
    text += section("Could not be checked", "无法检查", unknown.size()) + undecided(unknown, style);

  const auto& passed = of(Outcome::pass);
  const auto& skipped = of(Outcome::skip);
  if (style.verbose) {
    if (!passed.empty()) text += section("Passed", "通过", passed.size());
    for (const Finding* finding : passed) text += one_liner(*finding, style);
    if (!skipped.empty()) text += section("Skipped", "跳过", skipped.size());
    for (const Finding* finding : skipped) text += one_liner(*finding, style);
  }
  text += "\n" + fmt::format(fmt::runtime(style.pick(
                                 "{} passed, {} wrong, {}{} could not be checked, {} do not apply here{}\n",
                                 "通过 {} 项，不符合 {} 项，{}无法检查 {} 项，不适用 {} 项{}\n")),
                             passed.size(), failed.size(), waived_count(waived.size(), style),
                             unknown.size() + broken.size(), skipped.size(),
                             style.verbose ? "" : style.pick(" (-v shows all)", "（-v 显示全部）"));
  if (report.hidden > 0) {
    text +=
        fmt::format(fmt::runtime(style.pick(
                        "{} below '{}' are not shown (--severity-level); the status counts them as ever\n",
                        "低于 '{1}' 级别的 {0} 项未显示（--severity-level），但仍计入退出状态\n")),
                    report.hidden, name_of(report.show_from));
  }
  return text;
}

}  // namespace ms
