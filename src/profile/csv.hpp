#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"
#include "profile/reading_report.hpp"

namespace ms::profile {

/// The header of a CSV file: columns by name. Case, blanks, and the spelling of brackets do not matter:
/// "during_time(ms)" is also "During Time (ms)".
class CsvHeader {
 public:
  CsvHeader() = default;
  explicit CsvHeader(std::span<const std::string_view> cells);

  /// The column of the first of these names that there is.
  std::optional<std::size_t> column(std::initializer_list<std::string_view> names) const;

  std::size_t size() const { return names_.size(); }
  /// The names as they are compared.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

/// Records of a CSV file, one at a time, in bounded memory.
///
/// Accepts RFC 4180 quotes with line ends inside, a byte order mark, "\n", "\r\n" and "\r\r\n" as ends of
/// line, blank lines and bytes that are no UTF-8. What is wrong costs one line: a quote that nothing closes,
/// text behind a closing quote, a record longer than kMaxRecordBytes; it is counted in the report and reading
/// goes on at the next line.
class CsvReader {
 public:
  /// A record of more bytes is a mistake or an attack.
  static constexpr std::size_t kMaxRecordBytes = std::size_t{8} << 20;
  static constexpr std::size_t kMaxCells = 4096;

  CsvReader(ByteSource& source, FileReport& report, char separator = ',');

  /// Goes to the next record; false at the end. Blank lines are no records.
  bool next();

  /// Takes the next record for the header. From then on records of more cells than it has, and a last line
  /// that was cut off, are counted as bad and left out; records of fewer cells are not.
  const CsvHeader& read_header();

  /// The cells of the record, without quotes, otherwise as they stand. Valid until next().
  std::span<const std::string_view> cells() const { return cells_; }

  /// Counts the record as bad.
  void bad(std::string reason) { report_.bad(line_, std::move(reason)); }

  /// The line that the record starts in, counted from 1.
  std::size_t line() const { return line_; }

  /// Bytes of the file that hold what was read up to here, about: of a compressed one, before they grow.
  double bytes_read() const;

 private:
  bool fill();
  bool parse_plain_record();
  bool parse_record();
  bool fits_header();
  std::string_view unquote(std::string_view cell);
  void skip_line(std::string reason);

  ByteSource& source_;
  FileReport& report_;
  char separator_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what was not consumed
  std::size_t end_ = 0;
  std::uint64_t filled_ = 0;  // bytes that came from the source
  bool at_end_ = false;
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
  bool unfinished_ = false;  // no end of line behind the record
  CsvHeader header_;
  std::vector<std::string_view> cells_;
};

/// A name of a column as CsvHeader compares it: "duringtime(ms)".
std::string column_key(std::string_view name);

/// The cell of a column; "" where the column or the cell is missing.
inline std::string_view cell_of(std::span<const std::string_view> cells, std::optional<std::size_t> column) {
  return column && *column < cells.size() ? cells[*column] : std::string_view();
}

/// A number with what stands behind it: "146.1 ms" is 146.1 and "ms".
struct Quantity {
  double value = 0;
  std::string_view unit;
};

/// The number at the start of a cell, and its unit. nullopt for a blank cell, for one that says that there is
/// none ("N/A", "nan", "None", "<NA>", "/", "-") and for what is no finite number.
std::optional<Quantity> parse_quantity(std::string_view cell);

/// The number of a cell, whatever its unit.
std::optional<double> parse_number(std::string_view cell);

/// Seconds of a duration: "12 ms", "1369651.99 us", "3 s"; a number alone is in `default_unit_seconds`.
std::optional<double> parse_seconds(std::string_view cell, double default_unit_seconds);

/// Whether a cell says that there is no value: it is blank, or "N/A", "nan", "None", "<NA>", "/", "-".
bool is_blank(std::string_view cell);

}  // namespace ms::profile
