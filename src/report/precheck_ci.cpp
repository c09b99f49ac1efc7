#include <fmt/format.h>

#include <cstdint>

#include "report/evidence_place.hpp"
#include "report/precheck.hpp"

namespace ms {
namespace {

bool is_wrong(const Finding& finding) {
  return finding.outcome != Outcome::pass && finding.outcome != Outcome::skip;
}

std::string sentence(const Finding& finding, const TextStyle& style) {
  std::string text = finding.title.in(style.lang);
  if (!finding.element.empty()) text += fmt::format(" [{}]", finding.element);
  text += style.pick(": ", "：");
  text += finding.outcome == Outcome::fail
              ? fmt::format(fmt::runtime(style.pick("found {}; expected {}", "实际 {}；期望 {}")),
                            finding.actual.in(style.lang), finding.expected.in(style.lang))
              : fmt::format(fmt::runtime(style.pick("could not be checked: {}", "无法检查：{}")),
                            finding.actual.in(style.lang));
  if (finding.waiver) {
    return text + fmt::format(fmt::runtime(style.pick(". Waived {}", "。已豁免 {}")),
                              waiver_line(*finding.waiver, style));
  }
  const std::string fix = fix_line(finding.fix, style);
  if (!fix.empty()) text += fmt::format(fmt::runtime(style.pick(". Fix: {}", "。修复：{}")), fix);
  return text;
}

// The data of a workflow command; a property has ':' and ',' escaped as well.
std::string command_text(std::string_view text, bool is_property) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%')
      escaped += "%25";
    else if (c == '\r')
      escaped += "%0D";
    else if (c == '\n')
      escaped += "%0A";
    else if (is_property && c == ':')
      escaped += "%3A";
    else if (is_property && c == ',')
      escaped += "%2C";
    else
      escaped += c;
  }
  return escaped;
}

// What counts against the status is an error of the workflow, whatever the rule calls it.
std::string_view command_of(const Finding& finding, const PrecheckReport& report) {
  if (counts_against(finding, report.fail_on, report.allow_unknown)) return "error";
  return finding.waiver || finding.severity == Severity::info ? "notice" : "warning";
}

std::string_view gitlab_severity(const Finding& finding) {
  if (finding.outcome != Outcome::fail) return "minor";
  if (finding.waiver) return "info";  // the report of GitLab has no word for what is accepted
  switch (finding.severity) {
    case Severity::error:
      return "critical";
    case Severity::warning:
      return "major";
    case Severity::info:
      return "info";
  }
  return "info";
}

// 64 bits of FNV-1a: the same problem has the same fingerprint in every run.
std::string fingerprint(const Finding& finding) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : finding.rule + "/" + finding.element) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return fmt::format("{:016x}", hash);
}

std::string path_of(const Finding& finding) {
  if (finding.provenance.empty()) return "host";
  const auto place = file_place(finding);
  const std::string source(place ? place->source : std::string_view(finding.provenance.front().source));
  return source.starts_with('/') ? source.substr(1) : source;
}

int line_of(const Finding& finding) {
  const auto place = file_place(finding);
  return place ? *place->line : 1;
}

// "file=conf/config.json,line=54," where the finding is about a file.
std::string file_properties(const Finding& finding) {
  const auto place = file_place(finding);
  if (!place) return {};
  return fmt::format("file={},line={},", command_text(place->source, true), *place->line);
}

}  // namespace

std::string precheck_github(const PrecheckReport& report, const TextStyle& style) {
  std::string text;
  for (const Finding& finding : report.findings) {
    if (!is_wrong(finding)) continue;
    text += fmt::format("::{} {}title={}::{}\n", command_of(finding, report), file_properties(finding),
                        command_text(finding.rule, true), command_text(sentence(finding, style), false));
  }
  return text + fmt::format("::notice title=msprecheck::{}\n",
                            command_text(report.verdict.reason.in(style.lang), false));
}

std::string precheck_gitlab(const PrecheckReport& report, const TextStyle& style) {
  OrderedJson problems = OrderedJson::array();
  for (const Finding& finding : report.findings) {
    if (!is_wrong(finding)) continue;
    problems.push_back(
        {{"description", sentence(finding, style)},
         {"check_name", finding.rule},
         {"fingerprint", fingerprint(finding)},
         {"severity", gitlab_severity(finding)},
         {"location", {{"path", path_of(finding)}, {"lines", {{"begin", line_of(finding)}}}}}});
  }
  return problems.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string precheck_markdown(const PrecheckReport& report, const TextStyle& style) {
  const auto cell = [](std::string text) {
    std::string escaped;
    for (const char c : text) {
      if (c == '|')
        escaped += "\\|";
      else if (c == '\n')
        escaped += "<br>";
      else if (c == '<')
        escaped += "&lt;";
      else
        escaped += c;
    }
    return escaped;
  };
  std::string text = fmt::format("**msprecheck**: {}\n", cell(report.verdict.reason.in(style.lang)));
  std::string rows;
  std::size_t passed = 0;
  std::size_t skipped = 0;
  for (const Finding& finding : report.findings) {
    passed += finding.outcome == Outcome::pass ? 1 : 0;
    skipped += finding.outcome == Outcome::skip ? 1 : 0;
    if (!is_wrong(finding)) continue;
    const std::string element = finding.element.empty() ? "" : fmt::format(" [{}]", finding.element);
    rows += fmt::format(
        "| {} | `{}`{} | {} | {} | {} | {} |\n", problem_level(finding), finding.rule, cell(element),
        cell(finding.title.in(style.lang)), cell(finding.actual.in(style.lang)),
        cell(finding.expected.in(style.lang)),
        cell(finding.waiver ? waiver_line(*finding.waiver, style) : fix_line(finding.fix, style)));
  }
  if (!rows.empty()) {
    text += fmt::format("\n| {} | {} | {} | {} | {} | {} |\n|---|---|---|---|---|---|\n{}",
                        style.pick("level", "级别"), style.pick("rule", "规则"), style.pick("what", "检查项"),
                        style.pick("found", "实际"), style.pick("expected", "期望"),
                        style.pick("fix", "修复"), rows);
  }
  return text + fmt::format(fmt::runtime(style.pick("\n{} passed, {} do not apply.\n",
                                                    "\n通过 {} 项，不适用 {} 项。\n")),
                            passed, skipped);
}

}  // namespace ms
