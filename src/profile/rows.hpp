#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/heap.hpp"
#include "profile/csv.hpp"
#include "profile/reading_report.hpp"

namespace ms::profile {

/// Rows of a table with named columns, of a CSV file or a database: the seam that lets one reader read both.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual const CsvHeader& header() const = 0;
  virtual bool next() = 0;
  /// Valid until next().
  virtual std::span<const std::string_view> cells() const = 0;
  /// Counts the current row as bad.
  virtual void bad(std::string reason) = 0;
  /// How many rows there will be, about, by what was read so far; 0 where that is not known.
  virtual std::size_t expected() const { return 0; }
};

/// Appends a row's value. A list that is full grows to what the table is expected to hold: growing by
/// doubling would copy a large table several times.
template <class T>
void append(std::vector<T>& list, const T& value, const Rows& rows) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  if (list.size() == list.capacity() && list.size() >= 4096) {
    list.reserve(
        std::clamp(rows.expected(), list.size() * 2, std::max(list.size() * 2, kMostBytes / sizeof(T))));
    use_huge_pages(list.data() + list.size(), (list.capacity() - list.size()) * sizeof(T));
  }
  list.push_back(value);
}

/// The rows of a CSV file.
class CsvRows final : public Rows {
 public:
  CsvRows(ByteSource& bytes, FileReport& report)
      : report_(report), csv_(bytes, report), header_(csv_.read_header()) {}

  const CsvHeader& header() const override { return header_; }
  bool next() override { return csv_.next(); }
  std::span<const std::string_view> cells() const override { return csv_.cells(); }
  void bad(std::string reason) override { report_.bad(csv_.line(), std::move(reason)); }
  std::size_t expected() const override {
    const double done = csv_.bytes_read();
    constexpr double kMargin = 1.02;
    const double rows =
        done > 0 ? kMargin * static_cast<double>(report_.bytes) / done * static_cast<double>(csv_.line()) : 0;
    return static_cast<std::size_t>(std::min(rows, 1e9));
  }

 private:
  FileReport& report_;
  CsvReader csv_;
  CsvHeader header_;
};

/// A column of numbers; NaN where a cell has none.
class NumberColumn {
 public:
  NumberColumn(const CsvHeader& header, std::initializer_list<std::string_view> names)
      : column_(header.column(names)) {}

  explicit operator bool() const { return column_.has_value(); }
  double at(std::span<const std::string_view> cells) const;

 private:
  std::optional<std::size_t> column_;
};

/// A column of times or durations. Its unit is what its name says ("(ms)", "(microsecond)", "(ns)", "(s)"),
/// milliseconds where it says nothing; a time since 1970 is told by its magnitude, whatever the name says.
class TimeColumn {
 public:
  TimeColumn(const CsvHeader& header, std::initializer_list<std::string_view> names);

  explicit operator bool() const { return column_.has_value(); }
  /// Seconds; NaN where the cell has no time. Dates ("2025-12-06 13:46:40:000999") are of the zone
  /// Asia/Shanghai, as the profiler writes them.
  double at(std::span<const std::string_view> cells);

  /// Says in the report where the name of the column was wrong.
  void note_unit(FileReport& report) const;

 private:
  std::optional<std::size_t> column_;
  std::string name_;
  double unit_ = 1e-3;
  double found_ = 0;  // unit of the times since 1970 that were seen
};

/// Seconds since 1970 of a number that is a time since 1970 in s, ms, µs or ns; its unit goes to `unit`.
/// nullopt where it is too small to be one.
std::optional<double> epoch_seconds(double value, double& unit);

/// Seconds since 1970 of "2025-12-06 13:46:40:000999", "2025-12-06 13:46:40.5" or "2025-12-06 13:46:40" in
/// the zone Asia/Shanghai.
std::optional<double> parse_datetime(std::string_view text);

}  // namespace ms::profile
