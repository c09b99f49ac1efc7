#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"
#include "profile/reading_report.hpp"

namespace ms::profile {

/// The elements of the array, or the members of the object, that a JSON file consists of, one at a time, each
/// as its text: files larger than memory are read so, and what is wrong inside an element costs that element.
///
/// Where the file is an object and `member` names one of its members ("traceEvents"), the elements are those
/// of that member, and other members are passed over.
class JsonElements {
 public:
  /// A larger element is a mistake or an attack: it is counted as bad and passed over.
  static constexpr std::size_t kMaxElementBytes = std::size_t{256} << 20;

  JsonElements(ByteSource& source, FileReport& report, std::string_view member = {});

  /// Goes to the next element; false at the end. A file that is no array and no object, or that is cut off,
  /// ends with that counted as bad.
  bool next();

  /// Behind the end: whether another object or array follows, as in files that results are appended to.
  /// next() then goes through its elements.
  bool next_document();

  /// The name of a member, as it is escaped; "" in an array.
  std::string_view key() const { return key_; }
  /// The text of the value, without white space at its ends. Valid until next().
  std::string_view text() const { return text_; }
  /// The line that the element starts in, counted from 1.
  std::size_t line() const { return line_; }

 private:
  enum class State { start, inside, ended };

  bool fill();
  bool peek(char& byte);
  bool skip_space();
  bool open();
  bool enter(std::string_view member);
  bool take_value();
  bool take_string(std::string_view& text);
  bool fail(std::string reason);

  ByteSource& source_;
  FileReport& report_;
  std::string member_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t kept_ = 0;     // what lies before is no longer needed
  std::size_t counted_ = 0;  // up to here ends of line were counted
  std::size_t line_ = 1;
  std::size_t lines_ = 1;
  State state_ = State::start;
  bool object_ = false;
  bool first_ = true;
  std::string key_;
  std::string_view text_;
};

}  // namespace ms::profile
