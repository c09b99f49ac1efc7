#include "base/date.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "base/error.hpp"
#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::size_t kLength = 10;  // YYYY-MM-DD

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != kLength || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_int(text.substr(0, 4));
  const auto month = parse_int(text.substr(5, 2));
  const auto day = parse_int(text.substr(8, 2));
  if (!year || !month || !day || *year < 0 || *month < 0 || *day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional<Date>(date) : std::nullopt;
}

std::string format_date(Date date) {
  const std::chrono::year_month_day day(date);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

bool today_is_set() {
  return std::getenv(kTodayVariable) != nullptr;  // NOLINT(concurrency-mt-unsafe): nothing changes it
}

Date today() {
  const char* text = std::getenv(kTodayVariable);  // NOLINT(concurrency-mt-unsafe): nothing changes it
  if (text == nullptr) return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const auto date = parse_date(text);
  if (!date)
    throw InputError(kTodayVariable, fmt::format("'{}' is not a date; write for example 2027-01-31", text));
  return *date;
}

}  // namespace ms
