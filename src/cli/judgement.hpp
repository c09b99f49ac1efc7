#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/lang.hpp"
#include "cli/host_source.hpp"
#include "facts/document.hpp"
#include "rule/finding.hpp"
#include "rule/library.hpp"
#include "rule/scene.hpp"
#include "rule/verdict.hpp"
#include "rule/waivers.hpp"

namespace ms {

/// What a host is judged by.
struct JudgeBy {
  const HostArguments& host;
  const ProbeSet& probes;
  const RuleLibrary& library;
  const std::vector<Waiver>& waivers;
  Date today;
  std::string scene;  ///< words of --scene
  FailOn fail_on;
  bool allow_unknown = false;
  std::set<std::string, std::less<>> measured_of;  ///< the facts that `measure` needs
  /// Adds the facts that are measured and not read; false where it was interrupted, and nothing is judged
  /// then.
  std::function<bool(FactDocument&)> measure;
};

/// A host that has been judged.
struct Judgement {
  FactDocument facts;
  Scene scene;
  std::vector<Finding> findings;
  Verdict verdict;
  std::vector<Text> notes;  ///< what a person should know of the waivers
};

/// Reads what the rules need and judges it. Throws InputError as read_host does.
Judgement judge(const JudgeBy& by);

/// How long to wait for a host that is not fit yet. [seconds]
struct Waiting {
  double limit = 0;
  double every = 5;
};

/// The pause after one of `seconds`: half as long again, up to 30 s (or the first pause, where that is
/// longer).
double next_pause(double seconds, const Waiting& waiting);

/// Judges until the status is 0 or the time is up. Between, only those facts are read again that the rules
/// need which keep the status from being 0; what is given at the end as fit was read at one time. A line on
/// standard error for each round.
Judgement judge_until_fit(const JudgeBy& by, const Waiting& waiting, Lang lang);

}  // namespace ms
