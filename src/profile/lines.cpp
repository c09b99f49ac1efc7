#include "profile/lines.hpp"

#include <cstring>

namespace ms::profile {

LineReader::LineReader(ByteSource& source) : source_(source), buffer_(std::size_t{128} << 10) {
  while (end_ < 3 && fill()) {
  }
  if (std::string_view(buffer_.data(), end_).starts_with("\xef\xbb\xbf")) begin_ = 3;
}

bool LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const std::size_t count = source_.read(std::span(buffer_).subspan(end_));
  end_ += count;
  return count > 0;
}

bool LineReader::next() {
  bool skipping = cut_;
  cut_ = false;
  std::size_t searched = 0;
  while (true) {
    const auto* newline = static_cast<const char*>(
        std::memchr(buffer_.data() + begin_ + searched, '\n', end_ - begin_ - searched));
    if (newline != nullptr) {
      const auto size = static_cast<std::size_t>(newline - buffer_.data()) - begin_;
      text_ = {buffer_.data() + begin_, size};
      begin_ += size + 1;
      if (skipping) {  // the rest of a line whose start was given
        skipping = false;
        searched = 0;
        continue;
      }
      break;
    }
    searched = end_ - begin_;
    if (searched >= kMaxLineBytes) {
      text_ = {buffer_.data() + begin_, searched};
      begin_ = end_;
      searched = 0;
      if (skipping) continue;
      cut_ = true;
      break;
    }
    if (!fill()) {
      if (begin_ == end_ || skipping) return false;
      text_ = {buffer_.data() + begin_, end_ - begin_};
      begin_ = end_;
      break;
    }
  }
  while (!text_.empty() && text_.back() == '\r') text_.remove_suffix(1);
  ++line_;
  return true;
}

}  // namespace ms::profile
