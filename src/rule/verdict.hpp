#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/lang.hpp"
#include "rule/finding.hpp"

namespace ms {

/// The exit statuses of msprecheck, as --help and the documentation list them.
enum class ExitStatus { ok = 0, failed = 1, wrong_input = 2, undecided = 3, interrupted = 130 };

struct ExitStatusDoc {
  ExitStatus status;
  std::string_view meaning_en;
  std::string_view meaning_zh;
};

inline constexpr std::array<ExitStatusDoc, 5> kExitStatusDocs = {{
    {ExitStatus::ok,
     "at least one rule applied, and every applicable rule at or above --fail-on passed or is waived",
     "至少一条规则适用，且所有不低于 --fail-on 级别的适用规则均通过或已豁免"},
    {ExitStatus::failed, "a rule at or above --fail-on failed", "有不低于 --fail-on 级别的规则未通过"},
    {ExitStatus::wrong_input, "the request or an input is wrong: arguments, a rule file, a recorded host",
     "请求或输入有误：参数、规则文件或主机记录"},
    {ExitStatus::undecided, "none failed, but one ended unknown or in error, or no rule applied",
     "没有失败项，但有规则无法判定或执行出错，或没有任何规则适用"},
    {ExitStatus::interrupted, "interrupted", "被中断"},
}};

/// The status that a single finding of an outcome leads to.
struct OutcomeStatus {
  Outcome outcome;
  ExitStatus alone;          ///< at or above --fail-on
  ExitStatus allow_unknown;  ///< the same with --allow-unknown
  ExitStatus waived;         ///< the same with a waiver for its rule
  ExitStatus below;          ///< below --fail-on
};

/// The truth table of exit statuses, as the man page shows it. Of several findings 1 wins over 3, and 3 over
/// 0; skipped ones count for nothing beside others. No format changes any of it.
inline constexpr std::array<OutcomeStatus, 5> kOutcomeStatuses = {{
    {Outcome::pass, ExitStatus::ok, ExitStatus::ok, ExitStatus::ok, ExitStatus::ok},
    {Outcome::fail, ExitStatus::failed, ExitStatus::failed, ExitStatus::ok, ExitStatus::ok},
    {Outcome::unknown, ExitStatus::undecided, ExitStatus::ok, ExitStatus::undecided, ExitStatus::ok},
    {Outcome::error, ExitStatus::undecided, ExitStatus::undecided, ExitStatus::undecided, ExitStatus::ok},
    {Outcome::skip, ExitStatus::undecided, ExitStatus::undecided, ExitStatus::undecided,
     ExitStatus::undecided},
}};

/// From which severity on a rule decides the status; nullopt is `never`.
using FailOn = std::optional<Severity>;

inline constexpr std::array<std::string_view, 4> kFailOnNames = {"error", "warning", "info", "never"};
/// The meaning of one of kFailOnNames.
FailOn fail_on_named(std::string_view name);

struct Verdict {
  ExitStatus status = ExitStatus::ok;
  Text reason;  ///< the sentence behind "exit N: "
};

/// Whether this finding alone would keep the status from being 0. A waived one does not.
bool counts_against(const Finding& finding, FailOn fail_on, bool allow_unknown);

/// Decides the exit status, once, from the findings. Fails closed: only what passed counts as passed.
/// `allow_unknown` lets unknown findings pass, and nothing else.
Verdict decide(std::span<const Finding> findings, FailOn fail_on, bool allow_unknown);

}  // namespace ms
