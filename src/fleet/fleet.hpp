#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/lang.hpp"
#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "fleet/difference_table.hpp"
#include "rule/library.hpp"
#include "rule/verdict.hpp"

namespace ms {

/// What a fleet is judged by.
struct FleetOptions {
  const std::vector<FactSpec>& facts;
  const RuleLibrary& library;
  const DifferenceTable& table;
  std::string scene;  ///< words as of --scene; empty: detected on each host
  FailOn fail_on = Severity::error;
  bool allow_unknown = false;
  std::vector<std::string> shown_facts;  ///< of --facts: counted even where they are the same everywhere
  unsigned threads = 2;
  FactDocument defaults;  ///< what a record is taken to say where it lacks a fact: nothing was asked for
  /// Reads a record whole, redacted, as precheck would: of the few hosts whose values are shown.
  std::function<FactDocument(const std::string& file)> read_record;
};

/// A host of the fleet. Hosts are in order of the files.
struct FleetHost {
  std::string name;
  std::string file;
  int status = 0;  ///< as of precheck
};

/// A file that could not be judged.
struct FleetProblem {
  std::string file;
  std::string reason;
};

/// A rule in the columns of the matrix.
struct FleetRule {
  std::string id;
  std::string severity;
  Text title;
  std::map<Outcome, std::size_t> counts;  ///< hosts by outcome
  std::map<Outcome, std::string> found;   ///< what the first host of that outcome has
};

/// Hosts on which every rule ends the same.
struct FleetGroup {
  int status = 0;
  std::vector<std::uint32_t> hosts;
  std::vector<std::optional<Outcome>> outcomes;  ///< by rule; none where the report lacks it
};

/// A value and the hosts that have it.
struct FleetValue {
  std::string text;  ///< as a person reads it; of lists what sets it apart from the most common one
  std::vector<std::uint32_t> hosts;
};

/// A fact that is not the same on all records, or that was asked for.
struct FleetFact {
  std::string path;
  bool is_read = false;  ///< by a rule
  std::size_t distinct =
      0;  ///< different values; more than `values` holds where nearly each host has its own
  std::vector<FleetValue> values;  ///< most hosts first
};

/// Hosts that differ from most, in the same things.
struct FleetOutlier {
  std::vector<std::uint32_t> hosts;
  struct Item {
    std::string what;  ///< a fact's path or a rule's id
    std::string here;
    std::string most;
    bool is_rule = false;
  };
  std::vector<Item> items;
  int weight = 2;  ///< 0: a rule ends differently; 1: a rule reads one of the facts; 2: neither
};

/// One picture of many hosts.
struct Fleet {
  std::size_t files = 0;
  std::size_t records = 0;
  std::size_t reports = 0;
  std::vector<FleetHost> hosts;
  std::vector<FleetProblem> problems;
  std::vector<FleetRule> rules;        ///< in rule order
  std::vector<FleetGroup> groups;      ///< the smallest first
  std::vector<FleetFact> facts;        ///< in order of the paths
  std::vector<FleetOutlier> outliers;  ///< the gravest first, then the rarest
  Verdict verdict;

  std::size_t count(ExitStatus status) const;
};

/// Reads the files, one at a time in each thread, and keeps only what sets hosts apart. What is wrong with a
/// file is a problem in the result. The status is the worst of the hosts, and `undecided` where a file could
/// not be judged and no host failed.
Fleet read_fleet(const std::vector<std::string>& files, const FleetOptions& options);

}  // namespace ms
