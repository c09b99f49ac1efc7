#include <fmt/format.h>

#include <map>
#include <vector>

#include "base/text.hpp"
#include "report/precheck.hpp"

namespace ms {
namespace {

// Text as XML 1.0 takes it, in an element or an attribute. Of the control characters it has only three.
std::string xml(std::string_view text) {
  std::string escaped;
  for (const char c : sanitize_utf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      case '\t':
        escaped += "&#9;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return escaped;
}

std::string message_of(const Finding& finding, const TextStyle& style) {
  if (finding.outcome != Outcome::fail) return finding.actual.in(style.lang);
  const std::string text = fmt::format(fmt::runtime(style.pick("{}; expected {}", "{}；期望 {}")),
                                       finding.actual.in(style.lang), finding.expected.in(style.lang));
  if (!finding.waiver) return text;
  return fmt::format(fmt::runtime(style.pick("waived {}; found {}", "已豁免 {}；实际 {}")),
                     waiver_line(*finding.waiver, style), text);
}

std::string details_of(const Finding& finding, const TextStyle& style) {
  std::string text = finding.why.in(style.lang);
  const std::string fix = fix_line(finding.fix, style);
  if (!fix.empty()) text += fmt::format("\n{}{}", style.pick("fix: ", "修复："), fix);
  for (const Evidence& evidence : finding.provenance)
    text += fmt::format("\n{}: {}", evidence.fact, evidence.source);
  return text + fmt::format("\n{}", finding.defined_at);
}

enum class Counted { no, failure, error, skipped };

Counted count_as(const Finding& finding, const PrecheckReport& report) {
  if (finding.outcome == Outcome::skip || finding.waiver) return Counted::skipped;
  if (!counts_against(finding, report.fail_on, report.allow_unknown)) return Counted::no;
  return finding.outcome == Outcome::fail ? Counted::failure : Counted::error;
}

std::string test_case(const Finding& finding, const PrecheckReport& report, std::string_view pack,
                      const TextStyle& style) {
  const std::string element = finding.element.empty() ? "" : fmt::format(" [{}]", finding.element);
  std::string text =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(pack),
                  xml(fmt::format("{}{}: {}", finding.rule, element, finding.title.in(style.lang))));
  const std::string message = xml(message_of(finding, style));
  const std::string details = xml(details_of(finding, style));
  switch (count_as(finding, report)) {
    case Counted::skipped:
      return text + fmt::format("><skipped message=\"{}\"/></testcase>\n", message);
    case Counted::failure:
    case Counted::error: {
      const std::string_view tag = finding.outcome == Outcome::fail ? "failure" : "error";
      return text + fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n",
                                tag,
                                finding.outcome == Outcome::fail ? name_of(finding.severity)
                                                                 : name_of(finding.outcome),
                                message, details);
    }
    case Counted::no:
      break;
  }
  if (finding.outcome == Outcome::pass) return text + "/>\n";
  return text +
         fmt::format(">\n      <system-out>{}: {}&#10;{}</system-out>\n    </testcase>\n",
                     finding.outcome == Outcome::fail ? name_of(finding.severity) : name_of(finding.outcome),
                     message, details);
}

}  // namespace

std::string precheck_junit(const PrecheckReport& report, const TextStyle& style) {
  struct Suite {
    std::string cases;
    std::map<Counted, int> counts;
    int tests = 0;
  };
  std::vector<std::pair<std::string, Suite>> suites;  // in rule order
  std::map<Counted, int> total;
  for (const Finding& finding : report.findings) {
    std::string pack = finding.defined_at.substr(0, finding.defined_at.rfind(':'));
    if (pack.ends_with(".toml")) pack.resize(pack.size() - 5);
    if (suites.empty() || suites.back().first != pack) suites.push_back({pack, {}});
    Suite& suite = suites.back().second;
    suite.cases += test_case(finding, report, pack, style);
    ++suite.counts[count_as(finding, report)];
    ++suite.tests;
    ++total[count_as(finding, report)];
  }
  const Json* name = report.facts.find("host.name");
  const std::string host = name != nullptr && name->is_string() ? name->get<std::string>() : "unknown";
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format(
      "<testsuites name=\"msprecheck\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
      report.findings.size(), total[Counted::failure], total[Counted::error], total[Counted::skipped]);
  for (auto& [pack, suite] : suites) {
    text += fmt::format(
        "  <testsuite name=\"{}\" hostname=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
        "skipped=\"{}\">\n",
        xml(pack), xml(host), suite.tests, suite.counts[Counted::failure], suite.counts[Counted::error],
        suite.counts[Counted::skipped]);
    text += suite.cases + "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace ms
