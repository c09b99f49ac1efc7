#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lang.hpp"

namespace ms {

enum class Severity { info, warning, error };

enum class Outcome {
  fail,     ///< the host is not as the rule wants it
  error,    ///< the rule itself is broken: its expression went wrong
  unknown,  ///< a fact that the rule needs could not be read
  pass,
  skip,  ///< the rule does not apply to this host and scene
};

inline constexpr std::array<std::string_view, 3> kSeverityNames = {"info", "warning", "error"};
inline constexpr std::array<std::string_view, 5> kOutcomeNames = {"fail", "error", "unknown", "pass", "skip"};

constexpr std::string_view name_of(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}
constexpr std::string_view name_of(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

std::optional<Severity> severity_named(std::string_view name);

/// What puts a failed rule right. Names and values are ready to use: templates are filled in.
struct Fix {
  std::vector<std::pair<std::string, std::string>> env;  ///< variables to export
  std::vector<std::string> unset;                        ///< variables to unset
  std::vector<std::string> commands;                     ///< shell commands that need root
  Text note;                                             ///< what a person must do or decide; may be empty

  bool empty() const { return env.empty() && unset.empty() && commands.empty() && note.en.empty(); }
};

/// A fact that a finding rests on, and where it came from.
struct Evidence {
  std::string fact;    ///< "env.TASK_QUEUE_ENABLE"
  std::string source;  ///< "environment", "/sys/kernel/mm/transparent_hugepage/enabled"
};

/// Someone's word that a failure is accepted for now: what of a waiver a report shows.
struct Waived {
  std::string reason;
  std::string owner;
  std::string expires;     ///< the last day that it holds on: "2027-01-31"
  std::string defined_at;  ///< "waivers.toml:3"
};

/// What one rule says of this host, or of one element (an NPU, a variable) of it.
struct Finding {
  std::string rule;
  Outcome outcome = Outcome::pass;
  Severity severity = Severity::info;
  Text title;
  Text expected;
  Text actual;          ///< the value found; for skip, unknown and error: why
  std::string element;  ///< empty for a rule about the whole host
  std::vector<Evidence> provenance;
  Text why;
  Text disputed;  ///< empty unless sources contradict each other
  Fix fix;
  std::vector<std::string> source;    ///< who says so
  std::string defined_at;             ///< "precheck/env.toml:14", the place of the rule
  std::optional<Waived> waiver = {};  ///< of a failure that does not count
};

}  // namespace ms
