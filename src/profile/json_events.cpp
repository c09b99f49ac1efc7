#include "profile/json_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "profile/json_cursor.hpp"
#include "profile/json_text.hpp"
#include "profile/microseconds.hpp"

namespace ms::profile {
namespace {

constexpr std::size_t kBufferBytes = 2 * JsonEvents::kMaxEventBytes;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kTraceEvents = "\"traceEvents\"";

constexpr std::string_view kNoObject = "not an object";
constexpr std::string_view kTooLong = "longer than 1 MiB";

constexpr std::string_view reason_of(ScanEnd end) {
  switch (end) {
    case ScanEnd::kNeedMore:
      return "the file ends inside this record";
    case ScanEnd::kTooDeep:
      return "nested deeper than 64 levels";
    case ScanEnd::kDone:
    case ScanEnd::kBroken:
      break;
  }
  return "not valid JSON";
}

/// How many objects inside a broken record may be broken as well before reading goes on behind the break:
/// bounds the work on hostile input.
constexpr int kMaxBrokenInside = 16;

/// The text of a member, and whether it has escapes.
struct RawText {
  std::string_view text;
  bool escaped = false;
};

/// The members of an event that are kept.
struct RawEvent {
  RawText phase, name, category, pid, tid, start, duration, args;
};

struct Member {
  std::string_view key;
  RawText RawEvent::*text;
};
constexpr std::array<Member, 8> kMembers = {{{"ph", &RawEvent::phase},
                                             {"name", &RawEvent::name},
                                             {"pid", &RawEvent::pid},
                                             {"tid", &RawEvent::tid},
                                             {"ts", &RawEvent::start},
                                             {"dur", &RawEvent::duration},
                                             {"args", &RawEvent::args},
                                             {"cat", &RawEvent::category}}};

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Texts with escapes go through `scratch`.
std::string_view decoded(const RawText& raw, std::string& scratch) {
  if (!raw.escaped) {
    return raw.text;
  }
  scratch = unescape(raw.text);
  return scratch;
}

/// A value, with its text: strings without their quotes.
ScanEnd scan_value(JsonScan& scan, RawText& raw) {
  const char* const begin = scan.at;
  if (*begin == '"') {
    return scan.string(raw.text, raw.escaped);
  }
  if (*begin != '{' && *begin != '[') {
    return scan.scalar(raw.text);
  }
  const ScanEnd end = scan.value(JsonEvents::kMaxDepth - 1);
  raw.text = {begin, static_cast<std::size_t>(scan.at - begin)};
  return end;
}

/// The object that `scan` stands on; at its end stands behind the closing bracket.
ScanEnd scan_event(JsonScan& scan, RawEvent& raw) {
  ++scan.at;
  scan.skip_space();
  if (scan.at != scan.end && *scan.at == '}') {
    ++scan.at;
    return ScanEnd::kDone;
  }
  while (true) {
    std::string_view key;
    RawText value;
    if (const ScanEnd end = scan.key(key); end != ScanEnd::kDone) {
      return end;
    }
    if (const ScanEnd end = scan_value(scan, value); end != ScanEnd::kDone) {
      return end;
    }
    for (const Member& member : kMembers) {
      if (member.key == key) {
        raw.*member.text = value;
        break;
      }
    }
    scan.skip_space();
    if (scan.at == scan.end) {
      return ScanEnd::kNeedMore;
    }
    const char separator = *scan.at++;
    if (separator == '}') {
      return ScanEnd::kDone;
    }
    if (separator != ',') {
      --scan.at;
      return ScanEnd::kBroken;
    }
    scan.skip_space();
  }
}

/// Whether an object found behind a broken record is an event, not a part of one.
bool looks_like_event(const TraceEvent& event) {
  return event.phase != '\0' || (!event.name.empty() && event.start_ns);
}

}  // namespace

std::optional<std::string_view> find_member(std::string_view object, std::string_view key) {
  if (!object.starts_with('{')) {
    return std::nullopt;
  }
  JsonScan scan{.at = object.data() + 1, .end = object.data() + object.size()};
  while (true) {
    std::string_view name;
    RawText value;
    scan.skip_space();
    if (scan.key(name) != ScanEnd::kDone || scan_value(scan, value) != ScanEnd::kDone) {
      return std::nullopt;
    }
    if (name == key) {
      return value.text;
    }
    scan.skip_space();
    if (scan.at == scan.end || *scan.at != ',') {
      return std::nullopt;
    }
    ++scan.at;
  }
}

JsonEvents::JsonEvents(ByteSource& source, FileReport& report)
    : source_(source), report_(report), buffer_(kBufferBytes) {}

/// Drops what was read and reads on; false when there is nothing more, or no room.
bool JsonEvents::refill() {
  if (at_end_ || (begin_ == 0 && filled_ == buffer_.size())) {
    return false;
  }
  std::memmove(buffer_.data(), buffer_.data() + begin_, filled_ - begin_);
  consumed_ += begin_;
  filled_ -= begin_;
  begin_ = 0;
  const std::size_t got = source_.read(std::span(buffer_).subspan(filled_));
  filled_ += got;
  at_end_ = got == 0;
  return got != 0;
}

bool JsonEvents::finish(bool truncated) {
  truncated_ = truncated;
  state_ = State::kDone;
  return false;
}

void JsonEvents::bad(std::string_view reason) {
  ++bad_;
  report_.bad_at(fmt::format("{}: event {} at byte {}", report_.path, events_ + bad_, offset()),
                 std::string(reason));
}

/// Stands on the next byte that is neither white space nor comma; false at the end of the file.
bool JsonEvents::skip_separators() {
  while (true) {
    while (begin_ < filled_ && (is_space(buffer_[begin_]) || buffer_[begin_] == ',')) {
      ++begin_;
    }
    if (begin_ < filled_) {
      return true;
    }
    if (!refill()) {
      return false;
    }
  }
}

bool JsonEvents::take(char expected) {
  if (!skip_separators() || buffer_[begin_] != expected) {
    return false;
  }
  ++begin_;
  return true;
}

/// Stands behind the next `text`; false when the file has no more of it.
bool JsonEvents::skip_past(std::string_view text) {
  while (true) {
    const std::string_view window(buffer_.data() + begin_, filled_ - begin_);
    if (const std::size_t found = window.find(text); found != std::string_view::npos) {
      begin_ += found + text.size();
      return true;
    }
    begin_ = filled_ - std::min(window.size(), text.size() - 1);
    if (!refill()) {
      return false;
    }
  }
}

bool JsonEvents::find_array() {
  while (filled_ < kByteOrderMark.size() && refill()) {
  }
  if (std::string_view(buffer_.data(), filled_).starts_with(kByteOrderMark)) {
    begin_ = kByteOrderMark.size();
  }
  if (!skip_separators()) {
    return finish(true);
  }
  state_ = State::kInArray;
  if (take('[')) {
    return true;
  }
  if (buffer_[begin_] != '{') {
    bad("neither an array nor an object");
    return finish(false);
  }
  // What stands before the array is passed over as text: it may be longer than the buffer.
  while (skip_past(kTraceEvents)) {
    if (take(':') && take('[')) {
      return true;
    }
  }
  bad("an object without the array traceEvents");
  return finish(false);
}

/// Reads the object at begin_ and stands behind it. Where it is broken, begin_ stays and `stopped` is how far
/// it made sense. [byte of the file]
std::string_view JsonEvents::read_event(TraceEvent& event, std::uint64_t& stopped) {
  while (true) {
    RawEvent raw;
    JsonScan scan{.at = buffer_.data() + begin_, .end = buffer_.data() + filled_};
    const ScanEnd end = scan_event(scan, raw);
    const std::size_t length = static_cast<std::size_t>(scan.at - buffer_.data()) - begin_;
    stopped = offset() + length;
    if (length > kMaxEventBytes) {
      return kTooLong;
    }
    if (end == ScanEnd::kNeedMore && refill()) {
      continue;
    }
    if (end != ScanEnd::kDone) {
      return reason_of(end);
    }
    event = {.phase = raw.phase.text.empty() ? '\0' : raw.phase.text.front(),
             .name = decoded(raw.name, name_),
             .category = decoded(raw.category, category_),
             .pid = raw.pid.text,
             .tid = raw.tid.text,
             .start_ns = parse_microseconds(raw.start.text),
             .duration_ns = parse_microseconds(raw.duration.text),
             .args = raw.args.text.starts_with('{') ? raw.args.text : std::string_view{}};
    begin_ += length;
    return {};
  }
}

/// Stands on the next object that does not follow a colon, as `args` does; false at the end of the file.
bool JsonEvents::find_object() {
  while (true) {
    for (; begin_ < filled_; ++begin_) {
      const char byte = buffer_[begin_];
      if (byte == '{' && last_significant_ != ':') {
        return true;
      }
      if (!is_space(byte)) {
        last_significant_ = byte;
      }
    }
    if (!refill()) {
      return false;
    }
  }
}

/// The next event behind the broken record at begin_, which may have swallowed others up to `stopped`.
bool JsonEvents::resume(TraceEvent& event, std::uint64_t stopped) {
  const bool cut_off = at_end_ && stopped == consumed_ + filled_;
  last_significant_ = '{';
  ++begin_;
  int broken = 0;
  while (find_object()) {
    std::uint64_t stopped_again = 0;
    const std::string_view reason = read_event(event, stopped_again);
    if (reason.empty() && looks_like_event(event)) {
      ++events_;
      return true;
    }
    if (reason.empty()) {
      last_significant_ = '}';
      continue;
    }
    stopped = std::max(stopped, stopped_again);
    last_significant_ = '{';
    if (++broken < kMaxBrokenInside) {
      ++begin_;
    } else {
      begin_ += static_cast<std::size_t>(stopped - offset());
      broken = 0;
    }
  }
  // A document of which the last record is broken still ends in its brackets.
  return finish(cut_off || (last_significant_ != ']' && last_significant_ != '}'));
}

/// An element that is no object: one bad record, unless it is broken as well.
bool JsonEvents::skip_element() {
  while (true) {
    JsonScan scan{.at = buffer_.data() + begin_, .end = buffer_.data() + filled_};
    const ScanEnd end = scan.value(kMaxDepth);
    if (end == ScanEnd::kNeedMore && refill()) {
      continue;
    }
    bad(kNoObject);
    if (end == ScanEnd::kDone) {
      begin_ = static_cast<std::size_t>(scan.at - buffer_.data());
    }
    return end == ScanEnd::kDone;
  }
}

bool JsonEvents::next(TraceEvent& event) {
  if (state_ == State::kDone || (state_ == State::kBeforeArray && !find_array())) {
    return false;
  }
  while (skip_separators()) {
    if (buffer_[begin_] == ']') {
      return finish(false);
    }
    if (buffer_[begin_] != '{') {
      if (!skip_element()) {
        return resume(event, offset());
      }
      continue;
    }
    std::uint64_t stopped = 0;
    const std::string_view reason = read_event(event, stopped);
    if (reason.empty()) {
      ++events_;
      return true;
    }
    bad(reason);
    return resume(event, stopped);
  }
  return finish(true);
}

}  // namespace ms::profile
