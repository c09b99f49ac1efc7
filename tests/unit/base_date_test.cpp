#include <doctest/doctest.h>

#include "base/date.hpp"
#include "base/duration.hpp"
#include "base/error.hpp"
#include "base/toml.hpp"

using namespace ms;

TEST_CASE("a date is a day of the calendar, and nothing else is") {
  // 2027-01-31 is day 20849 after 1970-01-01: date -ud 2027-01-31 +%s is 1801353600.
  CHECK(parse_date("2027-01-31")->time_since_epoch().count() == 1801353600 / 86400);
  CHECK(format_date(*parse_date("2027-01-31")) == "2027-01-31");
  CHECK(parse_date("2028-02-29"));
  for (const char* wrong :
       {"2027-02-29", "2027-13-01", "2027-1-31", "27-01-31", "2027-01-31T00:00", "", "+027-01-31"})
    CHECK_MESSAGE(!parse_date(wrong), wrong);
}

TEST_CASE("a TOML date is read; a quoted one and a time are refused with their place") {
  const TomlTable table =
      parse_toml("a = 2027-01-31\nb = \"2027-01-31\"\nc = 2027-01-31T10:00:00\n", "t.toml");
  CHECK(format_date(*table.optional_date("a")) == "2027-01-31");
  CHECK(!table.optional_date("d"));
  CHECK_THROWS_WITH_AS(table.optional_date("b"),
                       "t.toml:2:5: 'b' must be a date without quotes: b = 2027-01-31", InputError);
  CHECK_THROWS_WITH_AS(table.optional_date("c"),
                       "t.toml:3:5: 'c' must be a date without quotes: c = 2027-01-31", InputError);
}

TEST_CASE("durations are seconds unless they say otherwise") {
  CHECK(parse_seconds("120") == 120);
  CHECK(parse_seconds("120s") == 120);
  CHECK(parse_seconds("2m") == 120);
  CHECK(parse_seconds("1.5 h") == 5400);
  CHECK(parse_seconds("500ms") == 0.5);
  for (const char* wrong : {"", "s", "-1s", "2 minutes", "1m30s", "nan", "inf"})
    CHECK_MESSAGE(!parse_seconds(wrong), wrong);
}

TEST_CASE("durations are shown as a person says them") {
  CHECK(format_seconds(0.15) == "0.15 s");
  CHECK(format_seconds(5) == "5 s");
  CHECK(format_seconds(45.4) == "45 s");
  CHECK(format_seconds(120) == "2 min");
  CHECK(format_seconds(125) == "2 min 5 s");
}
