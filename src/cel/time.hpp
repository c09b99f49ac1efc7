#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cel/value.hpp"

namespace ms::cel {

/// "2009-02-13T23:31:30.5Z", with any offset; nullopt when it is not a time of RFC 3339 or outside the years
/// 1 to 9999.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// In UTC, with as many digits of the fraction as are needed in threes: "2009-02-13T23:31:30.500Z".
std::string format_timestamp(Timestamp time);

/// "1h30m", "-1.5s", "100ms": nullopt when it is not a duration or beyond 2^63 - 1 nanoseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// Seconds with their fraction: "5400s", "-1.5s".
std::string format_duration(std::int64_t nanoseconds);

/// nullopt outside the years 1 to 9999.
std::optional<Timestamp> make_timestamp(std::int64_t seconds, std::int64_t nanos);
std::optional<Timestamp> add(Timestamp time, std::int64_t nanoseconds);
/// a - b [nanoseconds]; nullopt beyond 2^63 - 1.
std::optional<std::int64_t> difference(Timestamp a, Timestamp b);

/// A time on the calendar of a place.
struct CivilTime {
  std::int64_t year;
  int month;  ///< 1 to 12
  int day;    ///< 1 to 31
  int hour;
  int minute;
  int second;
  int day_of_week;  ///< 0 is Sunday
  int day_of_year;  ///< 0 is January 1st
};

CivilTime civil_time(Timestamp time, std::int32_t offset_seconds);

/// How far a zone is ahead of UTC at a time [s]: "UTC", "+01:00", "-02:30", "02:00", or a name of the IANA
/// database, which is read from the host. nullopt for a zone that is not known.
std::optional<std::int32_t> zone_offset(std::string_view zone, Timestamp time);

}  // namespace ms::cel
