#include <algorithm>
#include <bitset>
#include <cmath>
#include <set>

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

// One step whose time was recorded.
struct Timed {
  double prefill;
  double decode;
  double size;
  double seconds;
  double prefill_tokens = kNone;
  double context_tokens = kNone;
  double start = kNone;
};

// Calls `take` for every step: of the model's execution, or of its forward passes. Nothing is copied: there
// are millions.
template <class F>
void each_timed(const Run& run, F take) {
  bool any = false;
  if (const Records* records = source_of(run, &Records::batches)) {
    for (const Batch& batch : records->batches) {
      if (batch.event != BatchEvent::execute) continue;
      any = true;
      take(Timed{batch.prefill_requests, batch.decode_requests, batch.size, batch.seconds,
                 batch.prefill_tokens, batch.context_tokens, batch.start});
    }
  }
  if (any) return;
  if (const Records* records = source_of(run, &Records::forwards)) {
    for (const Forward& forward : records->forwards) {
      take(Timed{forward.prefill_requests, forward.decode_requests, forward.size, forward.seconds, kNone,
                 kNone, forward.start});
    }
  }
}

// Distributions by batch size. Small sizes, which are nearly all, are found without a search.
class BySize {
 public:
  void add(double size, double seconds) {
    if (!(size >= 1 && size < 1e6)) return;
    const auto whole = static_cast<std::size_t>(size);
    if (whole >= kSmall) {
      large_[static_cast<std::int64_t>(whole)].add(seconds);
      return;
    }
    if (whole >= small_.size()) small_.resize(whole + 1);
    small_[whole].add(seconds);
  }

  std::map<std::int64_t, Distribution> take() {
    for (std::size_t size = 0; size < small_.size(); ++size) {
      if (small_[size].count() > 0) large_[static_cast<std::int64_t>(size)] = std::move(small_[size]);
    }
    return std::move(large_);
  }

 private:
  static constexpr std::size_t kSmall = 4096;
  std::vector<Distribution> small_;
  std::map<std::int64_t, Distribution> large_;
};

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

// Times of the steps of one phase.
struct PhaseTimes {
  Distribution seconds;
  ByBatch by_batch;
};

template <class F>
PhaseTimes phase_times(const Run& run, F is_phase) {
  PhaseTimes times;
  BySize sizes;
  each_timed(run, [&](const Timed& time) {
    if (!is_phase(time.prefill, time.decode)) return;
    times.seconds.add(time.seconds);
    sizes.add(time.size, time.seconds);
  });
  times.by_batch = sizes.take();
  return times;
}

template <class F>
Json phase_facts(const std::vector<Batch>& batches, const PhaseTimes& times, const ByBatch& client,
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
  if (times.seconds.count() == 0 && !client.empty()) {
    // The client says of each request which batch computed it: a batch of n is seen n times.
    std::map<std::int64_t, std::uint64_t> counts;
    for (const auto& [batch, distribution] : client) counts[batch] = distribution.count();
    if (!facts.contains("batch_size")) put(facts, "batch_size_by_request", spread_of_counts(counts));
    facts["by_batch"] = by_batch_facts(client);
  } else if (times.seconds.count() > 0) {
    put(facts, "seconds", times.seconds.spread());
    facts["by_batch"] = by_batch_facts(times.by_batch);
  }
  double largest = times.by_batch.empty() ? 0 : static_cast<double>(times.by_batch.rbegin()->first);
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

// The median error of a fit by batch size alone over points that differ in their context, too.
double error_of(const StepFit& fit, const std::vector<ContextPoint>& points) {
  std::vector<double> errors;
  for (const ContextPoint& point : points) {
    const double expected = fit.at(point.requests);
    errors.push_back(std::abs(point.seconds - expected) / std::max(expected, 1e-12));
  }
  return spread_of(std::move(errors)).value_or(Spread()).p50;
}

Json fit_facts(const ContextFit& fit, double error_by_size) {
  return {{"constant_seconds", fit.constant},
          {"request_seconds", fit.request},
          {"context_token_seconds", fit.context_token},
          {"error_ratio", fit.error_ratio},
          {"size_error_ratio", error_by_size},
          {"min", fit.min},
          {"max", fit.max},
          {"min_context_tokens", fit.min_context},
          {"max_context_tokens", fit.max_context},
          {"mean_context_tokens", fit.mean_context},
          {"steps", fit.steps}};
}

// Medians of decode steps by batch and by the context that the requests hold together, in steps of a
// fortieth of it: of a million steps a few thousand points are left.
std::vector<ContextPoint> context_points(const Run& run) {
  struct Cell {
    Distribution seconds;
    double context = 0;
  };
  std::map<std::pair<std::int64_t, std::int64_t>, Cell> cells;
  each_timed(run, [&](const Timed& time) {
    if (!is_decode(time.prefill, time.decode) || !(time.context_tokens > 0) || !(time.decode < 1e6)) return;
    constexpr double kStepsOfTen = 92;  // 40 in a factor of e
    const auto bin = static_cast<std::int64_t>(std::log10(time.context_tokens) * kStepsOfTen);
    Cell& cell = cells[{static_cast<std::int64_t>(time.decode), bin}];
    cell.seconds.add(time.seconds);
    cell.context += time.context_tokens;
  });
  std::vector<ContextPoint> points;
  for (const auto& [key, cell] : cells) {
    const auto steps = static_cast<double>(cell.seconds.count());
    points.push_back({.requests = static_cast<double>(key.first),
                      .context_tokens = cell.context / steps,
                      .seconds = cell.seconds.quantile(0.5),
                      .steps = steps});
  }
  return points;
}

// What steps take by their size: decode by requests, and by their context where that was recorded; prefill by
// tokens, or by requests of the mean prompt where tokens were not recorded.
void add_fit(const Run& run, Json& facts) {
  Json fits = Json::object();
  bool timed = false;
  std::vector<FitPoint> prefill;
  each_timed(run, [&](const Timed& time) {
    timed = true;
    if (is_prefill(time.prefill, time.decode) && time.prefill_tokens > 0) {
      prefill.push_back({.x = time.prefill_tokens, .seconds = time.seconds, .steps = 1});
    }
  });
  if (facts.contains("decode")) {
    const auto by_size = fit_steps(points_of(facts["decode"], !timed));
    if (by_size) fits["decode"] = fit_facts(*by_size, "requests");
    const std::vector<ContextPoint> points = context_points(run);
    const auto by_context = fit_context_steps(points);
    if (by_size && by_context) fits["decode_context"] = fit_facts(*by_context, error_of(*by_size, points));
  }
  const char* of = "tokens";
  if (prefill.empty() && facts.contains("prefill") && facts.contains("input_tokens")) {
    of = "requests of the mean prompt";
    prefill = points_of(facts["prefill"], !timed);
    const double prompt = facts["input_tokens"].value("mean", kNone);
    for (FitPoint& point : prefill) point.x *= prompt;
  }
  if (const auto fit = fit_steps(std::move(prefill))) fits["prefill"] = fit_facts(*fit, of);
  if (!fits.empty()) facts["fit"] = std::move(fits);
}

// Ranks that serve requests of their own. Small numbers, which are nearly all, are found without a search.
double dp_ranks(const Run& run) {
  std::bitset<4096> small;
  std::set<std::int32_t> large;
  const auto add = [&](const auto& records) {
    for (const auto& record : records) {
      if (record.dp_rank < 0) continue;
      const auto rank = static_cast<std::size_t>(record.dp_rank);
      if (rank < small.size()) {
        small.set(rank);
      } else {
        large.insert(record.dp_rank);
      }
    }
  };
  for (const Records& records : run.service) {
    add(records.batches);
    add(records.forwards);
  }
  const std::size_t ranks = small.count() + large.size();
  return static_cast<double>(std::max<std::size_t>(ranks, 1));
}

// Tokens over the time in the model alone, as benchmarks of a model without a service count them: a decode
// step gives every request a token, and a prefill step its first one. Ranks of one tensor-parallel group
// record the same steps, which changes neither quotient.
void add_model_throughput(const Run& run, Json& facts) {
  double decode_tokens = 0;
  double pure_tokens = 0;  // of steps of decode alone
  double pure_seconds = 0;
  double first_tokens = 0;
  double seconds = 0;
  double first = kNone;
  double last = kNone;
  each_timed(run, [&](const Timed& time) {
    if (!(first <= time.start)) first = time.start;
    if (!(last >= time.start)) last = time.start;
    if (!(time.seconds > 0) || !(time.prefill >= 0) || !(time.decode >= 0)) return;
    seconds += time.seconds;
    first_tokens += time.prefill;
    decode_tokens += time.decode;
    if (!is_decode(time.prefill, time.decode)) return;
    pure_tokens += time.decode;
    pure_seconds += time.seconds;
  });
  // Old versions of MindIE record the dispatch of a step alone, which ends long before the step does.
  constexpr double kLeastBusy = 0.1;
  if (seconds < kLeastBusy * (last - first)) return;
  Json model = Json::object();
  const double ranks = dp_ranks(run);
  if (pure_seconds > 0) put(model, "non_first_tokens_per_second", pure_tokens / pure_seconds * ranks);
  // Without prefill steps nothing is known of the end-to-end time.
  if (first_tokens > 0 && decode_tokens > 0) {
    put(model, "end_to_end_tokens_per_second", (first_tokens + decode_tokens) / seconds * ranks);
  }
  if (!model.empty()) facts["model_throughput"] = std::move(model);
}

// Time between what a process did and what it did next.
struct StepGaps {
  Values seconds;
  double idle = 0;
  double busy = 0;

  // Records of `wanted` alone. They come in order of their start within a process, mostly; where they do not,
  // a sorted copy is gone through.
  template <class T, class F>
  void add_all(const std::vector<T>& records, F wanted) {
    const auto each = [&](const auto& list, auto take) {
      for (const T& record : list) {
        if (wanted(record) && !std::isnan(record.start)) take(record);
      }
    };
    std::vector<double> last;
    bool ordered = true;
    each(records, [&](const T& record) {
      if (record.process >= last.size()) last.resize(record.process + 1, kNone);
      ordered = ordered && !(record.start < last[record.process]);
      last[record.process] = record.start;
    });
    std::vector<T> sorted;
    if (!ordered) {
      each(records, [&](const T& record) { sorted.push_back(record); });
      std::stable_sort(sorted.begin(), sorted.end(),
                       [](const T& a, const T& b) { return a.start < b.start; });
    }
    std::vector<double> ends(last.size(), kNone);
    each(ordered ? records : sorted, [&](const T& record) {
      double& end = ends[record.process];
      if (!std::isnan(end)) {
        const double gap = std::max(0.0, record.start - end);
        seconds.add(gap);
        idle += gap;
      }
      end = record.start + record.seconds;
      busy += record.seconds;
    });
  }
};

}  // namespace

void add_batch_facts(const Run& run, Json& facts) {
  const Records* records = source_of(run, &Records::batches);
  const std::vector<Batch> batches = records == nullptr ? std::vector<Batch>() : composed(*records);
  Json prefill = phase_facts(batches, phase_times(run, is_prefill), run.prefill_by_batch, is_prefill,
                             &Batch::prefill_requests, &Batch::prefill_tokens);
  Json decode = phase_facts(batches, phase_times(run, is_decode), run.decode_by_batch, is_decode,
                            &Batch::decode_requests, &Batch::decode_tokens);
  if (!prefill.empty()) facts["prefill"] = std::move(prefill);
  if (!decode.empty()) facts["decode"] = std::move(decode);
  add_fit(run, facts);
  add_model_throughput(run, facts);
  if (batches.empty()) return;
  const auto mixed = std::count_if(batches.begin(), batches.end(), [](const Batch& batch) {
    return is_mixed(batch.prefill_requests, batch.decode_requests);
  });
  facts["mixed_batches"] = mixed;
  put(facts, "batch_size", spread_of_field(batches, &Batch::size));
  put(facts, "batch_tokens", spread_of_rows(batches, [](const Batch& batch) {
        const double tokens = (std::isnan(batch.prefill_tokens) ? 0 : batch.prefill_tokens) +
                              (std::isnan(batch.decode_tokens) ? 0 : batch.decode_tokens);
        return tokens > 0 ? tokens : kNone;
      }));
}

void add_gap_facts(const Run& run, Json& facts) {
  StepGaps gaps;
  if (const Records* records = source_of(run, &Records::forwards)) {
    gaps.add_all(records->forwards, [](const Forward&) { return true; });
  } else if (const Records* with_batches = source_of(run, &Records::batches)) {
    gaps.add_all(with_batches->batches,
                 [](const Batch& batch) { return batch.event == BatchEvent::execute; });
  }
  const auto spread = std::move(gaps.seconds).spread();
  if (!spread) return;
  facts["gaps"] = {{"seconds", spread_json(*spread)}, {"ratio", gaps.idle / (gaps.idle + gaps.busy)}};
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
