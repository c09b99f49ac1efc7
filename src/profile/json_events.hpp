#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"
#include "profile/reading_report.hpp"

namespace ms::profile {

/// One event of a Chrome trace. Its views point into the buffer of the reader or at its scratch space and
/// hold until the next event is asked for.
struct TraceEvent {
  /// 'X' complete, 'C' counter, 'M' metadata, 's'/'f' ends of an arrow, 'i' instant; '\0' where there is
  /// none.
  char phase = '\0';
  std::string_view name;
  std::string_view category;
  std::string_view pid;  ///< as written, without quotes: producers use numbers and words
  std::string_view tid;
  std::optional<std::int64_t> start_ns;
  std::optional<std::int64_t> duration_ns;
  /// The text of the object `args`, for find_member(); empty where there is none.
  std::string_view args;
};

/// The value of a member of a JSON object given as text: a string without its quotes and with its escapes as
/// they stand, anything else as written. nullopt where there is no such member.
std::optional<std::string_view> find_member(std::string_view object, std::string_view key);

/// Reads a JSON array of flat objects of any length, such as trace_view.json of gigabytes, in blocks: memory
/// is bounded by two blocks, whatever the file. `[...]`, `{"traceEvents": [...]}` and a byte order mark are
/// taken.
///
/// Tolerant by record: an element that is no object, or whose syntax is broken, is reported with its place
/// and skipped; reading goes on at the next event. A file that ends early gives all events before its end.
class JsonEvents {
 public:
  /// Objects nested deeper, or longer, are no events.
  static constexpr int kMaxDepth = 64;
  static constexpr std::size_t kMaxEventBytes = std::size_t{1} << 20;

  JsonEvents(ByteSource& source, FileReport& report);

  /// The next event; false at the end of the array or of the file.
  bool next(TraceEvent& event);

  std::uint64_t events() const { return events_; }
  /// Whether the file ended before the array did; told after next() returned false.
  bool truncated() const { return truncated_; }

 private:
  enum class State { kBeforeArray, kInArray, kDone };

  std::uint64_t offset() const { return consumed_ + begin_; }
  bool refill();
  bool finish(bool truncated);
  void bad(std::string_view reason);
  bool skip_separators();
  bool take(char expected);
  bool skip_past(std::string_view text);
  bool find_array();
  bool find_object();
  bool skip_element();
  std::string_view read_event(TraceEvent& event, std::uint64_t& stopped);
  bool resume(TraceEvent& event, std::uint64_t stopped);

  ByteSource& source_;
  FileReport& report_;
  State state_ = State::kBeforeArray;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;       // of what is not yet read, in buffer_
  std::size_t filled_ = 0;      // bytes in buffer_
  std::uint64_t consumed_ = 0;  // bytes that have left buffer_
  bool at_end_ = false;         // the source has no more
  bool truncated_ = false;
  char last_significant_ = '{';  // the last byte passed over behind a broken record that is no white space
  std::uint64_t events_ = 0;
  std::uint64_t bad_ = 0;
  std::string name_;  // where escapes were resolved
  std::string category_;
};

}  // namespace ms::profile
