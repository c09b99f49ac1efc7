#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ms {

/// A day, counted in UTC.
using Date = std::chrono::sys_days;

/// A day of the calendar written as "2027-01-31"; nullopt when it is not one.
std::optional<Date> parse_date(std::string_view text);

/// "2027-01-31".
std::string format_date(Date date);

/// The variable that sets the day instead of the clock, for tests and to see what will have expired by then.
inline constexpr const char* kTodayVariable = "MSPRECHECK_TODAY";

/// The present day, of the clock or of MSPRECHECK_TODAY. Throws InputError when that is no date.
Date today();

/// Whether MSPRECHECK_TODAY says which day it is.
bool today_is_set();

}  // namespace ms
