#include <doctest/doctest.h>

#include <cmath>

#include "plan/preemption.hpp"

namespace ms {
namespace {

struct Tried {
  std::int64_t batch;
  std::int64_t blocks;
  double chance;  // of 20 000 trials of tests/data/preemption/monte_carlo.py, seed 20260
};

void check_all(const RequestLengths& lengths, const std::vector<Tried>& cases) {
  const BlockDistribution held(lengths, {});
  for (const Tried& tried : cases) {
    CAPTURE(tried.batch);
    CAPTURE(tried.blocks);
    // Four standard errors of the trials, and the error that the approximation may have.
    const double error = 4 * std::sqrt(tried.chance * (1 - tried.chance) / 20'000) + 0.004;
    CHECK(std::abs(held.overflow_chance(tried.batch, tried.blocks) - tried.chance) < error);
  }
}

TEST_CASE("requests of one length hold 3 or 4 blocks, each half of the time") {
  const BlockDistribution held(combine({{256, 1}}, {{256, 1}}), {});
  CHECK(held.mean() == doctest::Approx(3.5));
  CHECK(held.chances().at(3) == doctest::Approx(0.5));
  CHECK(held.overflow_chance(1, 4) == 0);
  CHECK(held.overflow_chance(1, 3) == doctest::Approx(0.5));
  CHECK(held.overflow_chance(2, 7) == doctest::Approx(0.25));  // both at 4
}

TEST_CASE("the chance agrees with trials for requests of one length") {
  check_all(combine({{256, 1}}, {{256, 1}}), {{100, 350, 0.4610}, {100, 358, 0.0445}, {100, 365, 0.0006}});
}

TEST_CASE("the chance agrees with trials for lengths spread evenly") {
  Lengths input;
  Lengths output;
  for (std::int64_t tokens = 100; tokens <= 1000; tokens += 90) input.push_back({tokens, 1});
  for (std::int64_t tokens = 50; tokens <= 800; tokens += 75) output.push_back({tokens, 1});
  check_all(
      combine(input, output),
      {{40, 275, 0.5815}, {40, 290, 0.2532}, {40, 305, 0.0633}, {300, 2080, 0.5949}, {300, 2130, 0.2056}});
}

TEST_CASE("the chance agrees with trials where few requests are long") {
  RequestLengths lengths;
  lengths.requests = {{.input = 128, .output = 128, .weight = 9},
                      {.input = 4096, .output = 2048, .weight = 1}};
  check_all(lengths, {{8, 200, 0.6167}, {64, 1750, 0.3828}, {64, 2100, 0.0032}});
}

TEST_CASE("the batch for 1 % is the last whose chance is not above it") {
  const BlockDistribution held(combine({{256, 1}}, {{200, 1}, {400, 1}}), {});
  const std::int64_t batch = held.largest_batch(1755, 0.01);
  CHECK(held.overflow_chance(batch, 1755) <= 0.01);
  CHECK(held.overflow_chance(batch + 1, 1755) > 0.01);
  CHECK(held.largest_batch(0, 0.01) == 0);
  CHECK(held.largest_batch(1, 0.01) == 0);
}

TEST_CASE("ranks that share a request's tokens, and states, change the blocks that it holds") {
  CHECK(BlockDistribution(combine({{256, 1}}, {{256, 1}}), {.ranks = 2}).mean() == doctest::Approx(2));
  // 9.5 blocks of 1 KiB for the state are ten.
  CHECK(BlockDistribution(combine({{256, 1}}, {{256, 1}}),
                          {.block_bytes = 1024, .cache = {.state_bytes_per_request = 9728, .formula = {}}})
            .mean() == doctest::Approx(13.5));
}

}  // namespace
}  // namespace ms
