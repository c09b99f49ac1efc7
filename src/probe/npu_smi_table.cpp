#include "probe/npu_smi_table.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "probe/extract.hpp"

namespace ms {
namespace {

Absent no_value(std::string_view column, std::string_view shown) {
  if (shown.empty()) return Absent{fmt::format("npu-smi info shows nothing in column {}", column)};
  return Absent{fmt::format("npu-smi info shows {} in column {}", quoted_start(shown), column)};
}

Reading<std::int64_t> amount(std::string_view word, std::string_view column, std::int64_t unit) {
  const auto value = parse_int(word);
  std::int64_t scaled = 0;
  if (!value || *value < 0 || __builtin_mul_overflow(*value, unit, &scaled)) return no_value(column, word);
  return scaled;
}

}  // namespace

std::vector<std::string_view> table_cells(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('|')) return {};
  line.remove_prefix(1);
  if (line.ends_with('|')) line.remove_suffix(1);
  auto cells = split(line, '|');
  for (std::string_view& cell : cells) cell = trim(cell);
  return cells;
}

std::vector<std::string> cell_words(std::string_view cell) {
  std::vector<std::string> words;
  bool in_word = false;
  for (const char c : cell) {
    if (c == ' ' || c == '\t' || c == '/') {
      in_word = false;
      if (c == '/') words.emplace_back("/");
      continue;
    }
    if (!in_word) words.emplace_back();
    words.back() += c;
    in_word = true;
  }
  return words;
}

std::optional<std::int64_t> leading_int(std::string_view cell) {
  return parse_int(cell.substr(0, cell.find_first_of(" \t")));
}

bool is_bus_id(std::string_view text) {
  static const RE2 pattern(R"([0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f])");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

Metrics::Metrics(std::string_view cell) : words_(cell_words(cell)) {}

Reading<double> Metrics::number(std::string_view column) {
  if (next_ >= words_.size() || at_pair()) return no_value(column, "");
  const std::string& word = words_[next_++];
  const auto value = parse_double(word);
  if (!value) return no_value(column, word);
  return *value;
}

UsedOfTotal Metrics::pair(std::string_view column, std::int64_t unit) {
  // What stands before the pair belongs to no column that is known.
  while (next_ < words_.size() && !at_pair()) ++next_;
  if (next_ + 2 >= words_.size()) {
    next_ = words_.size();
    return {no_value(column, ""), no_value(column, "")};
  }
  const std::size_t used = std::exchange(next_, next_ + 3);
  return {amount(words_[used], column, unit), amount(words_[used + 2], column, unit)};
}

int Metrics::pairs_left() const {
  return static_cast<int>(std::count(words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end(), "/"));
}

}  // namespace ms
