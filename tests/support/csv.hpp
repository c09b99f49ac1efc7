#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace ms {

/// A line of a table, by the names in its first line.
using CsvRow = std::map<std::string, std::string>;

/// The rows of a CSV text; a quoted cell may hold commas, but no line end and no quotation mark.
inline std::vector<CsvRow> csv_rows(std::string_view text) {
  const auto cells_of = [](std::string_view line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    return cells;
  };
  std::vector<CsvRow> rows;
  std::vector<std::string> names;
  for (const std::string_view line : split_lines(text)) {
    const std::vector<std::string> cells = cells_of(line);
    if (names.empty()) {
      names = cells;
      continue;
    }
    CsvRow row;
    for (std::size_t i = 0; i < std::min(names.size(), cells.size()); ++i) row[names[i]] = cells[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace ms
