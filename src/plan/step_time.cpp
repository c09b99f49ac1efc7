#include "plan/step_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/parameters.hpp"

namespace ms {
namespace {

// Shares of the peak that steps reach, and times that no peak explains. docs/memory.md#time has the sources.
struct Efficiency {
  double compute;
  double bandwidth;
  double cache_bandwidth;
  double host_seconds;              // of a step
  double host_seconds_per_request;  // of a step: sampling, detokenising, streaming
};
constexpr Efficiency kBest = {0.7, 0.8, 0.75, 0.008, 0.00010};
constexpr Efficiency kExpected = {0.5, 0.65, 0.6, 0.013, 0.00015};
constexpr Efficiency kWorst = {0.35, 0.6, 0.5, 0.017, 0.00020};

constexpr double kLinkBytesPerSecond = 196e9 * 0.7;
constexpr double kCollectiveSeconds = 10e-6;

template <class F>
Estimated estimate(F&& seconds) {
  return {.low = seconds(kBest), .expected = seconds(kExpected), .high = seconds(kWorst)};
}

Estimated plus(const Estimated& a, const Estimated& b, double times) {
  return {a.low + times * b.low, a.expected + times * b.expected, a.high + times * b.high};
}

// The largest count from 1 to `most` for which `holds`, which turns false once and stays so.
template <class F>
std::int64_t largest(std::int64_t most, F&& holds) {
  std::int64_t low = 0;
  std::int64_t high = std::max<std::int64_t>(0, most);
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (holds(middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace

std::optional<StepTimes> StepTimes::of(const PlanInputs& inputs, const Chip& chip,
                                       std::int64_t weights_bytes_per_rank,
                                       std::int64_t kv_bytes_per_token_per_rank) {
  const auto peak = chip.bf16_flops ? chip.bf16_flops : chip.fp16_flops;
  if (!peak || !chip.hbm_bandwidth || *peak <= 0 || *chip.hbm_bandwidth <= 0) return std::nullopt;
  const ModelSpec& spec = inputs.spec;
  const Parameters parameters = count_parameters(spec);
  const WeightParts parts = weight_parts(spec);
  const auto ranks = static_cast<double>(inputs.parallelism.tp);
  const double total = std::max(1.0, parts.total());
  const double routed = parts.routed_experts / total;

  StepTimes times;
  // 8-bit matrix products run at twice the rate where activations are 8 bits wide as well.
  const bool eight_bit =
      spec.quantization && spec.quantization->mlp_bytes > 0.9 && spec.quantization->mlp_bytes < 1.2;
  times.flops_ = *peak * (eight_bit ? 2 : 1);
  times.bandwidth_ = *chip.hbm_bandwidth;
  // The embedding is looked up, not read.
  const double read = std::max(0.0, 1 - routed - (spec.tied_embeddings ? 0 : parts.embedding / total));
  times.dense_bytes_ = static_cast<double>(weights_bytes_per_rank) * read;
  times.expert_bytes_ = static_cast<double>(weights_bytes_per_rank) * routed;
  times.expert_share_ = spec.experts
                            ? static_cast<double>(spec.experts->per_token) /
                                  static_cast<double>(std::max<std::int64_t>(1, spec.experts->routed))
                            : 0;
  times.active_parameters_ = static_cast<double>(parameters.active) / ranks;
  times.attention_flops_ = 4.0 * static_cast<double>(spec.layers) * static_cast<double>(spec.heads) *
                           static_cast<double>(spec.head_dim) / ranks;
  times.kv_bytes_ = static_cast<double>(kv_bytes_per_token_per_rank);
  if (inputs.parallelism.tp > 1) {
    times.collectives_ = 2.0 * static_cast<double>(spec.layers);
    times.message_bytes_ =
        times.collectives_ * static_cast<double>(spec.hidden_size) * 2 * 2 * (ranks - 1) / ranks;
  }
  return times;
}

Estimated StepTimes::decode(std::int64_t batch, double context_tokens) const {
  const auto requests = static_cast<double>(batch);
  const double touched = expert_share_ > 0 ? 1 - std::pow(1 - std::min(1.0, expert_share_), requests) : 0;
  return estimate([&](const Efficiency& of) {
    const double weights = (dense_bytes_ + expert_bytes_ * touched) / (bandwidth_ * of.bandwidth);
    const double compute = 2 * active_parameters_ * requests / (flops_ * of.compute);
    const double cache = kv_bytes_ * requests * context_tokens / (bandwidth_ * of.cache_bandwidth);
    const double links = collectives_ * kCollectiveSeconds + message_bytes_ * requests / kLinkBytesPerSecond;
    return std::max(weights, compute) + cache + links + of.host_seconds +
           of.host_seconds_per_request * requests;
  });
}

Estimated StepTimes::prefill(double tokens, double prompt_tokens) const {
  return estimate([&](const Efficiency& of) {
    const double compute = (2 * active_parameters_ * tokens + attention_flops_ * tokens * prompt_tokens / 2) /
                           (flops_ * of.compute);
    const double weights = (dense_bytes_ + expert_bytes_) / (bandwidth_ * of.bandwidth);
    const double links = collectives_ * kCollectiveSeconds + message_bytes_ * tokens / kLinkBytesPerSecond;
    return std::max(compute, weights) + links + of.host_seconds;
  });
}

Estimated StepTimes::tpot(std::int64_t batch, double prefill_tokens, double input_tokens,
                          double output_tokens) const {
  const Estimated step = decode(batch, input_tokens + output_tokens / 2);
  // While one request makes its tokens, each of the others is once a prompt.
  const auto requests = static_cast<double>(batch);
  const double prompts = std::clamp(std::floor(prefill_tokens / input_tokens), 1.0, std::max(1.0, requests));
  const Estimated together = prefill(prompts * input_tokens, input_tokens);
  return plus(step, together, (requests - 1) / prompts / std::max(1.0, output_tokens));
}

Estimated StepTimes::ttft(std::int64_t batch, double tokens, double input_tokens,
                          double output_tokens) const {
  const Estimated step = decode(batch, input_tokens + output_tokens / 2);
  return plus(step, prefill(std::max(tokens, input_tokens), input_tokens), 1.5);
}

std::int64_t StepTimes::batch_for_tpot(double limit_seconds, std::int64_t most, double prefill_tokens,
                                       double input_tokens, double output_tokens) const {
  return largest(most, [&](std::int64_t batch) {
    return tpot(batch, prefill_tokens, input_tokens, output_tokens).expected <= limit_seconds;
  });
}

std::int64_t StepTimes::prefill_for_ttft(double limit_seconds, std::int64_t batch, std::int64_t most,
                                         double input_tokens, double output_tokens) const {
  if (ttft(batch, input_tokens, input_tokens, output_tokens).expected > limit_seconds) return 0;
  return largest(most, [&](std::int64_t tokens) {
    return ttft(batch, static_cast<double>(tokens), input_tokens, output_tokens).expected <= limit_seconds;
  });
}

std::string StepTimes::assumptions() const {
  return fmt::format(
      "{:.0f} TFLOPS x {:g} ({:g} to {:g}), {:.2f} TB/s x {:g} ({:g} to {:g}), {:g} ms of the host a "
      "step ({:g} to {:g})",
      flops_ / 1e12, kExpected.compute, kWorst.compute, kBest.compute, bandwidth_ / 1e12, kExpected.bandwidth,
      kWorst.bandwidth, kBest.bandwidth, kExpected.host_seconds * 1e3, kBest.host_seconds * 1e3,
      kWorst.host_seconds * 1e3);
}

}  // namespace ms
