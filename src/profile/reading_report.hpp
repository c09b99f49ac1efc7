#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/lang.hpp"

namespace ms::profile {

/// A record that could not be used, and was left out.
struct BadRecord {
  std::string place;   ///< "batch.csv:17", "ms_service_a-1.db: slice 9"
  std::string reason;  ///< "12 cells, the header has 10"
};

/// What became of one file.
struct FileReport {
  std::string path;  ///< below the folder that was searched
  std::string kind;  ///< name in the table of kinds; empty for a file that is of none
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;      ///< that were used
  std::uint64_t bad_records = 0;  ///< that were not
  std::vector<BadRecord> first_bad;
  std::vector<Text> notes;  ///< what was corrected, or left unread: "column (ms) holds µs: corrected"
  double seconds = 0;

  /// Only the first few are kept with their place; all are counted.
  static constexpr std::size_t kBadRecordsKept = 5;

  /// Counts a record that is left out, with its line.
  void bad(std::size_t line, std::string reason) {
    bad_at(path + ":" + std::to_string(line), std::move(reason));
  }
  /// The same with a place that is not a line.
  void bad_at(std::string place, std::string reason) {
    ++bad_records;
    if (first_bad.size() < kBadRecordsKept) first_bad.push_back({std::move(place), std::move(reason)});
  }
  /// Says something once.
  void note(Text text) {
    for (const Text& known : notes) {
      if (known.en == text.en) return;
    }
    notes.push_back(std::move(text));
  }
};

}  // namespace ms::profile
