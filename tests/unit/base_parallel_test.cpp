#include <doctest/doctest.h>

#include <numeric>
#include <stdexcept>
#include <string>

#include "base/parallel.hpp"

using namespace ms;

TEST_CASE("in parallel: results come in order, each made once, whatever thread made it") {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
    std::vector<std::size_t> expected(count);
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    CHECK(in_parallel(count, [](std::size_t i) { return i; }) == expected);
  }
}

TEST_CASE("in parallel: work may be shared out again by those who do it") {
  const auto sums = in_parallel(8, [](std::size_t i) {
    const auto parts = in_parallel(50, [&](std::size_t j) {
      const auto ones = in_parallel(4, [](std::size_t) { return std::size_t{1}; });
      return i * j * ones.size();
    });
    return std::accumulate(parts.begin(), parts.end(), std::size_t{0});
  });
  // 4 i times the sum of 0 to 49, which is 1225.
  CHECK(sums == std::vector<std::size_t>{0, 4900, 9800, 14700, 19600, 24500, 29400, 34300});
}

TEST_CASE("in parallel: the first failure is told, after all have ended") {
  std::vector<int> made(100);
  const auto make = [&](std::size_t i) {
    made[i] = 1;
    if (i == 7 || i == 93) throw std::runtime_error(std::to_string(i));
    return i;
  };
  CHECK_THROWS_WITH_AS(in_parallel(made.size(), make), "7", std::runtime_error);
  CHECK(std::accumulate(made.begin(), made.end(), 0) == 100);
}

TEST_CASE("side by side: two results of different types, or what the first has thrown") {
  const auto [number, text] = side_by_side([] { return 42; }, [] { return std::string("text"); });
  CHECK(number == 42);
  CHECK(text == "text");
  const auto fail = [](const char* what) { return [what]() -> int { throw std::runtime_error(what); }; };
  CHECK_THROWS_WITH_AS(side_by_side(fail("first"), fail("second")), "first", std::runtime_error);
  CHECK_THROWS_WITH_AS(side_by_side([] { return 1; }, fail("second")), "second", std::runtime_error);
}
