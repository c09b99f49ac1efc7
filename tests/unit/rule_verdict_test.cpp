#include <doctest/doctest.h>

#include "rule/verdict.hpp"

using namespace ms;

namespace {

Finding finding(Outcome outcome, Severity severity) {
  Finding result;
  result.rule = "X";
  result.outcome = outcome;
  result.severity = severity;
  return result;
}

constexpr Severity kSeverities[] = {Severity::info, Severity::warning, Severity::error};
constexpr Outcome kOutcomes[] = {Outcome::fail, Outcome::error, Outcome::unknown, Outcome::pass,
                                 Outcome::skip};
constexpr FailOn kFailOns[] = {Severity::info, Severity::warning, Severity::error, std::nullopt};

// The table of docs/architecture.md for a single finding, written out as a table again:
// rows are outcomes, columns whether the severity is below --fail-on or not.
struct Row {
  Outcome outcome;
  int below;  // the rule does not decide, but it applied (or did not, for skip)
  int at_or_above;
  int at_or_above_allowing_unknown;
};
constexpr Row kTable[] = {
    {Outcome::fail, 0, 1, 1}, {Outcome::error, 0, 3, 3}, {Outcome::unknown, 0, 3, 0},
    {Outcome::pass, 0, 0, 0}, {Outcome::skip, 3, 3, 3},
};

int status_of(const std::vector<Finding>& findings, FailOn fail_on, bool allow_unknown) {
  return static_cast<int>(decide(findings, fail_on, allow_unknown).status);
}

}  // namespace

TEST_CASE("every cell of the table of exit statuses") {
  int cells = 0;
  for (const Row& row : kTable) {
    for (const Severity severity : kSeverities) {
      for (const FailOn& fail_on : kFailOns) {
        for (const bool allow_unknown : {false, true}) {
          const bool decides = fail_on.has_value() && severity >= *fail_on;
          const int expected = !decides        ? row.below
                               : allow_unknown ? row.at_or_above_allowing_unknown
                                               : row.at_or_above;
          CAPTURE(name_of(row.outcome));
          CAPTURE(name_of(severity));
          CAPTURE(allow_unknown);
          CHECK(status_of({finding(row.outcome, severity)}, fail_on, allow_unknown) == expected);
          ++cells;
        }
      }
    }
  }
  CHECK(cells == 5 * 3 * 4 * 2);
}

TEST_CASE("of two findings the worse decides: failed before undecided before passed") {
  for (const Outcome other : kOutcomes) {
    CAPTURE(name_of(other));
    CHECK(status_of({finding(other, Severity::error), finding(Outcome::fail, Severity::error)},
                    Severity::error, false) == 1);
  }
  CHECK(status_of({finding(Outcome::pass, Severity::error), finding(Outcome::unknown, Severity::error)},
                  Severity::error, false) == 3);
  CHECK(status_of({finding(Outcome::unknown, Severity::error), finding(Outcome::error, Severity::error)},
                  Severity::error, true) == 3);
  CHECK(status_of({finding(Outcome::pass, Severity::error), finding(Outcome::skip, Severity::error)},
                  Severity::error, false) == 0);
}

TEST_CASE("no rule at all is not a pass") {
  CHECK(status_of({}, Severity::error, true) == 3);
}

TEST_CASE("the words of --fail-on are the severities and never") {
  CHECK(fail_on_named("error") == Severity::error);
  CHECK(fail_on_named("warning") == Severity::warning);
  CHECK(fail_on_named("info") == Severity::info);
  CHECK(fail_on_named("never") == std::nullopt);
}
