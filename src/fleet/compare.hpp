#pragma once

#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "fleet/difference.hpp"
#include "rule/finding.hpp"
#include "rule/rule.hpp"
#include "rule/scene.hpp"
#include "rule/verdict.hpp"

namespace ms {

/// A host that is compared.
struct ComparedHost {
  std::string name;    ///< what tells it from the others: its host name, or the file
  std::string source;  ///< the file
  FactDocument facts;
};

/// What a rule says of each host, where it does not say the same of all.
struct RuleOutcomes {
  const Rule* rule = nullptr;
  std::vector<Outcome> outcomes;  ///< by host: the worst of its findings
};

/// Why a difference is or is not worth a look, the gravest first.
enum class Weight {
  decides,   ///< a rule that reads the fact ends differently on the hosts
  read,      ///< a rule reads it, and ends the same on all
  unread,    ///< no rule reads it
  expected,  ///< it may differ between hosts in the same state
};

inline constexpr std::array<std::string_view, 4> kWeightNames = {"decides", "read", "unread", "expected"};
constexpr std::string_view name_of(Weight weight) {
  return kWeightNames[static_cast<std::size_t>(weight)];
}

struct WeighedDifference {
  Difference difference;
  Weight weight = Weight::unread;
  std::vector<std::string> rules;  ///< ids: those that end differently, otherwise those that read it
};

struct Comparison {
  std::vector<std::string> names;              ///< of the hosts
  std::vector<std::string> sources;            ///< their files
  std::vector<WeighedDifference> differences;  ///< gravest first, then in order of the paths
  std::vector<RuleOutcomes> rules;             ///< those that end differently, in rule order
  std::size_t absent_everywhere = 0;           ///< facts that no host knows: nothing is said of them
  Verdict verdict;

  std::size_t count(Weight weight) const;
};

/// The worst of the findings of one rule.
Outcome worst_outcome(std::span<const Finding> findings);

/// What a rule's outcome hangs on. Only `when`, `for_each` and `check` count: the others word it.
struct RuleInputs {
  const Rule* rule = nullptr;
  std::vector<std::string> paths;    ///< of the facts, "npu.devices"
  std::vector<std::string> sources;  ///< the expressions
};

std::vector<RuleInputs> inputs_of(std::span<const Rule> rules);

/// Whether a rule's outcome may change with the fact at `pattern` ("npu.devices[].health"): of an element and
/// of a map it reads the fields that it names.
bool reads(const RuleInputs& rule, std::string_view pattern);

/// Compares hosts that were read in the same way. `only` are paths ("env", "memory.thp") to keep to, none for
/// all. The status is `failed` when a difference counts: when it is not an expected one, or when a rule of
/// those paths ends differently. The hosts must outlive the result.
Comparison compare_hosts(const std::vector<ComparedHost>& hosts, std::span<const Rule> rules,
                         const SceneCatalogue& scenes, std::string_view scene, const DifferenceTable& table,
                         const std::set<std::string, std::less<>>& only);

}  // namespace ms
