#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "profile/bench_results.hpp"
#include "profile/json_cursor.hpp"
#include "profile/json_elements.hpp"
#include "profile/run.hpp"

namespace ms::profile {
namespace {

struct Name {
  std::string_view theirs;
  std::string_view ours;
};

constexpr std::array<Name, 15> kValues = {{{"duration", "duration_seconds"},
                                           {"elapsed_time", "duration_seconds"},
                                           {"completed", "requests"},
                                           {"num_prompts", "total_requests"},
                                           {"num_requests", "requests"},
                                           {"failed", "failed_requests"},
                                           {"total_input_tokens", "input_tokens"},
                                           {"total_output_tokens", "output_tokens"},
                                           {"request_throughput", "requests_per_second"},
                                           {"requests_per_second", "requests_per_second"},
                                           {"output_throughput", "output_tokens_per_second"},
                                           {"total_token_throughput", "total_tokens_per_second"},
                                           {"tokens_per_second", "total_tokens_per_second"},
                                           {"total_num_tokens", "total_tokens"},
                                           {"max_concurrency", "max_concurrency"}}};

constexpr std::array<Name, 4> kQuantities = {
    {{"_ttft_ms", "ttft"}, {"_tpot_ms", "tpot"}, {"_itl_ms", "itl"}, {"_e2el_ms", "latency"}}};

// "p99" of "p99_ttft_ms"; empty where it is no statistic that is kept.
std::string statistic_of(std::string_view word) {
  if (word == "mean") return "mean";
  if (word == "median") return "p50";
  if (word.starts_with('p') && parse_int(word.substr(1))) return std::string(word);
  return {};
}

// What was measured of every request, in the lists of --save-detailed.
struct Details {
  std::vector<double> input;
  std::vector<double> output;
  std::vector<double> ttft;
  std::vector<double> start;
  std::vector<double> itl_sum;
};

void read_list(JsonCursor& json, std::vector<double>& values) {
  json.array([&] { values.push_back(json.number().value_or(kNone)); });
}

// How the client was set, which is text or a number.
constexpr std::array<std::string_view, 7> kSettings = {
    "backend", "endpoint_type", "model_id", "tokenizer_id", "request_rate", "burstiness", "num_prompts"};

void take_setting(Benchmark& benchmark, std::string_view key, std::string_view text) {
  if (std::find(kSettings.begin(), kSettings.end(), key) == kSettings.end()) return;
  constexpr std::size_t kLongest = 400;
  text = trim(text);
  if (text.size() > kLongest || text == "null") return;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  benchmark.settings[std::string(key)] = text;
}

// Takes a number of the whole run; false where the name is of none.
bool take_value(Benchmark& benchmark, std::string_view key, JsonCursor& json, FileReport& report) {
  const auto found =
      std::find_if(kValues.begin(), kValues.end(), [&](const Name& name) { return name.theirs == key; });
  if (found == kValues.end()) return false;
  if (json.peek() == 'n') return true;  // null
  if (const auto value = json.number_or_text()) {
    benchmark.values[std::string(found->ours)] = *value;
    ++report.records;
  } else {
    report.bad_at(report.path, fmt::format("'{}' is no number", key));
  }
  return true;
}

class ServeResult {
 public:
  ServeResult(Run& run, std::string_view source, FileReport& report)
      : run_(run), benchmark_(run.benchmark("vllm", source)), report_(report) {}

  void member(std::string_view key, std::string_view text, std::size_t line) {
    JsonCursor json(text);
    take_setting(benchmark_, key, text);
    if (take_statistic(key, json) || take_value(benchmark_, key, json, report_) || take_details(key, json)) {
      if (json.failed()) report_.bad(line, fmt::format("'{}' is no valid JSON", key));
    }
  }

  void finish() {
    const std::size_t count = details_.ttft.size();
    for (std::size_t i = 0; i < count; ++i) {
      const double ttft = details_.ttft[i];
      // A request that failed has no first token.
      if (!(ttft > 0)) {
        ++run_.failed_client_requests;
        continue;
      }
      Request request;
      request.input_tokens = i < details_.input.size() ? details_.input[i] : kNone;
      request.output_tokens = i < details_.output.size() ? details_.output[i] : kNone;
      request.arrival = i < details_.start.size() ? details_.start[i] : kNone;
      request.ttft = ttft;
      if (i < details_.itl_sum.size()) {
        request.latency = ttft + details_.itl_sum[i];
        if (request.output_tokens > 1) request.tpot = details_.itl_sum[i] / (request.output_tokens - 1);
      }
      run_.client_requests.push_back(request);
      ++report_.records;
    }
  }

 private:
  bool take_statistic(std::string_view key, JsonCursor& json) {
    for (const Name& quantity : kQuantities) {
      if (!key.ends_with(quantity.theirs)) continue;
      const std::string statistic = statistic_of(key.substr(0, key.size() - quantity.theirs.size()));
      if (statistic.empty()) return false;
      if (const auto value = json.number_or_text()) {
        benchmark_.spreads[std::string(quantity.ours)][statistic] = *value * 1e-3;
        ++report_.records;
      } else {
        report_.bad_at(report_.path, fmt::format("'{}' is no number", key));
      }
      return true;
    }
    return false;
  }

  bool take_details(std::string_view key, JsonCursor& json) {
    if (key == "input_lens") {
      read_list(json, details_.input);
    } else if (key == "output_lens") {
      read_list(json, details_.output);
    } else if (key == "ttfts") {
      read_list(json, details_.ttft);
    } else if (key == "start_times") {
      read_list(json, details_.start);
    } else if (key == "itls") {
      json.array([&] {
        double sum = 0;
        json.array([&] {
          const double seconds = json.number().value_or(kNone);
          run_.itl.add(seconds);
          if (!std::isnan(seconds)) sum += seconds;
        });
        details_.itl_sum.push_back(sum);
      });
    } else {
      return false;
    }
    return true;
  }

  Run& run_;
  Benchmark& benchmark_;
  FileReport& report_;
  Details details_;
};

std::string source_of(const Input& input) {
  return input.folder.empty() ? input.name : input.folder + "/" + input.name;
}

}  // namespace

bool is_vllm_serve(const Head& head) {
  return head.first_byte() == '{' && (head.has_member("mean_ttft_ms") || head.has_member("median_ttft_ms"));
}

void read_vllm_serve(Input& input, Run& run, FileReport& report) {
  JsonElements elements(input.bytes, report);
  std::size_t results = 0;
  do {
    ++results;
    ServeResult result(run, results == 1 ? source_of(input) : fmt::format("{}#{}", source_of(input), results),
                       report);
    while (elements.next()) result.member(elements.key(), elements.text(), elements.line());
    result.finish();
  } while (elements.next_document());
}

bool is_vllm_offline(const Head& head) {
  if (head.first_byte() != '{') return false;
  return (head.has_member("avg_latency") && head.has_member("latencies")) ||
         (head.has_member("elapsed_time") && head.has_member("tokens_per_second"));
}

void read_vllm_offline(Input& input, Run& run, FileReport& report) {
  Benchmark& benchmark = run.benchmark("vllm offline", source_of(input));
  JsonElements elements(input.bytes, report);
  while (elements.next()) {
    JsonCursor json(elements.text());
    const std::string_view key = elements.key();
    if (key == "latencies") {
      std::vector<double> latencies;
      read_list(json, latencies);
      report.records += latencies.size();
      if (const auto spread = spread_of(std::move(latencies))) {
        benchmark.spreads["batch_latency"] = {{"mean", spread->mean},
                                              {"p50", spread->p50},
                                              {"p90", spread->p90},
                                              {"p99", spread->p99},
                                              {"min", spread->min},
                                              {"max", spread->max},
                                              {"count", static_cast<double>(spread->count)}};
      }
    } else {
      take_value(benchmark, key, json, report);
    }
  }
}

}  // namespace ms::profile
