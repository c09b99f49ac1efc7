#include <doctest/doctest.h>

#include <chrono>

#include "cel/program.hpp"
#include "cel/zone_rule.hpp"

using namespace ms::cel;

namespace {

// A moment in UTC [s since 1970].
std::int64_t utc(int year, unsigned month, unsigned day, int hour, int minute, int second) {
  using namespace std::chrono;
  const sys_days date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return (date + hours(hour) + minutes(minute) + seconds(second)).time_since_epoch() / seconds(1);
}

// Hours ahead of UTC.
double hours(std::string_view rule, std::int64_t time) {
  const auto parsed = ZoneRule::parse(rule);
  REQUIRE(parsed);
  return parsed->offset_at(time) / 3600.0;
}

}  // namespace

// The rules are the last lines of the files in /usr/share/zoneinfo; what they give is from
// `TZ=Europe/Berlin date -d 2060-03-28T00:59:59Z` and so on.
TEST_CASE("the rule of a zone goes on behind the last transition of its file") {
  SUBCASE("Berlin") {
    const auto berlin = [](std::int64_t time) { return hours("CET-1CEST,M3.5.0,M10.5.0/3", time); };
    CHECK(berlin(utc(2060, 1, 15, 12, 0, 0)) == 1);
    CHECK(berlin(utc(2060, 7, 15, 12, 0, 0)) == 2);
    CHECK(berlin(utc(2060, 3, 28, 0, 59, 59)) == 1);
    CHECK(berlin(utc(2060, 3, 28, 1, 0, 0)) == 2);
    CHECK(berlin(utc(2060, 10, 31, 0, 59, 59)) == 2);
    CHECK(berlin(utc(2060, 10, 31, 1, 0, 0)) == 1);
  }
  SUBCASE("Sydney, where summer is at the turn of the year") {
    const auto sydney = [](std::int64_t time) { return hours("AEST-10AEDT,M10.1.0,M4.1.0/3", time); };
    CHECK(sydney(utc(2060, 1, 15, 12, 0, 0)) == 11);
    CHECK(sydney(utc(2060, 7, 15, 12, 0, 0)) == 10);
    CHECK(sydney(utc(2060, 12, 31, 23, 59, 59)) == 11);
  }
  SUBCASE("Dublin, where winter time is the daylight time of the rule") {
    const auto dublin = [](std::int64_t time) { return hours("IST-1GMT0,M10.5.0,M3.5.0/1", time); };
    CHECK(dublin(utc(2060, 1, 15, 12, 0, 0)) == 0);
    CHECK(dublin(utc(2060, 3, 28, 0, 59, 59)) == 0);
    CHECK(dublin(utc(2060, 3, 28, 1, 0, 0)) == 1);
    CHECK(dublin(utc(2060, 10, 31, 1, 0, 0)) == 0);
  }
  SUBCASE("Nuuk, whose clocks change on the day before") {
    const auto nuuk = [](std::int64_t time) { return hours("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", time); };
    CHECK(nuuk(utc(2060, 3, 28, 0, 59, 59)) == -2);
    CHECK(nuuk(utc(2060, 3, 28, 1, 0, 0)) == -1);
    CHECK(nuuk(utc(2060, 10, 31, 0, 59, 59)) == -1);
    CHECK(nuuk(utc(2060, 10, 31, 1, 0, 0)) == -2);
  }
  SUBCASE("places without daylight time") {
    CHECK(hours("CST-8", utc(2060, 7, 15, 12, 0, 0)) == 8);
    CHECK(hours("<+0530>-5:30", 0) == 5.5);
  }
}

TEST_CASE("days of the year may count February 29 or not") {
  // 2060 is a leap year: day 59 from 0 is February 29, J60 is March 1 in any year.
  CHECK(hours("AAA0BBB,59/0,J305/0", utc(2060, 2, 28, 23, 59, 59)) == 0);
  CHECK(hours("AAA0BBB,59/0,J305/0", utc(2060, 2, 29, 0, 0, 0)) == 1);
  CHECK(hours("AAA0BBB,J60/0,J305/0", utc(2060, 2, 29, 23, 59, 59)) == 0);
  CHECK(hours("AAA0BBB,J60/0,J305/0", utc(2060, 3, 1, 0, 0, 0)) == 1);
}

TEST_CASE("what is no rule of a zone is none") {
  for (const std::string_view text :
       {"", "CET", "C-1", "<+01-1", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365",
        "CET-1CEST,M3.5.0,M10.5.0/200", "CET-1CEST,M3.5.0,M10.5.0 ", "CET-99999999999999999999"}) {
    CAPTURE(text);
    CHECK(!ZoneRule::parse(text));
  }
}

TEST_CASE("a zone of the database has its rule") {
  Environment environment;
  Arena arena;
  const auto hour = [&](std::string_view source) {
    const Program program = compile(source, environment);
    return to_text(program.evaluate({}, arena));
  };
  if (hour("timestamp('2020-01-15T12:00:00Z').getHours('Europe/Berlin')") != "13") {
    MESSAGE("skipped: this host has no time zone database");
    return;
  }
  CHECK(hour("timestamp('2060-07-15T12:00:00Z').getHours('Europe/Berlin')") == "14");
  CHECK(hour("timestamp('2060-01-15T12:00:00Z').getHours('Australia/Sydney')") == "23");
  CHECK(hour("timestamp('2060-07-15T12:00:00Z').getHours('Asia/Shanghai')") == "20");
}
