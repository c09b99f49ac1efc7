#include "profile/json_descent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace ms::profile {

std::string read_whole(ByteSource& source, std::size_t max_bytes, FileReport& report) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::string text;
  while (text.size() < max_bytes) {
    const std::size_t before = text.size();
    text.resize(std::min(before + kBlock, max_bytes));
    const std::size_t count = source.read(std::span(text).subspan(before));
    text.resize(before + count);
    if (count == 0) return text;
  }
  report.note({.en = fmt::format("only the first {} MiB were read", max_bytes >> 20),
               .zh = fmt::format("仅读取了前 {} MiB", max_bytes >> 20)});
  return text;
}

std::string place_in(const FileReport& report, std::string_view text, std::size_t offset) {
  const Position position = position_of(text, offset);
  return fmt::format("{}:{}:{}", report.path, position.line, position.column);
}

}  // namespace ms::profile
