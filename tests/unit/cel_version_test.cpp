#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "cel/version.hpp"

using ms::cel::compare_versions;
using ms::cel::is_version;
using ms::cel::Version;

TEST_CASE("versions in the order in which they were released") {
  // Every version of a row precedes the next one of the row.
  const std::vector<std::vector<std::string_view>> rows = {
      {"24.1.RC1", "24.1.RC2", "24.1.RC3", "24.1.0", "24.1.0.3", "24.1.1"},
      {"25.0.rc1", "25.0.rc1.b010", "25.0.rc1.b070", "25.0.rc2", "25.0.0", "25.2.0"},
      {"8.2.RC1.alpha002", "8.2.RC1.alpha003", "8.2.RC1.beta1", "8.2.RC1", "8.2.RC2", "8.2", "8.3.RC1"},
      {"9.0.0-alpha.1", "9.0.0-beta.1", "9.0.0-beta.2", "9.0.0", "9.0.1"},
      {"2.5.1.dev20250308", "2.5.1rc1", "2.5.1", "2.5.1.post1", "2.5.1.post10", "2.5.2"},
      {"4.19.90-89.11.v2401.ky10.aarch64", "5.10.0", "5.10.0-182.0.0.95.oe2203sp3.aarch64",
       "5.10.0-216.0.0.115.oe2203sp4.aarch64", "5.15.0-91-generic", "6.6.0-132.0.0.111.oe2403sp3.aarch64"},
      {"7.0.T3", "7.0.T10", "7.0.RC1", "7.0.0", "7.1.0"},
      {"1.0.RC3", "1.0.0", "1.0.0.SPC100", "1.0.1"},
      {"22.0.0", "22.0.3", "22.0.3.1", "22.0.4", "23.0.rc1.b070", "23.0.rc2", "23.0.rc2.3", "23.0.rc3",
       "23.0.0"},
      {"1.9", "1.10", "v1.11", "2"},
  };
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      for (std::size_t j = 0; j < row.size(); ++j) {
        CAPTURE(row[i]);
        CAPTURE(row[j]);
        REQUIRE(is_version(row[i]));
        CHECK((compare_versions(row[i], row[j]) < 0) == (i < j));
        CHECK((compare_versions(row[i], row[j]) == 0) == (i == j));
      }
    }
  }
}

TEST_CASE("spellings of one version are equal") {
  CHECK(compare_versions("24.1.RC2", "24.1.rc2") == 0);
  CHECK(compare_versions("24.1", "24.1.0") == 0);
  CHECK(compare_versions("24.1", "24.1.0.0") == 0);
  CHECK(compare_versions("8.2.RC1.alpha002", "8.2.rc1.ALPHA2") == 0);
  CHECK(compare_versions("v0.9.1", "0.9.1") == 0);
  CHECK(compare_versions("9.0.0-beta.1", "9.0.0.beta1") == 0);
}

TEST_CASE("a kernel of a distribution is at least the release that it is built from") {
  CHECK(compare_versions("5.10.0-182.0.0.95.oe2203sp3.aarch64", "5.10") > 0);
  CHECK(compare_versions("4.19.90-24.4.v2101.ky10.aarch64", "5.10") < 0);
  CHECK(compare_versions("6.6.0-132.0.0.111.oe2403sp3.aarch64", "5.10") > 0);
}

TEST_CASE("a text that does not begin with a number is no version") {
  for (const std::string_view text : {"", "v", "latest", "RC1", ".1", "1.0 (beta)", "1/2", "1.0\n"}) {
    CAPTURE(text);
    CHECK_FALSE(is_version(text));
    CHECK_FALSE(Version::parse(text).has_value());
  }
}

TEST_CASE("a version is kept as it was written") {
  const auto version = Version::parse("24.1.RC2");
  REQUIRE(version.has_value());
  CHECK(version->text() == "24.1.RC2");
  CHECK(*version < *Version::parse("24.1.0"));
  CHECK(*version == *Version::parse("24.1.rc2"));
}
