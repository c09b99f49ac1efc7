#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "facts/catalogue.hpp"
#include "fleet/difference_table.hpp"
#include "rule/finding.hpp"

namespace ms {

/// Tells values apart without keeping them: 128 bits, so that two of millions do not meet.
struct ValueHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const ValueHash&) const = default;
};

struct HashOfValueHash {
  std::size_t operator()(const ValueHash& hash) const { return hash.low; }
};

/// What a hash is made of; the order of the words counts.
class ValueHasher {
 public:
  void word(std::uint64_t value);
  void text(std::string_view value);
  void add(const ValueHash& hash) {
    word(hash.low);
    word(hash.high);
  }
  ValueHash take() const { return {a_, b_}; }

 private:
  std::uint64_t a_ = 0x243f6a8885a308d3U;
  std::uint64_t b_ = 0x13198a2e03707344U;
};

/// A fact of a record: its text, and hashes of it.
struct ScannedFact {
  bool present = false;
  bool absent = false;    ///< a marker with the reason why it could not be read
  ValueHash full;         ///< of all of it
  ValueHash lasting;      ///< without what is expected to differ between hosts
  std::string_view text;  ///< the JSON, with what stands before it: ": 42"
};

/// What a report says of one rule.
struct ScannedFinding {
  std::string rule;
  std::string severity;
  std::string title;
  std::string actual;
  Outcome outcome = Outcome::skip;
};

/// One file: a record of `dump` or a report of `precheck --format json`.
struct ScannedFile {
  enum class Kind { record, report };
  Kind kind = Kind::record;
  std::string host;                      ///< may be empty
  std::optional<int> status;             ///< of a report
  std::vector<ScannedFinding> findings;  ///< of a report
};

/// Reads one file after the other without making trees of them: a fleet of ten thousand is seconds. Knows the
/// facts by numbers ("slots"): those that are declared, and each variable of the environment.
class RecordScanner {
 public:
  RecordScanner(const std::vector<FactSpec>& facts, const DifferenceTable& table);
  ~RecordScanner();
  RecordScanner(const RecordScanner&) = delete;
  RecordScanner& operator=(const RecordScanner&) = delete;

  /// Scans a text, which must outlive the use of facts(). Throws InputError when it is neither a record nor a
  /// report, or not JSON.
  ScannedFile scan(const std::string& text, const std::string& source);

  /// The slot of "memory.thp.mode" or "env.NAME"; it is made where there was none.
  std::size_t slot(const std::string& path);
  const std::string& path_of(std::size_t slot) const;
  std::size_t slot_count() const;
  /// Whether the whole fact is expected to differ between hosts.
  bool is_expected(std::size_t slot) const;

  /// A fact of the text that was scanned last.
  const ScannedFact& fact(std::size_t slot) const;

 private:
  class Handler;
  struct Node;
  struct Slots;
  std::unique_ptr<Slots> slots_;
};

}  // namespace ms
