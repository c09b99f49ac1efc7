#include "profile/fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace ms::profile {
namespace {

constexpr std::size_t kTerms = 3;
constexpr std::size_t kLeastSizes = 3;
constexpr int kAbsoluteRounds = 30;
constexpr int kBiweightRounds = 30;
/// Beyond so many steps of one size, what is off is the form of the curve and not the measurement.
constexpr double kStepsThatCount = 25;
/// Tukey's constant: 95 % as efficient as least squares where errors are normal.
constexpr double kBiweight = 4.685;
/// A median absolute deviation times this is a standard deviation.
constexpr double kDeviations = 1.4826;
constexpr double kLeastDeviation = 1e-6;

using Terms = std::array<double, kTerms>;

struct Row {
  Terms terms;  // 1, x, x^2 with x from 0 to 1, or 1, requests and context
  double seconds;
  double weight;
};

double value_of(const Terms& coefficients, const Terms& terms) {
  return coefficients[0] * terms[0] + coefficients[1] * terms[1] + coefficients[2] * terms[2];
}

// Least squares with the terms of `chosen` alone, by Gaussian elimination of the normal equations. nullopt
// where they do not tell the terms apart or one is negative.
std::optional<Terms> solve(const std::vector<Row>& rows, unsigned chosen) {
  std::array<std::array<double, kTerms + 1>, kTerms> m{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kTerms; ++i) {
      for (std::size_t j = 0; j < kTerms; ++j) m[i][j] += row.weight * row.terms[i] * row.terms[j];
      m[i][kTerms] += row.weight * row.terms[i] * row.seconds;
    }
  }
  for (std::size_t i = 0; i < kTerms; ++i) {
    if ((chosen >> i & 1U) != 0) continue;
    for (std::size_t j = 0; j < kTerms; ++j) m[i][j] = m[j][i] = 0;
    m[i][i] = 1;
    m[i][kTerms] = 0;
  }
  for (std::size_t i = 0; i < kTerms; ++i) {
    std::size_t pivot = i;
    for (std::size_t j = i + 1; j < kTerms; ++j) {
      if (std::abs(m[j][i]) > std::abs(m[pivot][i])) pivot = j;
    }
    std::swap(m[i], m[pivot]);
    if (!(std::abs(m[i][i]) > 1e-300)) return std::nullopt;
    for (std::size_t j = 0; j < kTerms; ++j) {
      if (j == i) continue;
      const double factor = m[j][i] / m[i][i];
      for (std::size_t k = i; k <= kTerms; ++k) m[j][k] -= factor * m[i][k];
    }
  }
  Terms coefficients{};
  for (std::size_t i = 0; i < kTerms; ++i) {
    coefficients[i] = m[i][kTerms] / m[i][i];
    if (!std::isfinite(coefficients[i]) || coefficients[i] < 0) return std::nullopt;
  }
  return coefficients;
}

double squared_error(const std::vector<Row>& rows, const Terms& coefficients) {
  double sum = 0;
  for (const Row& row : rows) {
    const double error = row.seconds - value_of(coefficients, row.terms);
    sum += row.weight * error * error;
  }
  return sum;
}

// The best solution without negative terms is the least squares of some choice of terms: of three, all can be
// tried.
std::optional<Terms> solve_non_negative(const std::vector<Row>& rows) {
  std::optional<Terms> best;
  double least = std::numeric_limits<double>::infinity();
  for (unsigned chosen = 1; chosen < 1U << kTerms; ++chosen) {
    const auto coefficients = solve(rows, chosen);
    if (!coefficients) continue;
    const double error = squared_error(rows, *coefficients);
    if (error < least) {
      least = error;
      best = coefficients;
    }
  }
  return best;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Weights of the next round: relative errors, so the square of the time that the last round gave divides.
template <class Robust>
void reweigh(std::vector<Row>& rows, const std::vector<double>& base, const Terms& coefficients,
             Robust robust) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double expected = std::max(value_of(coefficients, rows[i].terms), rows[i].seconds * 1e-3);
    const double error = std::sqrt(base[i]) * (rows[i].seconds - expected) / expected;
    rows[i].weight = base[i] / (expected * expected) * robust(std::abs(error));
  }
}

double deviation_of(const std::vector<Row>& rows, const std::vector<double>& base,
                    const Terms& coefficients) {
  std::vector<double> errors;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double expected = value_of(coefficients, rows[i].terms);
    errors.push_back(std::sqrt(base[i]) * std::abs(rows[i].seconds - expected) / std::max(expected, 1e-12));
  }
  return std::max(kDeviations * median(std::move(errors)), kLeastDeviation);
}

// Steps of one size count more, the more there are, up to a limit.
double weight_of(double steps) {
  return steps / (1 + steps / kStepsThatCount);
}

struct Solution {
  Terms coefficients;
  double error_ratio;  // median
};

// Rows with the weights of relative errors; `base` is what each counts before.
std::optional<Solution> fit_robust(std::vector<Row> rows, const std::vector<double>& base) {
  auto coefficients = solve_non_negative(rows);
  if (!coefficients) return std::nullopt;
  for (int round = 0; round < kAbsoluteRounds; ++round) {
    reweigh(rows, base, *coefficients, [](double error) { return 1 / std::max(error, 1e-4); });
    coefficients = solve_non_negative(rows).value_or(*coefficients);
  }
  for (int round = 0; round < kBiweightRounds; ++round) {
    const double deviation = deviation_of(rows, base, *coefficients);
    reweigh(rows, base, *coefficients, [&](double error) {
      const double ratio = error / (kBiweight * deviation);
      return ratio < 1 ? (1 - ratio * ratio) * (1 - ratio * ratio) : 0.0;
    });
    coefficients = solve_non_negative(rows).value_or(*coefficients);
  }
  std::vector<double> errors;
  for (const Row& row : rows) {
    const double expected = value_of(*coefficients, row.terms);
    errors.push_back(std::abs(row.seconds - expected) / std::max(expected, 1e-12));
  }
  return Solution{*coefficients, median(std::move(errors))};
}

// How far the context is from what the batch alone would make of it: the root mean square of the residuals of
// a line through both, as a share of the mean.
double context_deviation(const std::vector<ContextPoint>& points) {
  double weight = 0;
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (const ContextPoint& point : points) {
    const double w = weight_of(point.steps);
    weight += w;
    x += w * point.requests;
    y += w * point.context_tokens;
    xx += w * point.requests * point.requests;
    xy += w * point.requests * point.context_tokens;
    yy += w * point.context_tokens * point.context_tokens;
  }
  const double variance_x = xx - x * x / weight;
  const double covariance = xy - x * y / weight;
  const double residual = yy - y * y / weight - (variance_x > 0 ? covariance * covariance / variance_x : 0);
  return std::sqrt(std::max(residual, 0.0) / weight) / (y / weight);
}

// The integer beside `x` at which `better` is greatest.
template <class Better>
std::int64_t rounded(double x, Better better) {
  const auto below = static_cast<std::int64_t>(std::floor(x));
  if (below < 1) return 1;
  return better(static_cast<double>(below + 1)) > better(static_cast<double>(below)) ? below + 1 : below;
}

// The largest x whose step takes no more than `seconds`.
double largest_within(const StepFit& fit, double seconds) {
  const double room = seconds - fit.constant;
  if (room < 0) return 0;
  if (fit.square > 0) {
    const double root = std::sqrt(fit.linear * fit.linear + 4 * fit.square * room);
    return 2 * room / (fit.linear + root);
  }
  return fit.linear > 0 ? room / fit.linear : std::numeric_limits<double>::infinity();
}

}  // namespace

std::optional<StepFit> fit_steps(std::vector<FitPoint> points) {
  std::erase_if(points, [](const FitPoint& point) {
    return !(point.x > 0) || !(point.seconds > 0) || !(point.steps > 0) || !std::isfinite(point.x) ||
           !std::isfinite(point.seconds);
  });
  StepFit fit;
  std::set<double> sizes;
  double steps = 0;
  for (const FitPoint& point : points) {
    sizes.insert(point.x);
    steps += point.steps;
  }
  if (sizes.size() < kLeastSizes) return std::nullopt;
  fit.min = *sizes.begin();
  fit.max = *sizes.rbegin();
  fit.sizes = sizes.size();
  fit.steps = static_cast<std::uint64_t>(std::min(steps, 1e15));

  std::vector<Row> rows;
  std::vector<double> base;
  for (const FitPoint& point : points) {
    const double x = point.x / fit.max;
    base.push_back(weight_of(point.steps));
    rows.push_back({{1, x, x * x}, point.seconds, base.back() / (point.seconds * point.seconds)});
  }
  const auto solution = fit_robust(std::move(rows), base);
  if (!solution) return std::nullopt;
  fit.error_ratio = solution->error_ratio;
  fit.constant = solution->coefficients[0];
  fit.linear = solution->coefficients[1] / fit.max;
  fit.square = solution->coefficients[2] / (fit.max * fit.max);
  return fit;
}

std::optional<ContextFit> fit_context_steps(const std::vector<ContextPoint>& points) {
  constexpr double kLeastDeviationOfContext = 0.05;
  ContextFit fit;
  std::set<double> sizes;
  double steps = 0;
  double requests = 0;
  double context = 0;
  for (const ContextPoint& point : points) {
    if (!(point.requests > 0) || !(point.context_tokens > 0) || !(point.seconds > 0)) return std::nullopt;
    sizes.insert(point.requests);
    steps += point.steps;
    requests += point.steps * point.requests;
    context += point.steps * point.context_tokens;
    fit.min_context =
        steps == point.steps ? point.context_tokens : std::min(fit.min_context, point.context_tokens);
    fit.max_context = std::max(fit.max_context, point.context_tokens);
  }
  if (sizes.size() < kLeastSizes || context_deviation(points) < kLeastDeviationOfContext) return std::nullopt;
  fit.min = *sizes.begin();
  fit.max = *sizes.rbegin();
  fit.mean_context = context / requests;
  fit.steps = static_cast<std::uint64_t>(std::min(steps, 1e15));
  std::vector<Row> rows;
  std::vector<double> base;
  for (const ContextPoint& point : points) {
    base.push_back(weight_of(point.steps));
    rows.push_back({{1, point.requests / fit.max, point.context_tokens / fit.max_context},
                    point.seconds,
                    base.back() / (point.seconds * point.seconds)});
  }
  const auto solution = fit_robust(std::move(rows), base);
  if (!solution) return std::nullopt;
  fit.error_ratio = solution->error_ratio;
  fit.constant = solution->coefficients[0];
  fit.request = solution->coefficients[1] / fit.max;
  fit.context_token = solution->coefficients[2] / fit.max_context;
  return fit;
}

StepFit ContextFit::at_mean_context() const {
  StepFit fit;
  fit.constant = constant;
  fit.linear = request + context_token * mean_context;
  fit.error_ratio = error_ratio;
  fit.min = min;
  fit.max = max;
  fit.steps = steps;
  return fit;
}

BestBatch best_batch(const StepFit& fit, std::optional<double> tpot_limit) {
  // x / (a + b x + c x^2) is greatest where a = c x^2.
  BestBatch best{.optimum = fit.square > 0 ? std::sqrt(fit.constant / fit.square)
                                           : std::numeric_limits<double>::infinity(),
                 .batch = 0,
                 .covered = true,
                 .limit = "throughput"};
  bool limited = false;
  if (tpot_limit) {
    const double most = largest_within(fit, *tpot_limit);
    if (most < best.optimum) {
      best.optimum = most;
      best.limit = "tpot";
      limited = true;
    }
  }
  best.covered = best.optimum >= fit.min && best.optimum <= fit.max;
  if (best.optimum < 1) return best;
  if (limited || !best.covered) {
    const double within =
        limited ? std::min(best.optimum, fit.max) : std::clamp(best.optimum, fit.min, fit.max);
    best.batch = static_cast<std::int64_t>(within * (1 + 1e-9));
  } else {
    best.batch = rounded(best.optimum, [&](double x) { return x / fit.at(x); });
  }
  return best;
}

}  // namespace ms::profile
