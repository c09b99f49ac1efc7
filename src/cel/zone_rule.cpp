#include "cel/zone_rule.hpp"

#include <chrono>

namespace ms::cel {

// Reads a rule from front to back; each step is false where the text does not go on as it must.
struct ZoneRule::Reader {
  std::string_view rest;

  bool accept(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }

  // Letters, or anything between angle brackets: "CET", "<+0330>".
  bool name() {
    std::size_t size = 0;
    if (accept('<')) {
      size = rest.find('>');
      if (size == rest.npos) return false;
      rest.remove_prefix(size + 1);
      return size > 0;
    }
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    while (size < rest.size() && is_letter(rest[size])) ++size;
    rest.remove_prefix(size);
    return size >= 3;
  }

  bool number(int largest, int& value) {
    std::size_t digits = 0;
    for (value = 0; digits < rest.size() && digits < 4 && rest[digits] >= '0' && rest[digits] <= '9';
         ++digits)
      value = value * 10 + (rest[digits] - '0');
    rest.remove_prefix(digits);
    return digits > 0 && value <= largest;
  }

  // "2", "-1", "03:30", "24:00:00" [s].
  bool clock(int most_hours, std::int32_t& seconds) {
    const int sign = accept('-') ? -1 : 1;
    if (sign == 1) accept('+');
    int hours = 0;
    int minutes = 0;
    int rest_seconds = 0;
    if (!number(most_hours, hours)) return false;
    if (accept(':') && !number(59, minutes)) return false;
    if (minutes >= 0 && accept(':') && !number(59, rest_seconds)) return false;
    seconds = sign * (hours * 3600 + minutes * 60 + rest_seconds);
    return true;
  }

  bool change(Change& change) {
    if (!accept(',')) return false;
    bool read = false;
    if (accept('M')) {
      change.kind = Change::Day::weekday_of_month;
      read = number(12, change.month) && change.month > 0 && accept('.') && number(5, change.week) &&
             change.week > 0 && accept('.') && number(6, change.day);
    } else if (accept('J')) {
      change.kind = Change::Day::without_leap;
      read = number(365, change.day) && change.day > 0;
    } else {
      read = number(365, change.day);
    }
    constexpr int kWeek = 167;  // hours; RFC 8536 allows more than POSIX
    return read && (!accept('/') || clock(kWeek, change.time));
  }
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  constexpr int kMostHours = 24;
  ZoneRule rule;
  Reader reader{text};
  if (!reader.name() || !reader.clock(kMostHours, rule.standard_)) return std::nullopt;
  rule.standard_ = -rule.standard_;  // POSIX counts how far UTC is ahead of the place
  if (reader.rest.empty()) return rule;
  rule.has_daylight_ = true;
  rule.daylight_ = rule.standard_ + 3600;
  if (!reader.name()) return std::nullopt;
  if (!reader.rest.starts_with(',')) {
    if (!reader.clock(kMostHours, rule.daylight_)) return std::nullopt;
    rule.daylight_ = -rule.daylight_;
  }
  if (!reader.change(rule.start_) || !reader.change(rule.end_) || !reader.rest.empty()) return std::nullopt;
  return rule;
}

std::int64_t ZoneRule::seconds_at(const Change& change, int year) {
  using namespace std::chrono;
  const auto days = [&]() -> sys_days {
    const sys_days new_year = std::chrono::year(year) / January / 1;
    switch (change.kind) {
      case Change::Day::of_year:
        return new_year + std::chrono::days(change.day);
      case Change::Day::without_leap: {
        constexpr int kFebruary28 = 59;
        const bool behind_leap = std::chrono::year(year).is_leap() && change.day > kFebruary28;
        return new_year + std::chrono::days(change.day - 1 + (behind_leap ? 1 : 0));
      }
      case Change::Day::weekday_of_month:
        break;
    }
    const auto month = std::chrono::year(year) / change.month;
    const weekday day(static_cast<unsigned>(change.day));
    if (change.week == 5) return sys_days(month / day[last]);
    return sys_days(month / day[static_cast<unsigned>(change.week)]);
  }();
  return std::int64_t{days.time_since_epoch().count()} * 86'400 + change.time;
}

std::int32_t ZoneRule::offset_at(std::int64_t time) const {
  if (!has_daylight_) return standard_;
  using namespace std::chrono;
  const year_month_day date(floor<days>(sys_seconds(seconds(time + standard_))));
  const std::int64_t start = seconds_at(start_, static_cast<int>(date.year())) - standard_;
  const std::int64_t end = seconds_at(end_, static_cast<int>(date.year())) - daylight_;
  // South of the equator, daylight time begins late in the year and ends early in the next one.
  const bool is_daylight = start < end ? start <= time && time < end : time < end || start <= time;
  return is_daylight ? daylight_ : standard_;
}

}  // namespace ms::cel
