#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "profile/fit.hpp"

using namespace ms::profile;

namespace {

struct Service {
  double a;  // [ms]
  double b;
  double c;

  double ms(double x) const { return a + b * x + c * x * x; }
  double optimum() const { return std::sqrt(a / c); }
};

struct Disturbance {
  double noise = 0;     // standard deviation, as a share
  double outliers = 0;  // share of steps that take up to ten times as long
};

std::vector<FitPoint> measure(const Service& service, int from, int to, const Disturbance& disturbance,
                              unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise(0, disturbance.noise);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<FitPoint> points;
  for (int batch = from; batch <= to; ++batch) {
    for (int i = 0; i < 20; ++i) {
      double seconds = service.ms(batch) * 1e-3 * (1 + noise(random));
      if (uniform(random) < disturbance.outliers) seconds *= 2 + 8 * uniform(random);
      points.push_back({.x = static_cast<double>(batch), .seconds = seconds, .steps = 1});
    }
  }
  return points;
}

}  // namespace

TEST_CASE("the best batch of a synthetic service is found within 5 %") {
  // x / (a + b x + c x^2) is greatest at sqrt(a / c): 86.6 for the first.
  const Service services[] = {{15, 0.1, 0.002}, {15, 0.1, 0.0005}, {40, 0, 0.01},
                              {8, 0.3, 0.004},  {20, 0.05, 0.001}, {5, 0.02, 0.00008}};
  const Disturbance disturbances[] = {{}, {.noise = 0.05}, {.noise = 0.05, .outliers = 0.1}};
  for (const Service& service : services) {
    for (const Disturbance& disturbance : disturbances) {
      CAPTURE(service.optimum());
      CAPTURE(disturbance.noise);
      CAPTURE(disturbance.outliers);
      const int most = static_cast<int>(service.optimum() * 1.6);
      const auto fit = fit_steps(measure(service, 1, most, disturbance, 7));
      REQUIRE(fit);
      const BestBatch best = best_batch(*fit, std::nullopt);
      CHECK(static_cast<double>(best.batch) == doctest::Approx(service.optimum()).epsilon(0.05));
      CHECK(best.covered);
      CHECK(best.limit == "throughput");
    }
  }
}

TEST_CASE("a limit of the step time decides where it comes first") {
  const Service service{15, 0.1, 0.002};
  const auto fit = fit_steps(measure(service, 1, 150, {}, 1));
  REQUIRE(fit);
  // 15 + 0.1 b + 0.002 b^2 = 25: b = (-0.1 + sqrt(0.01 + 0.08)) / 0.004 = 50.
  const BestBatch best = best_batch(*fit, 0.025);
  CHECK(best.batch == 50);
  CHECK(best.limit == "tpot");
  // No step is shorter than 15 ms.
  CHECK(best_batch(*fit, 0.010).batch == 0);
  // 60 ms come beyond the best throughput.
  CHECK(best_batch(*fit, 0.060).limit == "throughput");
}

TEST_CASE("an optimum that was not measured is said to be none") {
  const Service service{15, 0.1, 0.002};
  const auto fit = fit_steps(measure(service, 1, 40, {}, 1));
  REQUIRE(fit);
  const BestBatch best = best_batch(*fit, std::nullopt);
  CHECK_FALSE(best.covered);
  CHECK(best.batch == 40);
  CHECK(best.optimum == doctest::Approx(86.6).epsilon(0.01));
  const auto line = fit_steps(measure({18, 0.085, 0}, 1, 200, {}, 1));
  REQUIRE(line);
  CHECK_FALSE(best_batch(*line, std::nullopt).covered);
  CHECK(best_batch(*line, std::nullopt).batch == 200);
}

TEST_CASE("a fit knows its error and needs three sizes") {
  const auto fit = fit_steps(measure({15, 0.1, 0.002}, 10, 120, {.noise = 0.05}, 3));
  REQUIRE(fit);
  CHECK(fit->min == 10);
  CHECK(fit->max == 120);
  CHECK(fit->sizes == 111);
  CHECK(fit->steps == 2220);
  // The median of |N(0, 5 %)| is 0.6745 x 5 % = 3.4 %.
  CHECK(fit->error_ratio == doctest::Approx(0.034).epsilon(0.1));
  CHECK_FALSE(fit_steps({{1, 0.1, 5}, {2, 0.1, 5}}));
  CHECK_FALSE(fit_steps({{1, 0.1, 5}, {2, -1, 5}, {3, std::nan(""), 5}, {0, 1, 1}}));
}

TEST_CASE("no term is negative") {
  // A step that falls with the batch: the constant alone is left.
  const auto fit = fit_steps({{1, 0.030, 1}, {50, 0.028, 1}, {100, 0.026, 1}, {150, 0.024, 1}});
  REQUIRE(fit);
  CHECK(fit->linear == 0);
  CHECK(fit->square == 0);
  CHECK(fit->constant == doctest::Approx(0.027).epsilon(0.1));
}

namespace {

// Steps of batches 8 to 128 whose requests hold 500 to 8000 tokens each. [ms]
std::vector<ContextPoint> measure_context(double a, double b, double c, double noise) {
  std::mt19937 random(11);
  std::normal_distribution<double> normal(0, noise);
  std::vector<ContextPoint> points;
  for (int batch = 8; batch <= 128; batch += 4) {
    for (const double context : {500.0, 1000.0, 2000.0, 4000.0, 8000.0}) {
      const double tokens = batch * context;
      const double ms = (a + b * batch + c * tokens) * (1 + normal(random));
      points.push_back({.requests = static_cast<double>(batch),
                        .context_tokens = tokens,
                        .seconds = ms * 1e-3,
                        .steps = 5});
    }
  }
  return points;
}

}  // namespace

TEST_CASE("the time of a decode step is parted into its batch and its context") {
  for (const double noise : {0.0, 0.03}) {
    CAPTURE(noise);
    const auto fit = fit_context_steps(measure_context(15, 0.1, 0.00005, noise));
    REQUIRE(fit);
    CHECK(fit->constant == doctest::Approx(15e-3).epsilon(0.05));
    CHECK(fit->request == doctest::Approx(0.1e-3).epsilon(0.2));
    CHECK(fit->context_token == doctest::Approx(0.00005e-3).epsilon(0.05));
    CHECK(fit->min == 8);
    CHECK(fit->max == 128);
    CHECK(fit->min_context == 8 * 500);
    CHECK(fit->max_context == 128 * 8000);
    // (500 + 1000 + 2000 + 4000 + 8000) / 5
    CHECK(fit->mean_context == doctest::Approx(3100));
    // At 3100 tokens a request: 15 + (0.1 + 0.155) b = 30 gives 58.8.
    const BestBatch best = best_batch(fit->at_mean_context(), 0.030);
    CHECK(best.batch == doctest::Approx(58).epsilon(0.05));
    CHECK(best.limit == "tpot");
    CHECK(best.covered);
  }
}

TEST_CASE("context that follows from the batch is not told apart from it") {
  std::vector<ContextPoint> points;
  for (int batch = 1; batch <= 100; ++batch) {
    points.push_back({.requests = static_cast<double>(batch),
                      .context_tokens = batch * 512.0,
                      .seconds = 0.015 + batch * 1e-4,
                      .steps = 3});
  }
  CHECK_FALSE(fit_context_steps(points));
  CHECK_FALSE(fit_context_steps({}));
  CHECK_FALSE(fit_context_steps({{1, 100, 0.1, 1}, {2, 900, 0.1, 1}}));
}
