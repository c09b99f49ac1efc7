#include <doctest/doctest.h>

#include <cmath>

#include "profile/distribution.hpp"

using namespace ms::profile;

TEST_CASE("percentiles lie between neighbours, as numpy's do") {
  // numpy.percentile([1, 2, 3, 4, 10], [50, 90, 95, 99]) is [3, 7.6, 8.8, 9.76].
  const auto spread = spread_of({10, 3, std::nan(""), 1, 4, 2});
  REQUIRE(spread);
  CHECK(spread->count == 5);
  CHECK(spread->mean == 4);
  CHECK(spread->p50 == 3);
  CHECK(spread->p90 == doctest::Approx(7.6));
  CHECK(spread->p95 == doctest::Approx(8.8));
  CHECK(spread->p99 == doctest::Approx(9.76));
  CHECK(spread->min == 1);
  CHECK(spread->max == 10);
  CHECK_FALSE(spread_of({}));
  CHECK_FALSE(spread_of({std::nan("")}));
}

TEST_CASE("percentiles of counted numbers are those of the numbers") {
  const auto counted = spread_of_counts({{1, 3}, {2, 1}, {40, 6}});
  const auto listed = spread_of({1, 1, 1, 2, 40, 40, 40, 40, 40, 40});
  REQUIRE(counted);
  CHECK(counted->p50 == listed->p50);
  CHECK(counted->p90 == listed->p90);
  CHECK(counted->mean == listed->mean);
}

TEST_CASE("a distribution of many values: count, sum and extremes exact, percentiles within 0.05 %") {
  Distribution distribution;
  std::vector<double> values;
  for (int i = 1; i <= 20000; ++i) {
    const double value = 1e-4 * i * i;
    values.push_back(value);
    distribution.add(value);
  }
  distribution.add(std::nan(""));
  const auto exact = spread_of(values);
  const auto spread = distribution.spread();
  REQUIRE(spread);
  CHECK(spread->count == 20000);
  CHECK(spread->min == 1e-4);
  CHECK(spread->max == 40000);
  CHECK(spread->mean == doctest::Approx(exact->mean));
  CHECK(std::abs(spread->p50 / exact->p50 - 1) < 5e-4);
  CHECK(std::abs(spread->p99 / exact->p99 - 1) < 5e-4);
}
