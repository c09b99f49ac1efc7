#include "cel/time.hpp"

#include <fmt/format.h>

#include <limits>

namespace ms::cel {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Days since 1970-01-01 of a day of the Gregorian calendar. The year begins in March here, so that the leap
// day is the last one; eras are the 400 years after which the calendar repeats.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(std::int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

// Reads a text from left to right; any failure sticks.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_.empty() || text_[0] < '0' || text_[0] > '9') {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (text_[0] - '0');
      text_.remove_prefix(1);
    }
    return value;
  }

  bool accept(std::string_view characters) {
    if (text_.empty() || characters.find(text_[0]) == characters.npos) return false;
    text_.remove_prefix(1);
    return true;
  }

  void need(std::string_view characters) { failed_ = !accept(characters) || failed_; }

  // The digits of a fraction, as nanoseconds; those beyond the ninth are dropped.
  std::int32_t fraction() {
    std::int32_t nanos = 0;
    std::int32_t unit = 100'000'000;
    bool any = false;
    for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; text_.remove_prefix(1), any = true) {
      nanos += (text_[0] - '0') * unit;
      unit /= 10;
    }
    failed_ = failed_ || !any;
    return nanos;
  }

  bool done() const { return !failed_ && text_.empty(); }
  bool failed() const { return failed_; }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
  bool failed_ = false;
};

}  // namespace

std::optional<Timestamp> make_timestamp(std::int64_t seconds, std::int64_t nanos) {
  seconds += floor_divide(nanos, kNanosPerSecond);
  nanos -= floor_divide(nanos, kNanosPerSecond) * kNanosPerSecond;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return Timestamp{seconds, static_cast<std::int32_t>(nanos)};
}

std::optional<Timestamp> add(Timestamp time, std::int64_t nanoseconds) {
  const std::int64_t seconds = floor_divide(nanoseconds, kNanosPerSecond);
  return make_timestamp(time.seconds + seconds, time.nanos + (nanoseconds - seconds * kNanosPerSecond));
}

std::optional<std::int64_t> difference(Timestamp a, Timestamp b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a.seconds - b.seconds, kNanosPerSecond, &result)) return std::nullopt;
  if (__builtin_add_overflow(result, std::int64_t{a.nanos} - b.nanos, &result)) return std::nullopt;
  return result;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scan(text);
  const int year = scan.digits(4);
  scan.need("-");
  const int month = scan.digits(2);
  scan.need("-");
  const int day = scan.digits(2);
  scan.need("Tt");
  const int hour = scan.digits(2);
  scan.need(":");
  const int minute = scan.digits(2);
  scan.need(":");
  const int second = scan.digits(2);
  const std::int32_t nanos = scan.accept(".") ? scan.fraction() : 0;
  std::int64_t offset = 0;
  if (!scan.accept("Zz")) {
    const bool behind = scan.rest().starts_with('-');
    scan.need("+-");
    const int hours = scan.digits(2);
    scan.need(":");
    const int minutes = scan.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = (hours * 3600 + minutes * 60) * (behind ? -1 : 1);
  }
  if (!scan.done() || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
      hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const std::int64_t days = days_from_civil(year, month, day);
  return make_timestamp(days * kSecondsPerDay + hour * 3600 + minute * 60 + second - offset, nanos);
}

CivilTime civil_time(Timestamp time, std::int32_t offset_seconds) {
  const std::int64_t local = time.seconds + offset_seconds;
  const std::int64_t days = floor_divide(local, kSecondsPerDay);
  const auto second_of_day = static_cast<int>(local - days * kSecondsPerDay);
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = floor_divide(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_march_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_march_year + 2) / 153;
  CivilTime result{};
  result.day = static_cast<int>(day_of_march_year - (153 * march_month + 2) / 5 + 1);
  result.month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  result.year = year_of_era + era * 400 + (result.month <= 2 ? 1 : 0);
  result.hour = second_of_day / 3600;
  result.minute = second_of_day / 60 % 60;
  result.second = second_of_day % 60;
  // 1970-01-01 was a Thursday.
  result.day_of_week = static_cast<int>((days + 4) - floor_divide(days + 4, 7) * 7);
  result.day_of_year = static_cast<int>(days - days_from_civil(result.year, 1, 1));
  return result;
}

std::string format_timestamp(Timestamp time) {
  const CivilTime civil = civil_time(time, 0);
  std::string fraction;
  if (time.nanos != 0) {
    fraction = fmt::format(".{:09}", time.nanos);
    while (fraction.ends_with("000")) fraction.resize(fraction.size() - 3);
  }
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", civil.year, civil.month, civil.day, civil.hour,
                     civil.minute, civil.second, fraction);
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t nanos;
  };
  constexpr Unit kUnits[] = {
      {"ns", 1},         {"us", 1'000},          {"\u00b5s", 1'000},          {"\u03bcs", 1'000},
      {"ms", 1'000'000}, {"s", kNanosPerSecond}, {"m", 60 * kNanosPerSecond}, {"h", 3600 * kNanosPerSecond}};
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  __int128 total = 0;
  while (!text.empty()) {
    // Whole and fraction as one number over a power of ten, so that 1.1s is exact.
    __int128 number = 0;
    __int128 scale = 1;
    bool any = false;
    bool point = false;
    for (; !text.empty() && (text[0] == '.' || (text[0] >= '0' && text[0] <= '9')); text.remove_prefix(1)) {
      if (text[0] == '.') {
        if (point) return std::nullopt;
        point = true;
        continue;
      }
      any = true;
      if (scale >= 1'000'000'000'000'000) continue;  // digits below any nanosecond
      number = number * 10 + (text[0] - '0');
      if (point) scale *= 10;
      if (number > (__int128{1} << 90)) return std::nullopt;
    }
    if (!any) return std::nullopt;
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (text.starts_with(unit.name) && (found == nullptr || unit.name.size() > found->name.size()))
        found = &unit;
    }
    if (found == nullptr) return std::nullopt;
    text.remove_prefix(found->name.size());
    // 2^90 units times the largest unit overflows nothing; what exceeds int64 is refused here.
    if (number / scale > std::numeric_limits<std::int64_t>::max() / found->nanos) return std::nullopt;
    total += number * found->nanos / scale;
    if (total > (__int128{1} << 63)) return std::nullopt;
  }
  if (negative) total = -total;
  if (total > std::numeric_limits<std::int64_t>::max() || total < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(total);
}

std::string format_duration(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(nanoseconds) : static_cast<std::uint64_t>(nanoseconds);
  std::string fraction;
  if (size % kNanosPerSecond != 0) {
    fraction = fmt::format(".{:09}", size % kNanosPerSecond);
    while (fraction.ends_with('0')) fraction.pop_back();
  }
  return fmt::format("{}{}{}s", negative ? "-" : "", size / kNanosPerSecond, fraction);
}

}  // namespace ms::cel
