#include <fmt/format.h>

#include "cel/library.hpp"
#include "cel/time.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

// One part of a time on the calendar of a zone, UTC unless there is a second argument.
template <std::int64_t (*kPart)(const CivilTime&)>
Value calendar(Arguments args, EvalContext& context) {
  const Timestamp time = args[0].as_timestamp();
  const std::string_view zone = args.size() > 1 ? args[1].as_string() : std::string_view("UTC");
  const std::optional<std::int32_t> offset = zone_offset(zone, time);
  if (!offset) return context.invalid_argument(fmt::format("unknown time zone '{}'", zone.substr(0, 80)));
  return Value::integer(kPart(civil_time(time, *offset)));
}

std::int64_t year(const CivilTime& t) {
  return t.year;
}
std::int64_t month(const CivilTime& t) {
  return t.month - 1;
}
std::int64_t day(const CivilTime& t) {
  return t.day;
}
std::int64_t day_from_zero(const CivilTime& t) {
  return t.day - 1;
}
std::int64_t day_of_week(const CivilTime& t) {
  return t.day_of_week;
}
std::int64_t day_of_year(const CivilTime& t) {
  return t.day_of_year;
}
std::int64_t hours(const CivilTime& t) {
  return t.hour;
}
std::int64_t minutes(const CivilTime& t) {
  return t.minute;
}
std::int64_t seconds(const CivilTime& t) {
  return t.second;
}

Value milliseconds_of_time(Arguments args, EvalContext& context) {
  if (args.size() > 1 && !zone_offset(args[1].as_string(), args[0].as_timestamp())) {
    return context.invalid_argument(fmt::format("unknown time zone '{}'", args[1].as_string().substr(0, 80)));
  }
  return Value::integer(args[0].as_timestamp().nanos / 1'000'000);
}

template <std::int64_t kNanos>
Value whole_units(Arguments args, EvalContext&) {
  return Value::integer(args[0].as_duration() / kNanos);
}

// The milliseconds beyond the last whole second, not the whole duration in milliseconds.
Value milliseconds_of_duration(Arguments args, EvalContext&) {
  return Value::integer(args[0].as_duration() % 1'000'000'000 / 1'000'000);
}

constexpr std::int64_t kSecond = 1'000'000'000;

constexpr FunctionEntry kEntries[] = {
    {"timestamp.getFullYear() -> int", "The year.", "timestamp('2009-02-13T23:31:30Z').getFullYear() == 2009",
     calendar<year>},
    {"timestamp.getFullYear(string) -> int", "The year in a time zone.",
     "timestamp(0).getFullYear('-01:00') == 1969", calendar<year>},
    {"timestamp.getMonth() -> int", "The month, 0 to 11.",
     "timestamp('2009-02-13T23:31:30Z').getMonth() == 1", calendar<month>},
    {"timestamp.getMonth(string) -> int", "The month in a time zone.",
     "timestamp(0).getMonth('-01:00') == 11", calendar<month>},
    {"timestamp.getDate() -> int", "The day of the month, 1 to 31.",
     "timestamp('2009-02-13T23:31:30Z').getDate() == 13", calendar<day>},
    {"timestamp.getDate(string) -> int", "The day in a time zone.", "timestamp(0).getDate('-01:00') == 31",
     calendar<day>},
    {"timestamp.getDayOfMonth() -> int", "The day of the month, 0 to 30.",
     "timestamp('2009-02-13T23:31:30Z').getDayOfMonth() == 12", calendar<day_from_zero>},
    {"timestamp.getDayOfMonth(string) -> int", "The day in a time zone.",
     "timestamp(0).getDayOfMonth('-01:00') == 30", calendar<day_from_zero>},
    {"timestamp.getDayOfWeek() -> int", "0 is Sunday.", "timestamp(0).getDayOfWeek() == 4",
     calendar<day_of_week>},
    {"timestamp.getDayOfWeek(string) -> int", "0 is Sunday, in a time zone.",
     "timestamp(0).getDayOfWeek('-01:00') == 3", calendar<day_of_week>},
    {"timestamp.getDayOfYear() -> int", "0 is January 1st.", "timestamp(0).getDayOfYear() == 0",
     calendar<day_of_year>},
    {"timestamp.getDayOfYear(string) -> int", "0 is January 1st, in a time zone.",
     "timestamp(0).getDayOfYear('-01:00') == 364", calendar<day_of_year>},
    {"timestamp.getHours() -> int", "The hour.", "timestamp('2009-02-13T23:31:30Z').getHours() == 23",
     calendar<hours>},
    {"timestamp.getHours(string) -> int", "The hour in a time zone.", "timestamp(0).getHours('02:00') == 2",
     calendar<hours>},
    {"timestamp.getMinutes() -> int", "The minute.", "timestamp('2009-02-13T23:31:30Z').getMinutes() == 31",
     calendar<minutes>},
    {"timestamp.getMinutes(string) -> int", "The minute in a time zone.",
     "timestamp(0).getMinutes('+05:45') == 45", calendar<minutes>},
    {"timestamp.getSeconds() -> int", "The second.", "timestamp('2009-02-13T23:31:30Z').getSeconds() == 30",
     calendar<seconds>},
    {"timestamp.getSeconds(string) -> int", "The second in a time zone.",
     "timestamp(7).getSeconds('UTC') == 7", calendar<seconds>},
    {"timestamp.getMilliseconds() -> int", "The milliseconds of the second.",
     "timestamp('2009-02-13T23:31:30.123Z').getMilliseconds() == 123", milliseconds_of_time},
    {"timestamp.getMilliseconds(string) -> int", "The same in a time zone.",
     "timestamp(0).getMilliseconds('UTC') == 0", milliseconds_of_time},
    {"duration.getHours() -> int", "Whole hours.", "duration('10000s').getHours() == 2",
     whole_units<3600 * kSecond>},
    {"duration.getMinutes() -> int", "Whole minutes.", "duration('3730s').getMinutes() == 62",
     whole_units<60 * kSecond>},
    {"duration.getSeconds() -> int", "Whole seconds.", "duration('1m1.5s').getSeconds() == 61",
     whole_units<kSecond>},
    {"duration.getMilliseconds() -> int", "The milliseconds beyond the last whole second.",
     "duration('1.5s').getMilliseconds() == 500", milliseconds_of_duration},
};

}  // namespace

std::span<const FunctionEntry> time_functions() {
  return kEntries;
}

}  // namespace ms::cel
