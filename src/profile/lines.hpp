#pragma once

#include <string_view>
#include <vector>

#include "base/byte_source.hpp"

namespace ms::profile {

/// Lines of a text file, one at a time, in bounded memory.
class LineReader {
 public:
  /// Of a longer line only the start is given.
  static constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;

  explicit LineReader(ByteSource& source);

  /// Goes to the next line; false at the end.
  bool next();

  /// The line without its end. Valid until next().
  std::string_view text() const { return text_; }
  /// Counted from 1.
  std::size_t line() const { return line_; }
  /// Whether the line was longer than kMaxLineBytes.
  bool cut() const { return cut_; }

 private:
  bool fill();

  ByteSource& source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t line_ = 0;
  bool cut_ = false;
  std::string_view text_;
};

}  // namespace ms::profile
