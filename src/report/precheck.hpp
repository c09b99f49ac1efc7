#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "facts/document.hpp"
#include "report/text_style.hpp"
#include "rule/finding.hpp"
#include "rule/scene.hpp"
#include "rule/verdict.hpp"

namespace ms {

/// All that a report of `msprecheck precheck` shows. The writers below only lay it out: none of them decides.
struct PrecheckReport {
  const FactDocument& facts;
  const Scene& scene;
  const std::vector<Finding>& findings;  ///< in rule order; what is shown of them
  const Verdict& verdict;
  FailOn fail_on;                       ///< what the verdict was decided by
  bool allow_unknown = false;           ///< likewise
  Severity show_from = Severity::info;  ///< lower ones are not among the findings
  std::size_t hidden = 0;               ///< how many that are
};

/// The facts that the head of a report names.
inline constexpr std::array<const char*, 7> kHeadFacts = {
    "host.name", "host.arch", "host.kernel.release", "cpu.count", "npu.count", "npu.family", "npu.devices"};

/// A format of the report: a name for --format and --report, and its writer. The text depends on the findings
/// alone, and the exit status on none of the formats.
struct PrecheckFormat {
  std::string_view name;
  std::string_view what;  ///< for --help
  std::string (*write)(const PrecheckReport& report, const TextStyle& style);
};

/// All formats, `text` first.
std::span<const PrecheckFormat> precheck_formats();
/// nullptr when there is none of that name.
const PrecheckFormat* find_precheck_format(std::string_view name);

/// Their names, for --help and suggestions.
std::vector<std::string> precheck_format_names();

/// What is wrong first, then what could not be checked, then a line for the rest (all of it with
/// `style.verbose`).
std::string precheck_text(const PrecheckReport& report, const TextStyle& style);

/// JUnit XML as Jenkins and GitLab read it: a suite for each pack, a case for each finding. Only what counts
/// against the status is a failure or an error; a warning that does not decide is a passed case with its
/// text.
std::string precheck_junit(const PrecheckReport& report, const TextStyle& style);

/// SARIF 2.1.0 (OASIS): every finding is a result, of kind pass, fail, notApplicable or open.
std::string precheck_sarif(const PrecheckReport& report, const TextStyle& style);

/// Workflow commands of GitHub Actions: ::error, ::warning and ::notice.
std::string precheck_github(const PrecheckReport& report, const TextStyle& style);

/// The Code Quality report of GitLab CI.
std::string precheck_gitlab(const PrecheckReport& report, const TextStyle& style);

/// TAP version 14. What is wrong and does not decide the status is a TODO.
std::string precheck_tap(const PrecheckReport& report, const TextStyle& style);

/// The text exposition format of Prometheus, for the textfile collector of its node exporter.
std::string precheck_prometheus(const PrecheckReport& report, const TextStyle& style);

/// A line of Nagios plug-in output with performance data, and a line for each problem. The status is the
/// tool's own, not that of a plug-in: the first word says which it is.
std::string precheck_nagios(const PrecheckReport& report, const TextStyle& style);

/// A table of what is wrong for a summary page or a ticket.
std::string precheck_markdown(const PrecheckReport& report, const TextStyle& style);

/// What mends a finding, on one line: "export A=1; unset B; as root: ...". Empty where nothing is known.
std::string fix_line(const Fix& fix, const TextStyle& style);

/// What a reader must know of a waiver, on one line: "until 2027-01-31 (ops@site): reason".
std::string waiver_line(const Waived& waiver, const TextStyle& style);

/// The word for how a problem is shown: its severity where it failed ("waived" where that is accepted), its
/// outcome where it could not be decided.
std::string_view problem_level(const Finding& finding);

/// docs/schema/precheck.schema.json.
OrderedJson precheck_json(const PrecheckReport& report, Lang lang);

}  // namespace ms
