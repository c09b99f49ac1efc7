#include "profile/mindie_instance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "profile/json_cursor.hpp"
#include "profile/json_elements.hpp"
#include "profile/run.hpp"

namespace ms::profile {
namespace {

constexpr double kMillisecond = 1e-3;
constexpr double kMicrosecond = 1e-6;
// A batch of more requests is a mistake: MindIE's own limit of maxBatchSize is 819 200.
constexpr double kMaxBatch = 819'200;

// One request as it stands in the file; the vectors are reused from one to the next.
struct RequestRecord {
  std::optional<double> input_len;
  std::optional<double> output_len;
  std::optional<double> prefill_bsz;
  std::optional<double> req_latency;
  std::vector<double> latency;     // [ms] the first is the time to the first token
  std::vector<double> decode_bsz;  // of latency[1], latency[2], ...
  std::optional<double> queue;     // [µs] of the first token
  bool has_latency = false;
  std::string_view problem;

  void clear() {
    input_len = output_len = prefill_bsz = req_latency = queue = std::nullopt;
    latency.clear();
    decode_bsz.clear();
    has_latency = false;
    problem = {};
  }
};

// Reads a list of numbers; what is none, or out of bounds, is the record's problem.
void read_numbers(JsonCursor& json, std::vector<double>& numbers, double least, double most,
                  RequestRecord& record, std::string_view problem) {
  const bool list = json.array([&] {
    const auto value = json.number();
    if (!value || *value < least || *value > most) {
      record.problem = problem;
    } else {
      numbers.push_back(*value);
    }
  });
  if (!list) record.problem = problem;
}

bool parse_record(std::string_view text, RequestRecord& record) {
  constexpr double kLongest = 1e12;  // ms
  record.clear();
  JsonCursor json(text);
  const bool object = json.object([&](std::string_view name) {
    if (name == "latency") {
      record.has_latency = true;
      read_numbers(json, record.latency, 0, kLongest, record, "'latency' is no list of times");
    } else if (name == "decode_bsz") {
      read_numbers(json, record.decode_bsz, 1, kMaxBatch, record, "'decode_bsz' is no list of batch sizes");
    } else if (name == "queue_latency") {
      bool first = true;
      json.array([&] {
        const auto value = json.number();
        if (first) record.queue = value;
        first = false;
      });
    } else if (name == "prefill_bsz") {
      record.prefill_bsz = json.number_or_text();
      if (!record.prefill_bsz || *record.prefill_bsz < 1 || *record.prefill_bsz > kMaxBatch) {
        record.problem = "'prefill_bsz' is no batch size";
      }
    } else if (name == "input_len") {
      record.input_len = json.number_or_text();
    } else if (name == "output_len") {
      record.output_len = json.number_or_text();
    } else if (name == "req_latency") {
      record.req_latency = json.number_or_text();
    } else {
      json.skip();
    }
  });
  if (!object) {
    record.problem = json.failed() ? "the request is no valid JSON" : "the request is no object";
  } else if (!record.has_latency || (record.latency.empty() && record.problem.empty())) {
    record.problem = "'latency' is missing or empty";
  } else if (record.problem.empty() && record.latency[0] <= 0) {
    record.problem = "the time to the first token is 0";
  }
  return record.problem.empty();
}

double or_none(const std::optional<double>& value, double scale = 1) {
  return value ? *value * scale : kNone;
}

Request to_request(const RequestRecord& record) {
  double sum = 0;
  for (const double ms : record.latency) sum += ms;
  const auto tokens = static_cast<double>(record.latency.size());
  Request request;
  request.input_tokens = or_none(record.input_len);
  request.output_tokens = record.output_len ? *record.output_len : tokens;
  request.ttft = record.latency[0] * kMillisecond;
  // req_latency holds counters of the clock in some versions; the sum of its parts is what it should be.
  request.latency = sum * kMillisecond;
  if (record.latency.size() > 1) request.tpot = (sum - record.latency[0]) * kMillisecond / (tokens - 1);
  request.prefill_batch = or_none(record.prefill_bsz);
  request.queue = or_none(record.queue, kMicrosecond);
  if (!(request.queue >= 0)) request.queue = kNone;
  return request;
}

// Decode steps come in runs of the same batch: the distribution of the last one is kept at hand.
class StepsByBatch {
 public:
  explicit StepsByBatch(std::map<std::int64_t, Distribution>& steps) : steps_(steps) {}

  void add(double batch, double seconds) {
    const auto size = static_cast<std::int64_t>(batch);
    if (size != size_) {
      size_ = size;
      current_ = &steps_[size];
    }
    current_->add(seconds);
  }

 private:
  std::map<std::int64_t, Distribution>& steps_;
  std::int64_t size_ = -1;
  Distribution* current_ = nullptr;
};

// Queue times are µs by the format. A request waits for its first token at least as long as in the queue:
// where most would not, the file holds ns; where all would also as ms, nothing can be told, and µs it stays.
void check_queue_unit(std::vector<Request>& requests, std::size_t first, FileReport& report) {
  std::size_t known = 0;
  std::size_t longer = 0;
  for (std::size_t i = first; i < requests.size(); ++i) {
    if (!(requests[i].queue >= 0)) continue;
    ++known;
    if (requests[i].queue > requests[i].ttft * 1.01) ++longer;
  }
  if (known == 0 || longer * 2 <= known) return;
  for (std::size_t i = first; i < requests.size(); ++i) requests[i].queue *= 1e-3;
  report.note({"queue_latency is longer than the time to the first token: it holds ns, not µs; corrected",
               "queue_latency 大于首 token 时延：其单位为 ns 而非 µs，已修正"});
}

struct MetricColumn {
  std::string_view column;
  std::string_view quantity;
  double unit;  // of a cell without one
};

constexpr std::array<MetricColumn, 10> kPerfColumns = {{{"FirstTokenTime", "ttft", kMillisecond},
                                                        {"DecodeTime", "itl", kMillisecond},
                                                        {"LastDecodeTime", "last_decode", kMillisecond},
                                                        {"MaxDecodeTime", "max_decode", kMillisecond},
                                                        {"GenerateTime", "latency", kMillisecond},
                                                        {"QueueWaitTime", "queue", kMicrosecond},
                                                        {"InputTokens", "input_tokens", 1},
                                                        {"GeneratedTokens", "output_tokens", 1},
                                                        {"PrefillBatchsize", "prefill_batch", 1},
                                                        {"DecoderBatchsize", "decode_batch", 1}}};

// The labels of the rows, which the file does not hold, by how many there are.
std::span<const std::string_view> perf_rows(std::size_t count) {
  static constexpr std::array<std::string_view, 8> kRows = {"mean", "max",     "min", "p75",
                                                            "p90",  "slo_p90", "p99", "count"};
  static constexpr std::array<std::string_view, 6> kOldRows = {"mean", "max", "min", "p75", "p99", "count"};
  if (count == kOldRows.size()) return kOldRows;
  return kRows;
}

}  // namespace

bool is_mindie_requests(const Head& head) {
  if (head.first_byte() != '{') return false;
  return head.name.starts_with("results_per_request") ||
         (head.has_member("latency") && head.has_member("decode_bsz"));
}

void read_mindie_requests(Input& input, Run& run, FileReport& report) {
  JsonElements elements(input.bytes, report);
  RequestRecord record;
  StepsByBatch steps(run.decode_by_batch);
  const std::size_t first = run.client_requests.size();
  std::uint64_t without_batches = 0;
  while (elements.next()) {
    if (!parse_record(elements.text(), record)) {
      report.bad(elements.line(),
                 fmt::format("request {}: {}", elements.key().substr(0, 40), record.problem));
      continue;
    }
    ++report.records;
    run.client_requests.push_back(to_request(record));
    for (std::size_t i = 1; i < record.latency.size(); ++i) {
      const double seconds = record.latency[i] * kMillisecond;
      run.itl.add(seconds);
      if (i <= record.decode_bsz.size() && seconds > 0) steps.add(record.decode_bsz[i - 1], seconds);
    }
    if (record.decode_bsz.size() + 1 < record.latency.size()) ++without_batches;
  }
  check_queue_unit(run.client_requests, first, report);
  for (std::size_t i = first; i < run.client_requests.size(); ++i) {
    const Request& request = run.client_requests[i];
    if (!(request.prefill_batch >= 1)) continue;
    // The time in the queue is no time of the batch.
    const double seconds = request.ttft - (request.queue >= 0 ? request.queue : 0);
    if (seconds > 0) run.prefill_by_batch[static_cast<std::int64_t>(request.prefill_batch)].add(seconds);
  }
  if (without_batches > 0) {
    report.note({fmt::format("{} requests have fewer batch sizes than tokens", without_batches),
                 fmt::format("{} 个请求的 batch 大小数少于 token 数", without_batches)});
  }
}

bool is_mindie_perf(const Head& head) {
  return head.has_columns({"FirstTokenTime", "GeneratedTokens"});
}

void read_mindie_perf(Input& input, Run& run, FileReport& report) {
  CsvReader csv(input.bytes, report);
  const CsvHeader header = csv.read_header();
  std::vector<std::vector<std::string>> rows;
  while (csv.next() && rows.size() < 64) rows.emplace_back(csv.cells().begin(), csv.cells().end());
  const auto labels = perf_rows(rows.size());
  if (rows.size() != labels.size() && !rows.empty()) {
    report.note(
        {fmt::format("{} rows where 8 or 6 are known: only average, max and min are used", rows.size()),
         fmt::format("有 {} 行，而已知格式为 8 行或 6 行：仅使用平均、最大、最小值", rows.size())});
  }
  constexpr std::size_t kAlwaysFirst = 3;
  const std::size_t usable = rows.size() == labels.size() ? rows.size() : std::min(rows.size(), kAlwaysFirst);
  Benchmark& benchmark = run.benchmark("mindie", input.folder);
  for (const MetricColumn& metric : kPerfColumns) {
    const auto column = header.column({metric.column});
    if (!column) continue;
    StatedSpread& spread = benchmark.spreads[std::string(metric.quantity)];
    for (std::size_t i = 0; i < usable; ++i) {
      const std::string_view cell =
          *column < rows[i].size() ? std::string_view(rows[i][*column]) : std::string_view();
      const auto value = labels[i] == "count" ? parse_number(cell) : parse_seconds(cell, metric.unit);
      if (value) {
        spread[std::string(labels[i])] = *value;
      } else if (!is_blank(cell)) {
        report.bad_at(report.path, fmt::format("{}: '{}' is no number", metric.column, cell.substr(0, 40)));
      }
    }
  }
  report.records += usable;
  if (rows.empty()) report.bad_at(report.path, "no rows");
}

bool is_mindie_common(const Head& head) {
  return head.has_columns({"TimeElapsed", "Concurrency"});
}

void read_mindie_common(Input& input, Run& run, FileReport& report) {
  struct Column {
    std::string_view name;
    std::string_view value;
    double unit;
  };
  constexpr std::array<Column, 9> kColumns = {{{"TimeElapsed", "duration_seconds", 1},
                                               {"Failed", "failed_requests", 1},
                                               {"Returned", "requests", 1},
                                               {"Total", "total_requests", 1},
                                               {"Concurrency", "concurrency", 1},
                                               {"Throughput", "requests_per_second", 1},
                                               {"OutputGenerateSpeed", "output_tokens_per_second", 1},
                                               {"GenerateSpeed", "output_tokens_per_second", 1},
                                               {"InputGenerateSpeed", "input_tokens_per_second", 1}}};
  CsvReader csv(input.bytes, report);
  const CsvHeader header = csv.read_header();
  Benchmark& benchmark = run.benchmark("mindie", input.folder);
  while (csv.next()) {
    ++report.records;
    for (const Column& column : kColumns) {
      const std::string_view cell = cell_of(csv.cells(), header.column({column.name}));
      if (const auto value = parse_seconds(cell, column.unit))
        benchmark.values[std::string(column.value)] = *value;
    }
    const auto total = parse_number(cell_of(csv.cells(), header.column({"TotalGenerateSpeed"})));
    if (total) benchmark.values["total_tokens_per_second"] = *total;
  }
  if (report.records == 0) report.bad_at(report.path, "no rows");
}

bool is_mindie_request_map(const Head& head) {
  return head.first_byte() == '{' && head.name == "req_to_data_map.json";
}

void read_mindie_request_map(Input& input, Run& /*run*/, FileReport& report) {
  JsonElements elements(input.bytes, report);
  while (elements.next()) ++report.records;
}

}  // namespace ms::profile
