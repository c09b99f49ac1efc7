#include "profile/metrics.hpp"

#include <algorithm>
#include <cmath>

#include "profile/fit.hpp"

namespace ms::profile {
namespace {

std::string_view name_of(Origin origin) {
  constexpr std::array<std::string_view, kOrigins> kNames = {"csv", "profiler.db", "raw database", "trace",
                                                             "log"};
  return kNames[static_cast<std::size_t>(origin)];
}

Json to_json(const Spread& spread) {
  return {{"count", spread.count}, {"mean", spread.mean}, {"p50", spread.p50}, {"p90", spread.p90},
          {"p95", spread.p95},     {"p99", spread.p99},   {"min", spread.min}, {"max", spread.max}};
}

void put(Json& facts, const char* name, const std::optional<Spread>& spread) {
  if (spread) facts[name] = to_json(*spread);
}

void put(Json& facts, const char* name, double value) {
  if (std::isfinite(value)) facts[name] = value;
}

// The first source that has any of these records; nullptr where none has.
template <class T>
const Records* source_of(const Run& run, std::vector<T> Records::*field) {
  for (const Records& records : run.service) {
    if (!(records.*field).empty()) return &records;
  }
  return nullptr;
}

std::string origin_name(const Run& run, const Records& records) {
  return std::string(name_of(static_cast<Origin>(&records - run.service.data())));
}

template <class T, class F>
std::vector<double> column(const std::vector<T>& rows, F value) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const T& row : rows) values.push_back(value(row));
  return values;
}

template <class T>
std::optional<Spread> spread_of_field(const std::vector<T>& rows, double T::*field) {
  return spread_of(column(rows, [&](const T& row) { return row.*field; }));
}

// --- Requests

struct Window {
  double seconds = kNone;
  double input_tokens = 0;
  double output_tokens = 0;
};

// From the first arrival to the last answer, where requests say when they were.
Window window_of(const std::vector<Request>& requests) {
  Window window;
  double first = kNone;
  double last = kNone;
  for (const Request& request : requests) {
    if (request.input_tokens > 0) window.input_tokens += request.input_tokens;
    if (request.output_tokens > 0) window.output_tokens += request.output_tokens;
    const double end = request.arrival + request.latency;
    if (!(first <= request.arrival)) first = request.arrival;
    if (!(last >= end)) last = end;
  }
  if (last > first) window.seconds = last - first;
  return window;
}

// The benchmark that speaks of the run as a whole: of several, the one whose name is last, as names end in
// times. What was measured without a service comes only where there is nothing else.
const Benchmark* headline(const Run& run) {
  const auto order = [](const Benchmark& a, const Benchmark& b) {
    const bool a_serves = a.tool != "vllm offline";
    const bool b_serves = b.tool != "vllm offline";
    return a_serves != b_serves ? b_serves : a.source < b.source;
  };
  const auto last = std::max_element(run.benchmarks.begin(), run.benchmarks.end(), order);
  return last == run.benchmarks.end() ? nullptr : &*last;
}

double stated(const Benchmark* benchmark, std::string_view name) {
  if (benchmark == nullptr) return kNone;
  const auto found = benchmark->values.find(name);
  return found == benchmark->values.end() ? kNone : found->second;
}

// Requests that were answered, or that were sent where a tool says no more.
double stated_requests(const Benchmark* benchmark) {
  const double answered = stated(benchmark, "requests");
  return answered >= 0 ? answered : stated(benchmark, "total_requests");
}

void add_stated_spread(Json& facts, const char* name, const Benchmark* benchmark, std::string_view quantity) {
  if (facts.contains(name) || benchmark == nullptr) return;
  const auto found = benchmark->spreads.find(quantity);
  if (found == benchmark->spreads.end()) return;
  Json spread = Json::object();
  for (const char* statistic : {"mean", "p50", "p90", "p95", "p99", "min", "max"}) {
    const auto value = found->second.find(statistic);
    if (value != found->second.end()) spread[statistic] = value->second;
  }
  const auto count = found->second.find("count");
  if (count != found->second.end() && count->second >= 0 && count->second < 1e15) {
    spread["count"] = static_cast<std::int64_t>(count->second);
  }
  if (!spread.empty()) facts[name] = std::move(spread);
}

void add_requests(const Run& run, Json& facts) {
  const Records* service = source_of(run, &Records::requests);
  const bool client = !run.client_requests.empty();
  static const std::vector<Request> kNoRequests;
  const std::vector<Request>& requests = client               ? run.client_requests
                                         : service != nullptr ? service->requests
                                                              : kNoRequests;
  const Benchmark* benchmark = headline(run);
  if (!requests.empty()) {
    facts["requests"] = {{"count", requests.size()}, {"failed", run.failed_client_requests}};
    facts["requests"]["source"] = client ? "client" : origin_name(run, *service);
    put(facts, "input_tokens", spread_of_field(requests, &Request::input_tokens));
    put(facts, "output_tokens", spread_of_field(requests, &Request::output_tokens));
    put(facts, "ttft_seconds", spread_of_field(requests, &Request::ttft));
    put(facts, "tpot_seconds", spread_of_field(requests, &Request::tpot));
    put(facts, "latency_seconds", spread_of_field(requests, &Request::latency));
    put(facts, "queue_seconds", spread_of_field(requests, &Request::queue));
    put(facts, "cache_hit_ratio", spread_of_field(requests, &Request::cache_hit_ratio));
  } else if (const double count = stated_requests(benchmark); count >= 0) {
    const double failed = stated(benchmark, "failed_requests");
    facts["requests"] = {{"count", static_cast<std::int64_t>(std::min(count, 1e15))},
                         {"failed", failed >= 0 ? static_cast<std::int64_t>(std::min(failed, 1e15)) : 0},
                         {"source", "stated"}};
  }
  if (service != nullptr && !facts.contains("queue_seconds")) {
    put(facts, "queue_seconds", spread_of_field(service->requests, &Request::queue));
  }
  put(facts, "itl_seconds", run.itl.spread());
  constexpr std::array<std::pair<const char*, std::string_view>, 7> kStated = {
      {{"ttft_seconds", "ttft"},
       {"tpot_seconds", "tpot"},
       {"itl_seconds", "itl"},
       {"latency_seconds", "latency"},
       {"queue_seconds", "queue"},
       {"input_tokens", "input_tokens"},
       {"output_tokens", "output_tokens"}}};
  for (const auto& [name, quantity] : kStated) add_stated_spread(facts, name, benchmark, quantity);

  Window window = window_of(requests);
  const double duration = stated(benchmark, "duration_seconds");
  if (duration > 0) window.seconds = duration;
  Json throughput = Json::object();
  put(throughput, "duration_seconds", window.seconds);
  // What the client states includes requests whose record is lost.
  const auto speed = [&](const char* name, double recorded) {
    const double value = stated(benchmark, name);
    if (value >= 0) {
      put(throughput, name, value);
    } else if (window.seconds > 0 && recorded > 0) {
      put(throughput, name, recorded / window.seconds);
    }
  };
  const bool both = window.input_tokens > 0 && window.output_tokens > 0;
  speed("requests_per_second", static_cast<double>(requests.size()));
  speed("output_tokens_per_second", window.output_tokens);
  speed("input_tokens_per_second", window.input_tokens);
  speed("total_tokens_per_second", both ? window.input_tokens + window.output_tokens : 0);
  if (!throughput.empty()) facts["throughput"] = std::move(throughput);

  Json concurrency = Json::object();
  // A client that states both calls its setting the maximum and what it reached the concurrency.
  const double most = stated(benchmark, "max_concurrency");
  put(concurrency, "limit", most > 0 ? most : stated(benchmark, "concurrency"));
  if (window.seconds > 0 && !requests.empty()) {
    double busy = 0;
    for (const Request& request : requests) {
      if (request.latency > 0) busy += request.latency;
    }
    // Little's law: requests in the system are their rate times their time in it.
    if (busy > 0) put(concurrency, "mean", busy / window.seconds);
  }
  if (!concurrency.empty()) facts["concurrency"] = std::move(concurrency);
}

// --- Batches

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

void add_batches(const Run& run, Json& facts) {
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

// Time between the end of a batch and the start of the next one of the same process.
void add_gaps(const Run& run, Json& facts) {
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
  facts["gaps"] = {{"seconds", to_json(*spread_of(std::move(gaps)))}, {"ratio", idle / (idle + busy)}};
}

void add_forwards(const Run& run, Json& facts) {
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

// --- Cache, queues, nodes, experts

void add_cache(const Run& run, Json& facts) {
  Json kv = Json::object();
  std::uint64_t preemptions = 0;
  for (const Records& records : run.service) preemptions += records.preemptions;
  if (const Records* records = source_of(run, &Records::kv)) {
    double total = kNone;
    double least_free = kNone;
    for (const KvSample& sample : records->kv) {
      if (sample.total_blocks > 0) total = sample.total_blocks;
      if (!(least_free <= sample.free_blocks)) least_free = sample.free_blocks;
    }
    put(kv, "total_blocks", total);
    put(kv, "min_free_blocks", least_free);
    put(kv, "used_ratio", spread_of(column(records->kv, [&](const KvSample& sample) {
          const bool counted = sample.total_blocks > 0 && sample.free_blocks >= 0;
          const double ratio = counted ? 1 - sample.free_blocks / sample.total_blocks : sample.used_ratio;
          return ratio >= 0 && ratio <= 1 ? ratio : kNone;
        })));
  }
  if (!kv.empty() || preemptions > 0) {
    kv["preemptions"] = preemptions;
    facts["kv"] = std::move(kv);
  }
}

void add_queue(const Run& run, Json& facts) {
  const Records* records = source_of(run, &Records::queue);
  if (records == nullptr) return;
  Json queue = Json::object();
  put(queue, "waiting", spread_of_field(records->queue, &QueueSample::waiting));
  put(queue, "running", spread_of_field(records->queue, &QueueSample::running));
  put(queue, "swapped", spread_of_field(records->queue, &QueueSample::swapped));
  if (!queue.empty()) facts["queue"] = std::move(queue);
}

void add_nodes(const Run& run, Json& facts) {
  const Records* records = source_of(run, &Records::nodes);
  if (records == nullptr) return;
  std::map<std::pair<std::string, std::string>, std::vector<const NodeSample*>> nodes;
  for (const NodeSample& sample : records->nodes) nodes[{sample.role, sample.node}].push_back(&sample);
  Json list = Json::array();
  for (const auto& [key, samples] : nodes) {
    double added = 0;
    double ended = 0;
    std::vector<double> running;
    for (const NodeSample* sample : samples) {
      if (sample->added > 0) added += sample->added;
      if (sample->ended > 0) ended += sample->ended;
      running.push_back(sample->running);
    }
    Json entry = {{"role", key.first}, {"node", key.second}, {"added", added}, {"ended", ended}};
    put(entry, "running", spread_of(std::move(running)));
    list.push_back(std::move(entry));
  }
  facts["nodes"] = std::move(list);
}

// How much more the busiest has to do than the mean: 1 is balanced.
double balance_ratio(const std::vector<double>& loads) {
  double sum = 0;
  double most = 0;
  for (const double load : loads) {
    sum += load;
    most = std::max(most, load);
  }
  return sum > 0 ? most * static_cast<double>(loads.size()) / sum : kNone;
}

void add_experts(const Run& run, Json& facts) {
  Json list = Json::array();
  std::map<std::string, std::vector<std::vector<double>>> by_phase;  // layer -> tokens by rank
  for (const ExpertLoad& load : run.experts) {
    std::vector<double> ratios;
    double tokens = 0;
    auto& layers = by_phase[load.phase];
    layers.resize(std::max(layers.size(), load.layers.size()));
    for (std::size_t i = 0; i < load.layers.size(); ++i) {
      ratios.push_back(balance_ratio(load.layers[i]));
      double layer = 0;
      for (const double count : load.layers[i]) layer += count;
      layers[i].push_back(layer);
      tokens += layer;
    }
    Json entry = {{"phase", load.phase},
                  {"rank", load.rank},
                  {"layers", load.layers.size()},
                  {"experts", load.layers.front().size()},
                  {"tokens", tokens}};
    put(entry, "balance_ratio", spread_of(std::move(ratios)));
    list.push_back(std::move(entry));
  }
  if (!list.empty()) facts["experts"] = std::move(list);
  Json ranks = Json::array();
  for (const auto& [phase, layers] : by_phase) {
    if (layers.empty() || layers.front().size() < 2) continue;
    std::vector<double> ratios;
    for (const auto& layer : layers) ratios.push_back(balance_ratio(layer));
    Json entry = {{"phase", phase}, {"ranks", layers.front().size()}};
    put(entry, "balance_ratio", spread_of(std::move(ratios)));
    ranks.push_back(std::move(entry));
  }
  if (const Records* records = source_of(run, &Records::expert_seconds_by_layer)) {
    std::vector<double> ratios;
    for (const auto& layer : records->expert_seconds_by_layer) ratios.push_back(balance_ratio(layer));
    Json entry = {{"phase", "time"}, {"ranks", records->expert_seconds_by_layer.front().size()}};
    put(entry, "balance_ratio", spread_of(std::move(ratios)));
    ranks.push_back(std::move(entry));
  }
  if (!ranks.empty()) facts["expert_ranks"] = std::move(ranks);
}

void add_spans(const Run& run, Json& facts) {
  Json list = Json::array();
  for (const Records& records : run.service) {
    for (const auto& [name, span] : records.spans) {
      list.push_back({{"name", name},
                      {"count", span.seconds.count()},
                      {"mean_seconds", span.seconds.mean()},
                      {"p90_seconds", span.seconds.quantile(0.9)},
                      {"total_seconds", span.seconds.sum()}});
    }
    if (!list.empty()) break;
  }
  if (!list.empty()) facts["spans"] = std::move(list);
}

void add_speculation(const Run& run, Json& facts) {
  for (const Records& records : run.service) {
    if (!(records.proposed_tokens > 0)) continue;
    facts["speculative_acceptance_ratio"] = records.accepted_tokens / records.proposed_tokens;
    return;
  }
}

void add_log(const Run& run, Json& facts) {
  Json log = Json::object();
  for (const auto& [name, value] : run.start_values) put(log, name.c_str(), value);
  put(log, "prompt_tokens_per_second", run.log_prompt_tokens_per_second.spread());
  put(log, "output_tokens_per_second", run.log_output_tokens_per_second.spread());
  put(log, "prefix_hit_ratio", run.log_prefix_hit_ratio);
  if (!log.empty()) facts["log"] = std::move(log);
}

void add_benchmarks(const Run& run, Json& facts) {
  Json list = Json::array();
  for (const Benchmark& benchmark : run.benchmarks) {
    list.push_back({{"tool", benchmark.tool},
                    {"source", benchmark.source},
                    {"values", benchmark.values},
                    {"spreads", benchmark.spreads}});
  }
  if (list.empty()) return;
  facts["benchmarks"] = std::move(list);
  facts["benchmark_source"] = headline(run)->source;
}

}  // namespace

void assign_phases(Records& records) {
  std::vector<const Batch*> scheduled;
  for (const Batch& batch : records.batches) {
    if (batch.event == BatchEvent::schedule && !std::isnan(batch.prefill_requests))
      scheduled.push_back(&batch);
  }
  std::sort(scheduled.begin(), scheduled.end(),
            [](const Batch* a, const Batch* b) { return a->start < b->start; });
  for (Forward& forward : records.forwards) {
    if (!std::isnan(forward.prefill_requests)) continue;
    auto batch = std::upper_bound(scheduled.begin(), scheduled.end(), forward.start,
                                  [](double start, const Batch* other) { return start < other->start; });
    // Other ranks schedule in between: a few steps back is far enough.
    for (int steps = 0; batch != scheduled.begin() && steps < 64; ++steps) {
      --batch;
      const bool same_rank =
          forward.dp_rank < 0 || (*batch)->dp_rank < 0 || forward.dp_rank == (*batch)->dp_rank;
      if (!same_rank || (forward.size > 0 && forward.size != (*batch)->size)) continue;
      forward.prefill_requests = (*batch)->prefill_requests;
      forward.decode_requests = (*batch)->decode_requests;
      break;
    }
  }
}

Json run_facts(const Run& run) {
  Json facts = Json::object();
  add_requests(run, facts);
  add_batches(run, facts);
  add_gaps(run, facts);
  add_forwards(run, facts);
  add_cache(run, facts);
  add_queue(run, facts);
  add_nodes(run, facts);
  add_experts(run, facts);
  add_spans(run, facts);
  add_speculation(run, facts);
  add_log(run, facts);
  add_benchmarks(run, facts);
  return facts;
}

}  // namespace ms::profile
