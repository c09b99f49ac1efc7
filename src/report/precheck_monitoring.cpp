#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "report/precheck.hpp"

namespace ms {
namespace {

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

// A label's value: backslash, quote and line end are escaped.
std::string label(std::string_view text) {
  std::string escaped;
  for (const char c : sanitize_utf8(text)) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return escaped;
}

// What the metrics call an outcome: a waived failure is not one to be alarmed about.
constexpr std::size_t kWaived = kOutcomeNames.size();

std::size_t metric_outcome(const Finding& finding) {
  return finding.waiver ? kWaived : static_cast<std::size_t>(finding.outcome);
}

std::string_view metric_name(std::size_t outcome) {
  return outcome == kWaived ? "waived" : kOutcomeNames[outcome];
}

std::string todo_reason(const Finding& finding, const TextStyle& style) {
  if (!finding.waiver) return "does not decide the status";
  return fmt::format("waived {}", waiver_line(*finding.waiver, style));
}

std::string yaml_text(std::string_view text) {
  return OrderedJson(sanitize_utf8(text)).dump();  // a JSON string is a YAML one
}

}  // namespace

std::string precheck_tap(const PrecheckReport& report, const TextStyle& style) {
  std::string text = fmt::format("TAP version 14\n1..{}\n", report.findings.size());
  std::size_t number = 0;
  for (const Finding& finding : report.findings) {
    ++number;
    const bool ok = finding.outcome == Outcome::pass || finding.outcome == Outcome::skip;
    const std::string element = finding.element.empty() ? "" : fmt::format(" [{}]", finding.element);
    // '#' opens a directive; in a description it is escaped.
    std::string description;
    for (const char c : fmt::format("{}{} {}", finding.rule, element, finding.title.in(style.lang))) {
      if (c == '#' || c == '\\') description += '\\';
      description += c;
    }
    text += fmt::format("{} {} - {}", ok ? "ok" : "not ok", number, one_line(description));
    if (finding.outcome == Outcome::skip) text += " # SKIP " + one_line(finding.actual.in(style.lang));
    if (!ok && !counts_against(finding, report.fail_on, report.allow_unknown))
      text += " # TODO " + one_line(todo_reason(finding, style));
    text += "\n";
    if (ok) continue;
    text += fmt::format("  ---\n  outcome: {}\n  severity: {}\n  found: {}\n", name_of(finding.outcome),
                        name_of(finding.severity), yaml_text(finding.actual.in(style.lang)));
    if (!finding.expected.en.empty())
      text += fmt::format("  expected: {}\n", yaml_text(finding.expected.in(style.lang)));
    const std::string fix = fix_line(finding.fix, style);
    if (!fix.empty()) text += fmt::format("  fix: {}\n", yaml_text(fix));
    text += fmt::format("  at: {}\n  ...\n", yaml_text(finding.defined_at));
  }
  return text;
}

std::string precheck_prometheus(const PrecheckReport& report, const TextStyle&) {
  std::array<std::array<int, kWaived + 1>, kSeverityNames.size()> counts{};
  for (const Finding& finding : report.findings) {
    ++counts[static_cast<std::size_t>(finding.severity)][metric_outcome(finding)];
  }
  std::string text =
      "# HELP msprecheck_findings Findings of the last run.\n"
      "# TYPE msprecheck_findings gauge\n";
  for (std::size_t severity = 0; severity < kSeverityNames.size(); ++severity) {
    for (std::size_t outcome = 0; outcome <= kWaived; ++outcome) {
      text += fmt::format("msprecheck_findings{{severity=\"{}\",outcome=\"{}\"}} {}\n",
                          kSeverityNames[severity], metric_name(outcome), counts[severity][outcome]);
    }
  }
  text +=
      "# HELP msprecheck_problem What failed or could not be checked; 1 for each.\n"
      "# TYPE msprecheck_problem gauge\n";
  for (const Finding& finding : report.findings) {
    if (finding.outcome == Outcome::pass || finding.outcome == Outcome::skip) continue;
    text += fmt::format("msprecheck_problem{{rule=\"{}\",element=\"{}\",severity=\"{}\",outcome=\"{}\"}} 1\n",
                        label(finding.rule), label(finding.element), name_of(finding.severity),
                        metric_name(metric_outcome(finding)));
  }
  text +=
      "# HELP msprecheck_exit_status Exit status of the last run: 0 is fit to serve.\n"
      "# TYPE msprecheck_exit_status gauge\n";
  return text + fmt::format("msprecheck_exit_status {}\n", static_cast<int>(report.verdict.status));
}

std::string precheck_nagios(const PrecheckReport& report, const TextStyle& style) {
  std::array<int, kWaived + 1> counts{};
  bool warned = false;
  std::string problems;
  for (const Finding& finding : report.findings) {
    ++counts[metric_outcome(finding)];
    if (finding.outcome == Outcome::pass || finding.outcome == Outcome::skip) continue;
    warned = warned || !finding.waiver;
    const std::string element = finding.element.empty() ? "" : fmt::format(" [{}]", finding.element);
    problems += fmt::format(
        "{} {}{}: {}\n", problem_level(finding), finding.rule, element,
        one_line(finding.actual.in(style.lang) +
                 (finding.waiver ? std::string(style.pick("; ", "；")) + waiver_line(*finding.waiver, style)
                                 : std::string())));
  }
  std::replace(problems.begin(), problems.end(), '|', '/');  // a bar opens the performance data
  const auto count = [&](Outcome outcome) { return counts[static_cast<std::size_t>(outcome)]; };
  std::string_view word = "UNKNOWN";
  if (report.verdict.status == ExitStatus::failed) word = "CRITICAL";
  if (report.verdict.status == ExitStatus::ok) word = warned ? "WARNING" : "OK";
  return fmt::format("{} - {} | passed={} failed={} waived={} unknown={} error={} skipped={}\n{}", word,
                     report.verdict.reason.in(style.lang), count(Outcome::pass), count(Outcome::fail),
                     counts[kWaived], count(Outcome::unknown), count(Outcome::error), count(Outcome::skip),
                     problems);
}

}  // namespace ms
