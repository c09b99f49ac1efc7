#include "profile/rows.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "profile/run.hpp"

namespace ms::profile {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};

constexpr std::array<Unit, 8> kUnits = {{{"(ms)", 1e-3},
                                         {"(microsecond)", 1e-6},
                                         {"(us)", 1e-6},
                                         {"(\xce\xbcs)", 1e-6},
                                         {"(\xc2\xb5s)", 1e-6},
                                         {"(ns)", 1e-9},
                                         {"(s)", 1},
                                         {"", 1e-3}}};

std::string_view unit_name(double seconds) {
  if (seconds == 1) return "s";
  if (seconds == 1e-3) return "ms";
  return seconds == 1e-6 ? "\xc2\xb5s" : "ns";
}

// Days from 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant, chrono-compatible date
// algorithms).
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

// The number of `digits` digits at `at`; nullopt where other characters stand there.
std::optional<std::int64_t> digits_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// The part of a second that digits behind a point say; 0 where they are none.
double fraction_of(std::string_view digits) {
  constexpr std::size_t kMostDigits = 15;
  double unit = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) unit *= 10;
  const auto value = digits.size() <= kMostDigits ? digits_at(digits, 0, digits.size()) : std::nullopt;
  // Both are exact, so that the quotient is the nearest double.
  if (value) return static_cast<double>(*value) / unit;
  return parse_double("0." + std::string(digits)).value_or(0);
}

// Whether a cell begins as a date does: "2025-".
bool begins_as_date(std::string_view cell) {
  constexpr std::size_t kDate = 19;
  return cell.size() >= kDate && cell[4] == '-' && cell[7] == '-';
}

}  // namespace

double NumberColumn::at(std::span<const std::string_view> cells) const {
  return parse_number(cell_of(cells, column_)).value_or(kNone);
}

TimeColumn::TimeColumn(const CsvHeader& header, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    column_ = header.column({name});
    if (!column_) continue;
    name_ = name;
    for (const Unit& unit : kUnits) {
      if (!name.ends_with(unit.name)) continue;
      unit_ = unit.seconds;
      break;
    }
    break;
  }
}

double TimeColumn::at(std::span<const std::string_view> cells) {
  const std::string_view cell = cell_of(cells, column_);
  if (cell.empty()) return kNone;
  if (begins_as_date(cell)) {
    if (const auto date = parse_datetime(cell)) return *date;
  }
  const auto quantity = parse_quantity(cell);
  if (!quantity) return kNone;
  if (!quantity->unit.empty()) {
    if (const auto date = parse_datetime(cell)) return *date;
    return parse_seconds(cell, unit_).value_or(kNone);
  }
  double unit = 0;
  if (const auto epoch = epoch_seconds(quantity->value, unit)) {
    if (unit != unit_) found_ = unit;
    return *epoch;
  }
  return quantity->value * unit_;
}

void TimeColumn::note_unit(FileReport& report) const {
  if (found_ == 0 || !name_.ends_with(')')) return;
  report.note({fmt::format("column {} holds {}: corrected", name_, unit_name(found_)),
               fmt::format("列 {} 的实际单位为 {}：已修正", name_, unit_name(found_))});
}

std::optional<double> epoch_seconds(double value, double& unit) {
  // From 2001 (1e9 s) to 2286 (1e10 s), which leaves no doubt between one unit and the next.
  constexpr double kFirst = 1e9;
  constexpr double kLast = 1e10;
  if (value < kFirst * 1e3) return std::nullopt;  // nearly all: durations
  for (const double candidate : {1.0, 1e-3, 1e-6, 1e-9}) {
    const double seconds = value * candidate;
    // Seconds are not told from durations in smaller units, and nobody writes them.
    if (candidate == 1.0 || seconds < kFirst || seconds >= kLast) continue;
    unit = candidate;
    return seconds;
  }
  return std::nullopt;
}

std::optional<double> parse_datetime(std::string_view text) {
  constexpr std::int64_t kShanghai = std::int64_t{8} * 3600;
  text = trim(text);
  const auto year = digits_at(text, 0, 4);
  const auto month = digits_at(text, 5, 2);
  const auto day = digits_at(text, 8, 2);
  const auto hour = digits_at(text, 11, 2);
  const auto minute = digits_at(text, 14, 2);
  const auto second = digits_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  const double fraction = text.size() > 20 ? fraction_of(text.substr(20)) : 0;
  const std::int64_t seconds =
      days_from_civil(*year, *month, *day) * 86400 + *hour * 3600 + *minute * 60 + *second - kShanghai;
  return static_cast<double>(seconds) + fraction;
}

}  // namespace ms::profile
