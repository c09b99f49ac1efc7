#include <fmt/format.h>

#include <set>

#include "report/evidence_place.hpp"
#include "report/precheck.hpp"

namespace ms {
namespace {

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "note";
  }
  return "none";
}

// SARIF 2.1.0, 3.27.9: "open" is a result that could not be decided.
std::string_view kind_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::fail:
      return "fail";
    case Outcome::pass:
      return "pass";
    case Outcome::skip:
      return "notApplicable";
    case Outcome::unknown:
    case Outcome::error:
      return "open";
  }
  return "open";
}

OrderedJson text_json(const std::string& text) {
  return {{"text", text}};
}

// Where the fact was read: a file of the host, or the place of the rule where there is none.
OrderedJson location_of(const Finding& finding) {
  OrderedJson location = OrderedJson::object();
  std::string uri = "rules/" + finding.defined_at.substr(0, finding.defined_at.rfind(':'));
  for (const Evidence& evidence : finding.provenance) {
    const bool is_plain_path =
        evidence.source.starts_with('/') && evidence.source.find_first_of(" *,") == evidence.source.npos;
    if (is_plain_path) {
      uri = "file://" + evidence.source;
      break;
    }
  }
  const auto place = file_place(finding);
  if (place) uri = (place->source.starts_with('/') ? "file://" : "") + std::string(place->source);
  location["physicalLocation"] = {{"artifactLocation", {{"uri", uri}}}};
  if (place) location["physicalLocation"]["region"] = {{"startLine", *place->line}};
  OrderedJson facts = OrderedJson::array();
  for (const Evidence& evidence : finding.provenance)
    facts.push_back({{"fullyQualifiedName", evidence.fact}});
  if (!facts.empty()) location["logicalLocations"] = facts;
  return location;
}

OrderedJson rule_json(const Finding& finding, const TextStyle& style) {
  OrderedJson rule = {{"id", finding.rule},
                      {"shortDescription", text_json(finding.title.in(style.lang))},
                      {"fullDescription", text_json(finding.why.in(style.lang))},
                      {"defaultConfiguration", {{"level", level_of(finding.severity)}}}};
  OrderedJson sources = OrderedJson::array();
  for (const std::string& source : finding.source) sources.push_back(source);
  rule["properties"] = {{"sources", sources}, {"definedAt", finding.defined_at}};
  return rule;
}

OrderedJson result_json(const Finding& finding, const TextStyle& style) {
  const bool failed = finding.outcome == Outcome::fail;
  std::string message = finding.actual.in(style.lang);
  if (failed) {
    message = fmt::format(fmt::runtime(style.pick("{}: found {}; expected {}", "{}：实际 {}；期望 {}")),
                          finding.title.in(style.lang), message, finding.expected.in(style.lang));
    const std::string fix = fix_line(finding.fix, style);
    if (!fix.empty()) message += fmt::format(fmt::runtime(style.pick(". Fix: {}", "。修复：{}")), fix);
  }
  if (message.empty()) message = finding.title.in(style.lang);
  OrderedJson result = {{"ruleId", finding.rule},
                        {"kind", kind_of(finding.outcome)},
                        {"level", failed ? level_of(finding.severity) : "none"},
                        {"message", text_json(message)},
                        {"locations", OrderedJson::array({location_of(finding)})}};
  if (finding.waiver) {
    // 3.35: "external" is a suppression that is kept outside of the source of what was analysed.
    result["suppressions"] = OrderedJson::array({{{"kind", "external"},
                                                  {"status", "accepted"},
                                                  {"justification", waiver_line(*finding.waiver, style)}}});
  }
  result["partialFingerprints"] = {{"ruleAndElement/v1", finding.rule + "/" + finding.element}};
  return result;
}

}  // namespace

std::string precheck_sarif(const PrecheckReport& report, const TextStyle& style) {
  OrderedJson rules = OrderedJson::array();
  std::set<std::string_view> seen;
  OrderedJson results = OrderedJson::array();
  for (const Finding& finding : report.findings) {
    if (seen.insert(finding.rule).second) rules.push_back(rule_json(finding, style));
    results.push_back(result_json(finding, style));
  }
  const OrderedJson invocation = {{"executionSuccessful", report.verdict.status == ExitStatus::ok ||
                                                              report.verdict.status == ExitStatus::failed},
                                  {"exitCode", static_cast<int>(report.verdict.status)},
                                  {"exitCodeDescription", report.verdict.reason.in(style.lang)}};
  const OrderedJson run = {{"tool", {{"driver", {{"name", "msprecheck"}, {"rules", rules}}}}},
                           {"invocations", OrderedJson::array({invocation})},
                           {"results", results}};
  const OrderedJson log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                           {"version", "2.1.0"},
                           {"runs", OrderedJson::array({run})}};
  return log.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace ms
