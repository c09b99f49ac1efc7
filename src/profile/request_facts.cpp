#include <algorithm>
#include <cmath>

#include "profile/run_facts.hpp"

namespace ms::profile {
namespace {

std::string origin_name(const Run& run, const Records& records) {
  constexpr std::array<const char*, kOrigins> kNames = {"csv", "profiler.db", "raw database", "trace", "log"};
  return kNames[static_cast<std::size_t>(&records - run.service.data())];
}

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

}  // namespace

void add_request_facts(const Run& run, Json& facts) {
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
  if (const auto own = spread_of_rows(requests, [](const Request& request) {
        return request.latency > 0 ? request.output_tokens / request.latency : kNone;
      })) {
    put(throughput, "output_tokens_per_second_per_request", own->mean);
  }
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

void add_benchmark_facts(const Run& run, Json& facts) {
  Json list = Json::array();
  for (const Benchmark& benchmark : run.benchmarks) {
    list.push_back({{"tool", benchmark.tool},
                    {"source", benchmark.source},
                    {"values", benchmark.values},
                    {"spreads", benchmark.spreads},
                    {"settings", benchmark.settings}});
  }
  if (list.empty()) return;
  facts["benchmarks"] = std::move(list);
  facts["benchmark_source"] = headline(run)->source;
}

}  // namespace ms::profile
