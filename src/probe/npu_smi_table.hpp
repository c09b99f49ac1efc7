#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"

namespace ms {

/// The cells of a line "| a | b |", trimmed; none where the line is not a row of a table.
std::vector<std::string_view> table_cells(std::string_view line);

/// The words of a cell, in which "3402 / 65536", "3402/65536" and "3402/ 65536" are three words each.
std::vector<std::string> cell_words(std::string_view cell);

/// The first word of a cell as a number, when it is one.
std::optional<std::int64_t> leading_int(std::string_view cell);

bool is_bus_id(std::string_view text);

/// "used / total" in a cell.
struct UsedOfTotal {
  Reading<std::int64_t> used;
  Reading<std::int64_t> total;
};

/// The numbers of the right-hand cell of a row: some single ones, then some pairs "used / total". Where one
/// is not there or is no number it is absent, and says so with the name of its column.
class Metrics {
 public:
  explicit Metrics(std::string_view cell);

  /// The next single number.
  Reading<double> number(std::string_view column);
  /// The next pair, each number times `unit`.
  UsedOfTotal pair(std::string_view column, std::int64_t unit);
  /// How many pairs are left.
  int pairs_left() const;

 private:
  bool at_pair() const { return next_ + 1 < words_.size() && words_[next_ + 1] == "/"; }

  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

}  // namespace ms
