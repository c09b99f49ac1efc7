#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ms {

/// A length and how much of the requests has it.
struct WeightedLength {
  std::int64_t tokens = 0;
  double weight = 0;
};

/// Lengths of prompts or of answers. Weights are above 0 and need not add up to 1.
using Lengths = std::vector<WeightedLength>;

/// Reads lengths as a person writes them: "256", a range "200-400" (all alike), mean and deviation "256~64"
/// (normal, cut off below 1 token), a histogram "128:10,512:5" of lengths and counts. Ranges and deviations
/// become at most 64 lengths of equal weight. Throws InputError that starts with `source` for anything else.
Lengths parse_lengths(std::string_view text, const std::string& source);

/// Which length stands for all of them.
enum class Statistic { average, min, p50, p75, p90, p99, max };

/// "average", "min", "p50", "p75", "p90", "p99", "max".
std::vector<std::string> statistic_names();
/// Throws InputError that starts with `source` for another word.
Statistic parse_statistic(std::string_view word, const std::string& source);

/// The statistic of lengths that are not empty. [tokens]
double statistic_of(const Lengths& lengths, Statistic statistic);
/// The standard deviation. [tokens]
double deviation_of(const Lengths& lengths);

/// A prompt and its answer.
struct RequestLength {
  std::int64_t input = 0;
  std::int64_t output = 0;
  double weight = 1;
};

/// Requests of a data set or a run.
struct RequestLengths {
  std::vector<RequestLength> requests;
  std::string source;              ///< "file.jsonl: 500 requests"
  std::vector<std::string> notes;  ///< records that were left out, and estimates
};

/// Prompts and answers whose lengths do not depend on each other.
RequestLengths combine(const Lengths& input, const Lengths& output);

/// Reads a data set: JSON Lines or a JSON list of records with lengths (input_tokens, prompt_len, ...), CSV
/// with such columns, the details of `vllm bench serve` (input_lens, output_lens), or conversations of
/// ShareGPT, whose tokens are estimated from their characters. A record without lengths is left out and
/// counted. Throws InputError where none is left.
RequestLengths read_request_lengths(std::string_view text, const std::string& source);

Lengths inputs_of(const RequestLengths& lengths);
Lengths outputs_of(const RequestLengths& lengths);

}  // namespace ms
