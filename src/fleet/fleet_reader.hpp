#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/lang.hpp"
#include "fleet/fleet.hpp"
#include "fleet/record_scan.hpp"
#include "rule/finding.hpp"

namespace ms {

/// The letter of a rule that a report lacks; those of outcomes count from 'a'.
inline constexpr char kNoOutcome = 'z';

/// A host as one thread has read it.
struct FleetRow {
  std::size_t file = 0;
  std::string name;
  int status = 0;
  bool is_record = true;
  std::string outcomes;  ///< a letter for each column of the thread
};

/// What the first host of an outcome has found.
struct FleetSample {
  std::size_t file = 0;
  std::string actual;
};

/// A column of the matrix, as one thread numbers them.
struct FleetColumn {
  std::string id;
  std::string severity;
  Text title;
  std::map<Outcome, FleetSample> samples;
};

/// The files by the value that a fact has in them.
using FilesByValue = std::unordered_map<ValueHash, std::vector<std::size_t>, HashOfValueHash>;

/// What one thread has read of a fleet. Files are numbered in the order in which they were given.
struct FleetPart {
  std::vector<FleetRow> rows;
  std::vector<std::pair<std::size_t, std::string>> problems;  ///< files that could not be judged, and why
  std::vector<FleetColumn> columns;
  std::map<std::string, FilesByValue> facts;  ///< by path
};

/// Whether --facts names that path.
bool is_asked(const FleetOptions& options, const std::string& path);

/// Reads the files, one at a time in each thread.
std::vector<FleetPart> read_fleet_parts(const std::vector<std::string>& files, const FleetOptions& options);

}  // namespace ms
