#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ms::cel {

/// What the clocks of a place do every year, as POSIX writes it in TZ: "CET-1CEST,M3.5.0,M10.5.0/3". Files of
/// the time zone database end with it (RFC 8536, section 3.3), for the times behind their last transition.
class ZoneRule {
 public:
  /// nullopt when the text is no such rule.
  static std::optional<ZoneRule> parse(std::string_view text);

  /// How far the zone is ahead of UTC [s] at a time [s since 1970].
  std::int32_t offset_at(std::int64_t time) const;

 private:
  struct Reader;

  /// A moment of the year on the clock of the place.
  struct Change {
    enum class Day : std::uint8_t {
      of_year,          ///< 0 to 365
      without_leap,     ///< 1 to 365, February 29 is not counted
      weekday_of_month  ///< the week-th of its kind, the last one for 5
    };
    Day kind = Day::of_year;
    int month = 0;
    int week = 0;
    int day = 0;                   ///< of the year, or of the week from Sunday, 0
    std::int32_t time = 2 * 3600;  ///< [s] from midnight, a week either way at most
  };

  static std::int64_t seconds_at(const Change& change, int year);

  std::int32_t standard_ = 0;
  std::int32_t daylight_ = 0;
  bool has_daylight_ = false;
  Change start_;  ///< of daylight time, on the clock of standard time
  Change end_;    ///< the other way round
};

}  // namespace ms::cel
