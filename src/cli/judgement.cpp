#include "cli/judgement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/duration.hpp"
#include "report/precheck.hpp"
#include "rule/evaluate.hpp"

namespace ms {
namespace {

using Clock = std::chrono::steady_clock;
using Names = std::set<std::string, std::less<>>;

constexpr double kLongestPause = 30;  // [s]
constexpr double kBackOff = 1.5;

// What decides which rules apply, and what the head of the report names.
Names facts_to_begin_with(const RuleLibrary& library) {
  auto needed = facts_of_conditions(library.rules);
  for (const std::string& path : library.scenes.references()) needed.insert(path);
  needed.insert(kHeadFacts.begin(), kHeadFacts.end());
  return needed;
}

std::optional<std::string> host_name(const FactDocument& facts) {
  const Json* name = facts.find("host.name");
  return name != nullptr && name->is_string() ? std::optional(name->get<std::string>()) : std::nullopt;
}

// From the facts that are there and those that rules need beside them, to the verdict.
void judge_facts(const JudgeBy& by, Judgement& judgement) {
  judgement.scene = by.library.scenes.detect(judgement.facts, by.scene);
  // A rule that does not apply here costs no command.
  read_more(judgement.facts, by.host, by.probes,
            facts_needed(by.library.rules, judgement.facts, judgement.scene));
  judgement.findings = evaluate(by.library.rules, judgement.facts, judgement.scene);
  judgement.notes = apply_waivers(by.waivers, host_name(judgement.facts), by.today, judgement.findings);
  judgement.verdict = decide(judgement.findings, by.fail_on, by.allow_unknown);
}

// The rules that keep the status from being 0, in rule order.
std::vector<std::string> in_the_way(const JudgeBy& by, const Judgement& judgement) {
  std::vector<std::string> ids;
  for (const Finding& finding : judgement.findings) {
    if (!counts_against(finding, by.fail_on, by.allow_unknown)) continue;
    if (std::find(ids.begin(), ids.end(), finding.rule) == ids.end()) ids.push_back(finding.rule);
  }
  return ids;
}

void judge_again(const JudgeBy& by, const std::vector<std::string>& ids, Judgement& judgement) {
  Names needed;
  for (const Rule& rule : by.library.rules) {
    if (std::find(ids.begin(), ids.end(), rule.id) == ids.end()) continue;
    needed.merge(facts_of({&rule, 1}));
  }
  read_again(judgement.facts, by.host, by.probes, needed);
  judge_facts(by, judgement);
}

void report_round(const std::vector<std::string>& ids, double pause, double left, Lang lang) {
  constexpr std::size_t kShown = 4;
  const std::size_t more = ids.size() > kShown ? ids.size() - kShown : 0;
  const std::vector<std::string> shown(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(more));
  const bool zh = lang == Lang::zh;
  std::string what = fmt::format("{}", fmt::join(shown, zh ? "、" : ", "));
  if (more > 0) what += fmt::format(fmt::runtime(zh ? " 等另外 {} 条" : " and {} more"), more);
  if (ids.empty()) what = zh ? "没有规则适用" : "no rule applies";
  fmt::print(
      stderr,
      fmt::runtime(zh ? "等待 {}（剩余 {}）：尚未通过：{}\n" : "waiting {} ({} left); not fit yet: {}\n"),
      format_seconds(pause), format_seconds(left), what);
}

}  // namespace

Judgement judge(const JudgeBy& by) {
  Names first = facts_to_begin_with(by.library);
  first.insert(by.measured_of.begin(), by.measured_of.end());
  Judgement judgement{
      .facts = read_host(by.host, by.probes, first), .scene = {}, .findings = {}, .verdict = {}, .notes = {}};
  if (by.measure && !by.measure(judgement.facts)) return judgement;
  judge_facts(by, judgement);
  return judgement;
}

double next_pause(double seconds, const Waiting& waiting) {
  return std::min(seconds * kBackOff, std::max(kLongestPause, waiting.every));
}

Judgement judge_until_fit(const JudgeBy& by, const Waiting& waiting, Lang lang) {
  const auto start = Clock::now();
  const auto left = [&] {
    return waiting.limit - std::chrono::duration<double>(Clock::now() - start).count();
  };
  Judgement judgement = judge(by);
  double pause = waiting.every;
  while (judgement.verdict.status != ExitStatus::ok) {
    const double rest = left();
    if (rest <= 0) break;
    const std::vector<std::string> ids = in_the_way(by, judgement);
    const double now = std::min(pause, rest);
    report_round(ids, now, rest, lang);
    std::this_thread::sleep_for(std::chrono::duration<double>(now));
    pause = next_pause(pause, waiting);
    if (!ids.empty()) judge_again(by, ids, judgement);
    // Where nothing is in the way any more, all of it is read at one time before it is called fit.
    if (ids.empty() || judgement.verdict.status == ExitStatus::ok) judgement = judge(by);
  }
  return judgement;
}

}  // namespace ms
