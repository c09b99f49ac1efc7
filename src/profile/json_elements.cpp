#include "profile/json_elements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "profile/byte_scan.hpp"

namespace ms::profile {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;

bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

// Whether the quote ends its string: an odd number of backslashes before it would make it part of it.
bool ends_string(const char* begin, const char* quote) {
  const char* behind = quote;
  while (behind > begin && behind[-1] == '\\') --behind;
  return (quote - behind) % 2 == 0;
}

// The first bracket, brace or quote in [at, end).
const char* find_structure(const char* at, const char* end) {
  return find_byte(at, end, [](std::uint64_t word) {
    // With bit 5 set '[' is '{' and ']' is '}'; no other ASCII byte becomes one.
    const std::uint64_t lower = word | repeat(' ');
    return equal_bytes(word, repeat('"')) | equal_bytes(lower, repeat('{')) | equal_bytes(lower, repeat('}'));
  });
}

}  // namespace

JsonElements::JsonElements(ByteSource& source, FileReport& report, std::string_view member)
    : source_(source), report_(report), member_(member), buffer_(kBlock) {}

// Reads more behind what is there; drops what lies before kept_. False at the end of the file.
bool JsonElements::fill() {
  if (kept_ > 0) {
    lines_ += static_cast<std::size_t>(
        std::count(buffer_.data() + std::min(counted_, kept_), buffer_.data() + kept_, '\n'));
    counted_ = std::max(counted_, kept_) - kept_;
    std::memmove(buffer_.data(), buffer_.data() + kept_, end_ - kept_);
    at_ -= kept_;
    end_ -= kept_;
    kept_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const std::size_t count = source_.read(std::span(buffer_).subspan(end_));
  end_ += count;
  return count > 0;
}

// The byte at the cursor; false at the end of the file.
bool JsonElements::peek(char& byte) {
  if (at_ == end_ && !fill()) return false;
  byte = buffer_[at_];
  return true;
}

// Goes to the next byte that is no white space; what lies before is dropped. False at the end of the file.
bool JsonElements::skip_space() {
  char byte = 0;
  while (peek(byte)) {
    if (!is_space(byte)) {
      kept_ = at_;
      return true;
    }
    kept_ = ++at_;
  }
  return false;
}

bool JsonElements::fail(std::string reason) {
  if (!source_.failure().empty()) reason = source_.failure();
  report_.bad(line_, std::move(reason));
  state_ = State::ended;
  return false;
}

// Reads the string at the cursor, without its quotes.
bool JsonElements::take_string(std::string_view& text) {
  std::size_t offset = at_ + 1 - kept_;
  while (true) {
    const char* const begin = buffer_.data() + kept_ + offset;
    const auto* quote = static_cast<const char*>(
        std::memchr(begin, '"', static_cast<std::size_t>(buffer_.data() + end_ - begin)));
    if (quote == nullptr) {
      offset = end_ - kept_;
      if (offset > kMaxElementBytes || !fill()) return false;
      continue;
    }
    offset = static_cast<std::size_t>(quote - buffer_.data()) - kept_;
    ++offset;
    if (ends_string(buffer_.data() + at_ + 1, quote)) break;
  }
  const std::size_t start = at_ + 1;
  at_ = kept_ + offset;
  text = {buffer_.data() + start, at_ - 1 - start};
  return true;
}

// Reads the value at the cursor into text_. False when the file ends within it.
bool JsonElements::take_value() {
  lines_ += static_cast<std::size_t>(std::count(buffer_.data() + counted_, buffer_.data() + at_, '\n'));
  counted_ = at_;
  line_ = lines_;
  kept_ = at_;
  const char first = buffer_[at_];
  if (first == '"') {
    if (!take_string(text_)) return false;
    text_ = {buffer_.data() + kept_, at_ - kept_};
    return true;
  }
  if (first != '{' && first != '[') {
    char byte = 0;
    while (peek(byte) && !is_space(byte) && byte != ',' && byte != ']' && byte != '}') {
      ++at_;
      if (at_ - kept_ > kMaxElementBytes) return false;
    }
    text_ = {buffer_.data() + kept_, at_ - kept_};
    return true;
  }
  bool too_large = false;
  std::size_t depth = 0;
  bool in_string = false;
  while (true) {
    const char* const end = buffer_.data() + end_;
    const char* at = buffer_.data() + at_;
    while (at < end) {
      if (in_string) {
        const auto* quote =
            static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
        if (quote == nullptr) break;
        in_string = !ends_string(buffer_.data(), quote);
        at = quote + 1;
        continue;
      }
      at = find_structure(at, end);
      if (at == end) break;
      const char byte = *at++;
      if (byte == '"') {
        in_string = true;
      } else if (byte == '{' || byte == '[') {
        ++depth;
      } else if (--depth == 0) {
        at_ = static_cast<std::size_t>(at - buffer_.data());
        text_ = {buffer_.data() + kept_, at_ - kept_};
        if (!too_large) return true;
        report_.bad(line_, fmt::format("an element of more than {} bytes", kMaxElementBytes));
        text_ = {};
        return true;
      }
    }
    at_ = end_;
    if (end_ - kept_ > kMaxElementBytes) {
      too_large = true;
      // The last bytes stay, for the backslashes before a quote.
      constexpr std::size_t kTail = 64;
      kept_ = end_ - kTail;
    }
    if (!fill()) return false;
  }
}

// Enters the array or object that holds the elements.
bool JsonElements::open() {
  char byte = 0;
  if (at_ == 0 && end_ == 0) {
    while (end_ < 3 && fill()) {
    }
    if (std::string_view(buffer_.data(), end_).starts_with("\xef\xbb\xbf")) at_ = 3;
  }
  if (!skip_space()) return fail(source_.consumed() == 0 ? "the file is empty" : "the file holds nothing");
  byte = buffer_[at_];
  if (byte != '{' && byte != '[') return fail("neither a JSON object nor a JSON array");
  object_ = byte == '{';
  kept_ = ++at_;
  return !object_ || member_.empty() || enter(member_);
}

// Goes on to the array or object that is this member of the object at the cursor.
bool JsonElements::enter(std::string_view member) {
  while (skip_space()) {
    if (buffer_[at_] == ',') {
      kept_ = ++at_;
      continue;
    }
    if (buffer_[at_] != '"') break;
    std::string_view name;
    if (!take_string(name)) break;
    const bool wanted = name == member;
    if (!skip_space() || buffer_[at_] != ':') break;
    kept_ = ++at_;
    if (!skip_space()) break;
    if (wanted && (buffer_[at_] == '[' || buffer_[at_] == '{')) {
      object_ = buffer_[at_] == '{';
      kept_ = ++at_;
      return true;
    }
    if (!take_value()) break;
    kept_ = at_;
  }
  return fail(fmt::format("no list '{}'", member));
}

bool JsonElements::next_document() {
  kept_ = at_;
  if (state_ != State::ended || !skip_space() || (buffer_[at_] != '{' && buffer_[at_] != '[')) return false;
  state_ = State::start;
  key_.clear();
  return true;
}

bool JsonElements::next() {
  if (state_ == State::start) {
    state_ = State::inside;
    if (!open()) return false;
  }
  if (state_ == State::ended) return false;
  kept_ = at_;
  while (true) {
    if (!skip_space()) {
      if (!source_.failure().empty()) return fail({});
      report_.note({"the file ends before its last bracket", "文件在最后一个括号之前结束"});
      state_ = State::ended;
      return false;
    }
    const char byte = buffer_[at_];
    if (byte == ',') {
      kept_ = ++at_;
      continue;
    }
    if (byte == ']' || byte == '}') {
      ++at_;
      state_ = State::ended;
      return false;
    }
    if (object_) {
      std::string_view name;
      if (byte != '"') {
        // Not the name of a member: taken for a value that has none, so that the next member is found.
        if (byte == ':') {
          kept_ = ++at_;
          continue;
        }
        if (!take_value()) return fail("the file is cut off");
        report_.bad(line_, "a member without a name");
        kept_ = at_;
        continue;
      }
      if (!take_string(name)) return fail("the file is cut off");
      key_ = name;
      if (!skip_space()) return fail("the file is cut off");
      if (buffer_[at_] != ':') {
        report_.bad(line_, fmt::format("no value for '{}'", key_.substr(0, 40)));
        continue;
      }
      kept_ = ++at_;
      if (!skip_space()) return fail("the file is cut off");
      if (buffer_[at_] == ',' || buffer_[at_] == '}') {
        report_.bad(line_, fmt::format("no value for '{}'", key_.substr(0, 40)));
        continue;
      }
    }
    if (!take_value()) return fail("the file is cut off");
    if (at_ == kept_) ++at_;  // a stray byte such as ':' is an element of its own
    if (text_.empty()) {
      kept_ = at_;
      continue;
    }
    return true;
  }
}

}  // namespace ms::profile
