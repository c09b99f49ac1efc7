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
    {ExitStatus::ok, "at least one rule applied, and every applicable rule at or above --fail-on passed",
     "至少一条规则适用，且所有不低于 --fail-on 级别的适用规则均通过"},
    {ExitStatus::failed, "a rule at or above --fail-on failed", "有不低于 --fail-on 级别的规则未通过"},
    {ExitStatus::wrong_input, "the request or an input is wrong: arguments, a rule file, a recorded host",
     "请求或输入有误：参数、规则文件或主机记录"},
    {ExitStatus::undecided, "none failed, but one ended unknown or in error, or no rule applied",
     "没有失败项，但有规则无法判定或执行出错，或没有任何规则适用"},
    {ExitStatus::interrupted, "interrupted", "被中断"},
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

/// Whether this finding alone would keep the status from being 0.
bool counts_against(const Finding& finding, FailOn fail_on, bool allow_unknown);

/// Decides the exit status, once, from the findings. Fails closed: only what passed counts as passed.
/// `allow_unknown` lets unknown findings pass, and nothing else.
Verdict decide(std::span<const Finding> findings, FailOn fail_on, bool allow_unknown);

}  // namespace ms
