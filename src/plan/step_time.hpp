#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "knowledge/chips.hpp"
#include "plan/memory_plan.hpp"

namespace ms {

/// An estimate and the band that it is in: published efficiencies differ that much.
struct Estimated {
  double low = 0;
  double expected = 0;
  double high = 0;
};

/// Step times of a model on a chip, by the roofline: prefill is bound by compute, decode by reading weights
/// and cache. All in seconds. Without measured steps they are good to about a factor of 1.5:
/// docs/memory.md#time.
class StepTimes {
 public:
  /// nullopt for a chip whose bandwidth or peak is not known.
  static std::optional<StepTimes> of(const PlanInputs& inputs, const Chip& chip,
                                     std::int64_t weights_bytes_per_rank,
                                     std::int64_t kv_bytes_per_token_per_rank);

  /// One decode step of `batch` requests that hold `context_tokens` each.
  Estimated decode(std::int64_t batch, double context_tokens) const;
  /// One prefill step of `tokens` in prompts of `prompt_tokens` each.
  Estimated prefill(double tokens, double prompt_tokens) const;

  /// Time of an output token where `batch` requests run and each finished one makes room for a prompt: the
  /// decode step, and its share of the prefills in between, of about `prefill_tokens` each.
  Estimated tpot(std::int64_t batch, double prefill_tokens, double input_tokens, double output_tokens) const;
  /// Time to the first token where prompts are prefilled `tokens` at a time: the decode step that runs, half
  /// of the prefill in front and the own one.
  Estimated ttft(std::int64_t batch, double tokens, double input_tokens, double output_tokens) const;

  /// The largest batch of at most `most` whose expected TPOT is not above `limit_seconds`; 0 where none is.
  std::int64_t batch_for_tpot(double limit_seconds, std::int64_t most, double prefill_tokens,
                              double input_tokens, double output_tokens) const;
  /// The most prefill tokens, not above `most`, whose expected TTFT is not above `limit_seconds`; 0 where
  /// none.
  std::int64_t prefill_for_ttft(double limit_seconds, std::int64_t batch, std::int64_t most,
                                double input_tokens, double output_tokens) const;

  /// The constants, for a person.
  std::string assumptions() const;

 private:
  double flops_ = 0;         // dense peak of one rank
  double bandwidth_ = 0;     // bytes/second of one rank
  double dense_bytes_ = 0;   // weights read by every step, on a rank
  double expert_bytes_ = 0;  // routed experts on a rank, of which a step reads those that its tokens need
  double expert_share_ = 0;  // of the experts, for one token
  double active_parameters_ = 0;  // on a rank, for one token
  double attention_flops_ = 0;    // on a rank, for one token and token of context
  double kv_bytes_ = 0;           // per token and rank
  double message_bytes_ = 0;      // exchanged for one token between the ranks, all layers
  double collectives_ = 0;        // of a step
};

}  // namespace ms
