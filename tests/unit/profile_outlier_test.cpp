#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "profile/outlier.hpp"

using namespace ms::profile;

namespace {

// How often samples of one normal distribution are said to hold a low outlier.
double false_alarms(std::size_t count, int samples) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(100, 5);
  int found = 0;
  std::vector<double> values(count);
  for (int i = 0; i < samples; ++i) {
    for (double& value : values) value = normal(random);
    found += low_outlier(values) ? 1 : 0;
  }
  return static_cast<double>(found) / samples;
}

}  // namespace

TEST_CASE("Dixon's test finds the value that is too low, as the published example has it") {
  // Dean and Dixon's example: 0.167 of 0.177 ... 0.189 has a ratio of 0.010 / 0.022 = 0.455, below 0.639 for
  // ten values and so no outlier at 99.5 %.
  CHECK_FALSE(low_outlier({0.189, 0.167, 0.187, 0.183, 0.186, 0.182, 0.181, 0.184, 0.181, 0.177}));
  // 0.100 instead of 0.167: (0.177 - 0.100) / (0.187 - 0.100) = 0.885.
  const auto low = low_outlier({0.189, 0.100, 0.187, 0.183, 0.186, 0.182, 0.181, 0.184, 0.181, 0.177});
  REQUIRE(low);
  CHECK(low->index == 1);
  CHECK(low->test == "dixon");
  // Too high is not too low.
  CHECK_FALSE(low_outlier({1, 1.01, 1.02, 1.03, 1.01, 1.02, 9}));
}

TEST_CASE("a second low value does not hide the first, where there are enough") {
  std::vector<double> values = {10, 10.1, 10.2, 10.1, 10, 10.3, 10.2, 10.1, 10.2, 10, 10.1, 10.2, 10.1, 10.3};
  values[4] = 2;
  values[9] = 2.1;
  CHECK(low_outlier(values));
}

TEST_CASE("more than a hundred values are held against three standard deviations") {
  std::vector<double> values(200);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 100 + static_cast<double>(i % 7);
  CHECK_FALSE(low_outlier(values));
  values[50] = 60;
  const auto low = low_outlier(values);
  REQUIRE(low);
  CHECK(low->index == 50);
  CHECK(low->test == "three sigma");
}

TEST_CASE("of samples without an outlier one in two hundred is said to have one") {
  for (const std::size_t count : {3U, 5U, 8U, 16U, 25U, 32U, 64U, 100U}) {
    CAPTURE(count);
    CHECK(false_alarms(count, 20000) == doctest::Approx(0.005).epsilon(0.35));
  }
}

TEST_CASE("fewer than three values, and equal ones, have no outlier") {
  CHECK_FALSE(low_outlier({}));
  CHECK_FALSE(low_outlier({1, 100}));
  CHECK_FALSE(low_outlier({5, 5, 5, 5}));
}
