#include <doctest/doctest.h>

#include "base/error.hpp"
#include "rule/glob.hpp"
#include "rule/verdict.hpp"
#include "rule/waivers.hpp"

using namespace ms;

namespace {

Date day(std::string_view text) {
  return *parse_date(text);
}

bool fits(const std::string& pattern, std::string_view name) {
  return Glob::read(parse_toml("p = '" + pattern + "'\n", "t"), "p").matches(name);
}

Finding finding(const std::string& rule, Outcome outcome, const std::string& element = "") {
  Finding result;
  result.rule = rule;
  result.outcome = outcome;
  result.severity = Severity::error;
  result.element = element;
  return result;
}

Waiver waiver(const std::string& keys) {
  const TomlTable table = parse_toml(keys, "w.toml");
  Waiver result{.rules = {"A"},
                .host = Glob::read(table, "host"),
                .element = table.has("element") ? std::optional(Glob::read(table, "element")) : std::nullopt,
                .reason = "because",
                .owner = "me",
                .expires = day("2027-01-31"),
                .defined_at = "w.toml:1"};
  return result;
}

}  // namespace

TEST_CASE("a pattern has to fit the whole of a name") {
  CHECK(fits("*", "anything at all"));
  CHECK(fits("node-*", "node-17.rack2"));
  CHECK(fits("node-?", "node-1"));
  CHECK_FALSE(fits("node-?", "node-17"));
  CHECK(fits("node-[0-9]+", "node-17"));
  CHECK_FALSE(fits("node-[0-9]+", "node-17b"));
  CHECK_FALSE(fits("node-[0-9]+", "node-"));
  CHECK(fits("node-[!0-9]", "node-a"));
  CHECK_FALSE(fits("node-[!0-9]", "node-1"));
  CHECK(fits("a.b", "a.b"));
  CHECK_FALSE(fits("a.b", "axb"));
  CHECK(fits("[]x]", "]"));
  CHECK(fits("a+b(c)|d", "a+b(c)|d"));
  CHECK(fits("[\\d]", "\\"));
  CHECK_THROWS_WITH_AS(fits("node-[0-9", "node-1"), "t:1:11: this set has no end: '[0-9]'", InputError);
  CHECK_THROWS_AS(fits("[9-0]", "1"), InputError);
}

TEST_CASE("a waiver accepts failures of its rule and element on its host, and nothing else") {
  std::vector<Finding> findings = {finding("A", Outcome::fail, "NPU 3"), finding("A", Outcome::fail, "NPU 4"),
                                   finding("B", Outcome::fail),          finding("A", Outcome::unknown),
                                   finding("A", Outcome::error),         finding("A", Outcome::pass)};
  const std::vector<Waiver> waivers = {waiver("host = 'node-*'\nelement = 'NPU 3'\n")};
  SUBCASE("on its host") {
    CHECK(apply_waivers(waivers, "node-1", day("2027-01-01"), findings).empty());
    REQUIRE(findings[0].waiver);
    CHECK(findings[0].waiver->expires == "2027-01-31");
    CHECK_FALSE(counts_against(findings[0], Severity::info, false));
    for (std::size_t i = 1; i < findings.size(); ++i) CHECK_FALSE(findings[i].waiver);
    CHECK(counts_against(findings[1], Severity::info, false));
  }
  SUBCASE("on another, or on one whose name is not known, it is silent") {
    CHECK(apply_waivers(waivers, "web-1", day("2027-01-31"), findings).empty());
    CHECK(apply_waivers(waivers, std::nullopt, day("2027-01-31"), findings).empty());
    CHECK_FALSE(findings[0].waiver);
  }
}

TEST_CASE("a waiver for all hosts holds where the host is not known") {
  std::vector<Finding> findings = {finding("A", Outcome::fail)};
  apply_waivers(std::vector<Waiver>{waiver("")}, std::nullopt, day("2027-01-01"), findings);
  CHECK(findings[0].waiver);
}

TEST_CASE("a waiver that accepts nothing here, and one with fourteen days left or less, are spoken of") {
  std::vector<Finding> findings = {finding("A", Outcome::pass)};
  const std::vector<Waiver> waivers = {waiver("")};
  const auto notes = apply_waivers(waivers, "h", day("2027-01-16"), findings);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].en == "w.toml:1: the waiver of A accepts nothing here: no such failure");
  findings[0].outcome = Outcome::fail;
  const auto soon = apply_waivers(waivers, "h", day("2027-01-17"), findings);
  REQUIRE(soon.size() == 1);
  CHECK(soon[0].en == "w.toml:1: the waiver of A expires on 2027-01-31, in 14 days; owner: me");
  CHECK(apply_waivers(waivers, "h", day("2027-01-30"), findings)[0].en.find("in 1 day;") !=
        std::string::npos);
}
