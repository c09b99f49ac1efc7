#include "advise/recorded_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "profile/device_facts.hpp"
#include "profile/fit.hpp"
#include "profile/metrics.hpp"

namespace ms {
namespace {

using LengthCounts = std::map<std::pair<std::int64_t, std::int64_t>, double>;

bool is_length(double tokens) {
  return tokens >= 1 && tokens < 1e9;
}

LengthCounts count_lengths(const std::vector<profile::Request>& requests) {
  LengthCounts counts;
  for (const profile::Request& request : requests) {
    if (!is_length(request.input_tokens) || !is_length(request.output_tokens)) continue;
    ++counts[{std::llround(request.input_tokens), std::llround(request.output_tokens)}];
  }
  return counts;
}

std::optional<std::int64_t> mean_tokens(const FactDocument& recorded, const char* path) {
  const Json* mean = recorded.find(path);
  if (mean == nullptr || !mean->is_number() || !is_length(mean->get<double>())) return std::nullopt;
  return std::llround(mean->get<double>());
}

double number(const Json& object, const char* name) {
  return object.at(name).get<double>();
}

profile::StepFit fit_by_size(const Json& facts) {
  profile::StepFit fit;
  fit.constant = number(facts, "constant_seconds");
  fit.linear = number(facts, "linear_seconds");
  fit.square = number(facts, "square_seconds");
  fit.min = number(facts, "min");
  fit.max = number(facts, "max");
  return fit;
}

// At the mean context of the run.
profile::StepFit fit_by_context(const Json& facts) {
  profile::ContextFit fit;
  fit.constant = number(facts, "constant_seconds");
  fit.request = number(facts, "request_seconds");
  fit.context_token = number(facts, "context_token_seconds");
  fit.mean_context = number(facts, "mean_context_tokens");
  fit.min = number(facts, "min");
  fit.max = number(facts, "max");
  return fit.at_mean_context();
}

}  // namespace

FactDocument facts_of(const profile::Run& run, const std::string& source) {
  FactDocument facts;
  facts.set("run", profile::run_facts(run), source);
  profile::add_device_facts(run.device, facts);
  return facts;
}

void add_throughput_per_card(FactDocument& recorded, double cards) {
  const Json* output = recorded.find("run.throughput.output_tokens_per_second");
  if (output == nullptr || !(cards >= 1)) return;
  recorded.set("run.throughput.output_tokens_per_second_per_card", output->get<double>() / cards,
               fmt::format("the run on {:.0f} cards", cards));
}

std::optional<RequestLengths> lengths_of(const profile::Run& run, const FactDocument& recorded) {
  LengthCounts counts = count_lengths(run.client_requests);
  for (const profile::Records& records : run.service) {
    if (counts.empty()) counts = count_lengths(records.requests);
  }
  if (counts.empty()) {
    const auto input = mean_tokens(recorded, "run.input_tokens.mean");
    const auto output = mean_tokens(recorded, "run.output_tokens.mean");
    if (!input || !output) return std::nullopt;
    RequestLengths means = {.requests = {}, .source = "the run: mean lengths", .notes = {}};
    means.requests.push_back({.input = *input, .output = *output, .weight = 1});
    return means;
  }
  RequestLengths lengths;
  double requests = 0;
  for (const auto& [length, count] : counts) {
    lengths.requests.push_back({.input = length.first, .output = length.second, .weight = count});
    requests += count;
  }
  lengths.source = fmt::format("the run: {:.0f} requests", requests);
  return lengths;
}

std::optional<Json> best_batch_of_run(const FactDocument& recorded, const Goals& goals) {
  const Json* facts = recorded.find("run.fit.decode");
  if (facts == nullptr) return std::nullopt;
  // A batch of long contexts takes longer: within a limit of the step the context counts, where it explains
  // the steps better than the batch alone.
  const Json* context = goals.tpot_slo_seconds ? recorded.find("run.fit.decode_context") : nullptr;
  const bool by_context =
      context != nullptr && number(*context, "error_ratio") < number(*context, "size_error_ratio");
  const profile::StepFit fit = by_context ? fit_by_context(*context) : fit_by_size(*facts);
  const profile::BestBatch best = profile::best_batch(fit, goals.tpot_slo_seconds);
  if (best.batch < 1) return std::nullopt;
  const auto batch = static_cast<double>(best.batch);
  // Beyond this a batch is as good as unlimited, and JSON has no infinity.
  constexpr double kMostBatch = 1e6;
  Json result = {{"batch", best.batch},           {"optimum", std::min(best.optimum, kMostBatch)},
                 {"covered", best.covered},       {"limit", best.limit},
                 {"tpot_seconds", fit.at(batch)}, {"output_tokens_per_second", batch / fit.at(batch)}};
  if (by_context) result["context_tokens"] = number(*context, "mean_context_tokens");
  const Json* usual = recorded.find("run.decode.batch_size.p50");
  if (usual == nullptr) usual = recorded.find("run.decode.batch_size_by_request.p50");
  if (usual != nullptr && usual->get<double>() >= 1) {
    const double now = usual->get<double>() / fit.at(usual->get<double>());
    result["gain_ratio"] = batch / fit.at(batch) / now - 1;
  }
  return result;
}

}  // namespace ms
