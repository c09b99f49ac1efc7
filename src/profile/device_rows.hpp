#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "profile/csv.hpp"
#include "profile/input.hpp"
#include "profile/run.hpp"

namespace ms::profile {

/// The records of a table that a profiler of devices wrote: cells by column, blanks and tabs around them
/// dropped.
class DeviceRows {
 public:
  using Column = std::optional<std::size_t>;

  DeviceRows(Input& input, FileReport& report)
      : report_(report), reader_(input.bytes, report), header_(reader_.read_header()) {}

  Column column(std::initializer_list<std::string_view> names) const { return header_.column(names); }
  bool next() { return reader_.next(); }

  std::string_view text(Column column) const { return trim(cell_of(reader_.cells(), column)); }
  std::optional<double> number(Column column) const { return parse_number(text(column)); }
  /// A whole number that fits; "host" of a device and "N/A" are none.
  std::optional<int> integer(Column column) const {
    const auto value = parse_int(text(column));
    constexpr std::int64_t kLargest = 1 << 30;
    return value && *value >= 0 && *value < kLargest ? std::optional(static_cast<int>(*value)) : std::nullopt;
  }

  /// The number of a column without which the record is of no use: where it is none, that is counted.
  std::optional<double> needed(std::string_view name, Column column) {
    const auto value = number(column);
    if (!value) bad_number(name, column);
    return value;
  }

  /// Counts the record as used.
  void used() { ++report_.records; }
  /// Counts it as one that is left out.
  void bad(std::string reason) { report_.bad(reader_.line(), std::move(reason)); }
  /// The same for a cell that is no number.
  void bad_number(std::string_view column, Column at) {
    bad(std::string(column) + " is no number: '" + sanitize_utf8(text(at).substr(0, 40)) + "'");
  }

 private:
  FileReport& report_;
  CsvReader reader_;
  CsvHeader header_;
};

/// The card of each row: rows of one device follow each other, so the last one is kept.
class CardOfRow {
 public:
  CardOfRow(Run& run, const Input& input) : run_(run), folder_(input.folder) {}

  Card& of(std::optional<int> device) {
    if (card_ == nullptr || device != device_) {
      card_ = &run_.device.card(folder_, device);
      device_ = device;
    }
    return *card_;
  }

 private:
  Run& run_;
  std::string folder_;
  std::optional<int> device_;
  Card* card_ = nullptr;
};

}  // namespace ms::profile
