#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ms::profile {

/// Steps of one size: what they took.
struct FitPoint {
  double x = 0;        ///< requests or tokens of the step
  double seconds = 0;  ///< median, where there were several
  double steps = 1;    ///< how many
};

/// Time of a step as constant + linear x + square x^2, none of them negative: reading the weights and
/// starting kernels costs the same for every step, most work grows with its size, and attention with its
/// square. [s]
struct StepFit {
  double constant = 0;
  double linear = 0;
  double square = 0;
  double error_ratio = 0;  ///< median error of a step size, as a share of its time
  double min = 0;          ///< the sizes that were measured
  double max = 0;
  std::uint64_t sizes = 0;  ///< different ones
  std::uint64_t steps = 0;

  double at(double x) const { return constant + x * (linear + x * square); }
};

/// Fits by weighted non-negative least squares of relative errors. Sizes with more steps count more, up to a
/// limit; outliers lose their weight: first least absolute errors, then Tukey's biweight. nullopt for fewer
/// than three sizes.
std::optional<StepFit> fit_steps(std::vector<FitPoint> points);

/// Decode steps of one batch size that hold about as much context: what they took.
struct ContextPoint {
  double requests = 0;
  double context_tokens = 0;  ///< that the requests hold together
  double seconds = 0;         ///< median, where there were several
  double steps = 1;           ///< how many
};

/// Time of a decode step as constant + request x requests + context_token x tokens of context, none of them
/// negative: attention reads the context of every request. [s]
struct ContextFit {
  double constant = 0;
  double request = 0;
  double context_token = 0;
  double error_ratio = 0;  ///< median error of a point, as a share of its time
  double min = 0;          ///< requests that were measured
  double max = 0;
  double min_context = 0;  ///< tokens of context that were measured, of a step
  double max_context = 0;
  double mean_context = 0;  ///< tokens of context of a request
  std::uint64_t steps = 0;

  double at(double requests, double context_tokens) const {
    return constant + requests * request + context_tokens * context_token;
  }
  /// The time by requests that hold the mean context.
  StepFit at_mean_context() const;
};

/// Fits as fit_steps does. nullopt for fewer than three sizes, and where the context follows from the batch
/// within 5 %: then their shares cannot be told apart.
std::optional<ContextFit> fit_context_steps(const std::vector<ContextPoint>& points);

/// The batch that decodes most tokens in a second.
struct BestBatch {
  double optimum = 0;      ///< of the fit, measured or not; infinity where its throughput grows for ever
  std::int64_t batch = 0;  ///< within what was measured; 0 where none keeps the limit
  bool covered = true;     ///< whether the optimum was measured
  std::string_view limit;  ///< "throughput", or "tpot" where the limit decides
};

/// The batch x of greatest x / t(x) with t(x) of at most `tpot_limit` seconds.
BestBatch best_batch(const StepFit& fit, std::optional<double> tpot_limit);

}  // namespace ms::profile
