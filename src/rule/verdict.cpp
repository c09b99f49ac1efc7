#include "rule/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ms {
namespace {

std::string rules(std::ptrdiff_t count) {
  return count == 1 ? "1 check" : fmt::format("{} checks", count);
}

}  // namespace

// "never" is the one name that is no severity.
FailOn fail_on_named(std::string_view name) {
  return severity_named(name);
}

bool counts_against(const Finding& finding, FailOn fail_on, bool allow_unknown) {
  if (!fail_on || finding.severity < *fail_on || finding.waiver) return false;
  return finding.outcome == Outcome::fail || finding.outcome == Outcome::error ||
         (finding.outcome == Outcome::unknown && !allow_unknown);
}

Verdict decide(std::span<const Finding> findings, FailOn fail_on, bool allow_unknown) {
  const auto counts = [&](Outcome outcome) {
    return std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.outcome == outcome && counts_against(finding, fail_on, allow_unknown);
    });
  };
  const bool none_applied = std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.outcome == Outcome::skip;
  });
  if (none_applied) {
    return {ExitStatus::undecided,
            {"no rule applied to this host and scene", "没有任何规则适用于该主机与场景"}};
  }
  const std::string_view level = fail_on ? name_of(*fail_on) : "never";
  if (const auto failed = counts(Outcome::fail); failed > 0) {
    return {ExitStatus::failed,
            {fmt::format("{} at or above '{}' failed", rules(failed), level),
             fmt::format("{} 项不低于 '{}' 级别的检查未通过", failed, level)}};
  }
  if (const auto broken = counts(Outcome::error); broken > 0) {
    return {ExitStatus::undecided,
            {fmt::format("{} at or above '{}' ended in error", rules(broken), level),
             fmt::format("{} 项不低于 '{}' 级别的检查执行出错", broken, level)}};
  }
  if (const auto unknown = counts(Outcome::unknown); unknown > 0) {
    return {ExitStatus::undecided,
            {fmt::format("{} at or above '{}' could not be decided (--allow-unknown lets them pass)",
                         rules(unknown), level),
             fmt::format("{} 项不低于 '{}' 级别的检查无法判定（--allow-unknown 可放行）", unknown, level)}};
  }
  if (!fail_on) return {ExitStatus::ok, {"--fail-on never", "已指定 --fail-on never"}};
  const auto waived = std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.waiver && finding.severity >= *fail_on;
  });
  if (waived > 0) {
    return {ExitStatus::ok,
            {fmt::format("every applicable check at or above '{}' passed or is waived ({} waived)", level,
                         waived),
             fmt::format("所有不低于 '{}' 级别的适用检查均通过或已豁免（豁免 {} 项）", level, waived)}};
  }
  return {ExitStatus::ok,
          {fmt::format("every applicable check at or above '{}' passed", level),
           fmt::format("所有不低于 '{}' 级别的适用检查均通过", level)}};
}

}  // namespace ms
