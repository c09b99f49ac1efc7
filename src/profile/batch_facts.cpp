#include <algorithm>
#include <cmath>

#include "profile/fit.hpp"
#include "profile/run_facts.hpp"

namespace ms::profile {
namespace {

bool is_prefill(double prefill, double decode) {
  return prefill > 0 && !(decode > 0);
}
bool is_decode(double prefill, double decode) {
  return decode > 0 && !(prefill > 0);
}
bool is_mixed(double prefill, double decode) {
  return decode > 0 && prefill > 0;
}

// Of the events of batches, the one that says most of what batches consist of.
std::vector<Batch> composed(const Records& records) {
  for (const BatchEvent event : {BatchEvent::schedule, BatchEvent::execute, BatchEvent::dispatch}) {
    std::vector<Batch> batches;
    for (const Batch& batch : records.batches) {
      if (batch.event == event && batch.size > 0) batches.push_back(batch);
    }
    const bool phased = std::any_of(batches.begin(), batches.end(),
                                    [](const Batch& batch) { return !std::isnan(batch.prefill_requests); });
    if (phased) return batches;
  }
  return {};
}

struct Timed {
  double prefill;
  double decode;
  double size;
  double seconds;
  double prefill_tokens = kNone;
};

// Times of batches: of the model's execution, or of its forward passes.
std::vector<Timed> timed(const Run& run) {
  std::vector<Timed> times;
  if (const Records* records = source_of(run, &Records::batches)) {
    for (const Batch& batch : records->batches) {
      if (batch.event == BatchEvent::execute) {
        times.push_back(
            {batch.prefill_requests, batch.decode_requests, batch.size, batch.seconds, batch.prefill_tokens});
      }
    }
  }
  if (!times.empty()) return times;
  if (const Records* records = source_of(run, &Records::forwards)) {
    for (const Forward& forward : records->forwards) {
      times.push_back(
          {forward.prefill_requests, forward.decode_requests, forward.size, forward.seconds, kNone});
    }
  }
  return times;
}

using ByBatch = std::map<std::int64_t, Distribution>;

Json by_batch_facts(const ByBatch& by_batch) {
  Json list = Json::array();
  for (const auto& [batch, times] : by_batch) {
    list.push_back({{"batch", batch},
                    {"count", times.count()},
                    {"mean_seconds", times.mean()},
                    {"p50_seconds", times.quantile(0.5)}});
  }
  return list;
}

template <class F>
Json phase_facts(const std::vector<Batch>& batches, const std::vector<Timed>& times, const ByBatch& client,
                 F is_phase, double Batch::*requests, double Batch::*tokens) {
  Json facts = Json::object();
  std::vector<double> sizes;
  std::vector<double> token_counts;
  for (const Batch& batch : batches) {
    if (!is_phase(batch.prefill_requests, batch.decode_requests)) continue;
    sizes.push_back(batch.*requests);
    token_counts.push_back(batch.*tokens > 0 ? batch.*tokens : kNone);
  }
  if (!sizes.empty()) facts["batches"] = sizes.size();
  put(facts, "batch_size", spread_of(std::move(sizes)));
  put(facts, "tokens", spread_of(std::move(token_counts)));
  Distribution seconds;
  ByBatch by_batch;
  for (const Timed& time : times) {
    if (!is_phase(time.prefill, time.decode)) continue;
    seconds.add(time.seconds);
    if (time.size >= 1 && time.size < 1e6) by_batch[static_cast<std::int64_t>(time.size)].add(time.seconds);
  }
  if (seconds.count() == 0 && !client.empty()) {
    // The client says of each request which batch computed it: a batch of n is seen n times.
    std::map<std::int64_t, std::uint64_t> counts;
    for (const auto& [batch, distribution] : client) counts[batch] = distribution.count();
    if (!facts.contains("batch_size")) put(facts, "batch_size_by_request", spread_of_counts(counts));
    facts["by_batch"] = by_batch_facts(client);
  } else if (seconds.count() > 0) {
    put(facts, "seconds", seconds.spread());
    facts["by_batch"] = by_batch_facts(by_batch);
  }
  double largest = by_batch.empty() ? 0 : static_cast<double>(by_batch.rbegin()->first);
  for (const char* name : {"batch_size", "batch_size_by_request"}) {
    if (facts.contains(name)) largest = std::max(largest, facts[name]["max"].get<double>());
  }
  if (largest > 0) facts["largest_batch"] = largest;
  return facts;
}

Json fit_facts(const StepFit& fit, const char* of) {
  return {{"of", of},
          {"constant_seconds", fit.constant},
          {"linear_seconds", fit.linear},
          {"square_seconds", fit.square},
          {"error_ratio", fit.error_ratio},
          {"min", fit.min},
          {"max", fit.max},
          {"sizes", fit.sizes},
          {"steps", fit.steps}};
}

// Medians of step times by batch: a batch of n that a client reports is seen n times.
std::vector<FitPoint> points_of(const Json& phase, bool seen_by_requests) {
  std::vector<FitPoint> points;
  if (!phase.contains("by_batch")) return points;
  for (const Json& entry : phase["by_batch"]) {
    const double batch = entry["batch"].get<double>();
    const double count = entry["count"].get<double>();
    points.push_back({.x = batch,
                      .seconds = entry["p50_seconds"].get<double>(),
                      .steps = seen_by_requests ? std::max(1.0, count / batch) : count});
  }
  return points;
}

// What steps take by their size: decode by requests; prefill by tokens, or by requests of the mean prompt
// where tokens were not recorded.
void add_fit(const std::vector<Timed>& times, Json& facts) {
  Json fits = Json::object();
  if (facts.contains("decode")) {
    if (const auto fit = fit_steps(points_of(facts["decode"], times.empty()))) {
      fits["decode"] = fit_facts(*fit, "requests");
    }
  }
  std::vector<FitPoint> prefill;
  for (const Timed& time : times) {
    if (is_prefill(time.prefill, time.decode) && time.prefill_tokens > 0) {
      prefill.push_back({.x = time.prefill_tokens, .seconds = time.seconds, .steps = 1});
    }
  }
  const char* of = "tokens";
  if (prefill.empty() && facts.contains("prefill") && facts.contains("input_tokens")) {
    of = "requests of the mean prompt";
    prefill = points_of(facts["prefill"], times.empty());
    const double prompt = facts["input_tokens"].value("mean", kNone);
    for (FitPoint& point : prefill) point.x *= prompt;
  }
  if (const auto fit = fit_steps(std::move(prefill))) fits["prefill"] = fit_facts(*fit, of);
  if (!fits.empty()) facts["fit"] = std::move(fits);
}

}  // namespace

void add_batch_facts(const Run& run, Json& facts) {
  const Records* records = source_of(run, &Records::batches);
  const std::vector<Batch> batches = records == nullptr ? std::vector<Batch>() : composed(*records);
  const std::vector<Timed> times = timed(run);
  Json prefill = phase_facts(batches, times, run.prefill_by_batch, is_prefill, &Batch::prefill_requests,
                             &Batch::prefill_tokens);
  Json decode = phase_facts(batches, times, run.decode_by_batch, is_decode, &Batch::decode_requests,
                            &Batch::decode_tokens);
  if (!prefill.empty()) facts["prefill"] = std::move(prefill);
  if (!decode.empty()) facts["decode"] = std::move(decode);
  add_fit(times, facts);
  if (batches.empty()) return;
  const auto mixed = std::count_if(batches.begin(), batches.end(), [](const Batch& batch) {
    return is_mixed(batch.prefill_requests, batch.decode_requests);
  });
  facts["mixed_batches"] = mixed;
  put(facts, "batch_size", spread_of_field(batches, &Batch::size));
  put(facts, "batch_tokens", spread_of(column(batches, [](const Batch& batch) {
        const double tokens = (std::isnan(batch.prefill_tokens) ? 0 : batch.prefill_tokens) +
                              (std::isnan(batch.decode_tokens) ? 0 : batch.decode_tokens);
        return tokens > 0 ? tokens : kNone;
      })));
}

void add_gap_facts(const Run& run, Json& facts) {
  struct Span {
    std::uint32_t process;
    double start;
    double seconds;
  };
  std::vector<Span> spans;
  if (const Records* records = source_of(run, &Records::forwards)) {
    for (const Forward& forward : records->forwards)
      spans.push_back({forward.process, forward.start, forward.seconds});
  } else if (const Records* with_batches = source_of(run, &Records::batches)) {
    for (const Batch& batch : with_batches->batches) {
      if (batch.event == BatchEvent::execute) spans.push_back({batch.process, batch.start, batch.seconds});
    }
  }
  std::erase_if(spans, [](const Span& span) { return std::isnan(span.start); });
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.process != b.process ? a.process < b.process : a.start < b.start;
  });
  std::vector<double> gaps;
  double idle = 0;
  double busy = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    busy += spans[i].seconds;
    if (i + 1 == spans.size() || spans[i + 1].process != spans[i].process) continue;
    const double gap = std::max(0.0, spans[i + 1].start - spans[i].start - spans[i].seconds);
    gaps.push_back(gap);
    idle += gap;
  }
  if (gaps.empty()) return;
  facts["gaps"] = {{"seconds", spread_json(*spread_of(std::move(gaps)))}, {"ratio", idle / (idle + busy)}};
}

void add_forward_facts(const Run& run, Json& facts) {
  const Records* records = source_of(run, &Records::forwards);
  if (records == nullptr) return;
  put(facts, "forward_seconds", spread_of_field(records->forwards, &Forward::seconds));
  struct Rank {
    std::uint64_t forwards = 0;
    double seconds = 0;
    double size = 0;
    std::uint64_t sized = 0;
  };
  std::map<std::int32_t, Rank> ranks;
  for (const Forward& forward : records->forwards) {
    if (forward.dp_rank < 0) continue;
    Rank& rank = ranks[forward.dp_rank];
    ++rank.forwards;
    rank.seconds += forward.seconds;
    if (forward.size > 0) {
      rank.size += forward.size;
      ++rank.sized;
    }
  }
  if (ranks.empty()) return;
  Json list = Json::array();
  for (const auto& [id, rank] : ranks) {
    Json entry = {{"rank", id},
                  {"forwards", rank.forwards},
                  {"mean_seconds", rank.seconds / static_cast<double>(rank.forwards)}};
    if (rank.sized > 0) entry["mean_batch_size"] = rank.size / static_cast<double>(rank.sized);
    list.push_back(std::move(entry));
  }
  facts["dp_ranks"] = std::move(list);
}

}  // namespace ms::profile
