#include "profile/service_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "profile/batch_items.hpp"

namespace ms::profile {
namespace {

bool has(const CsvHeader& header, std::initializer_list<std::string_view> columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](std::string_view column) { return header.column({column}).has_value(); });
}

bool has_any(const CsvHeader& header, std::initializer_list<std::string_view> columns) {
  return header.column(columns).has_value();
}

std::int32_t rank_of(double value) {
  return value >= 0 && value < 1e6 ? static_cast<std::int32_t>(value) : -1;
}

BatchEvent event_of(std::string_view name) {
  if (name == "BatchSchedule" || name == "batchFrameworkProcessing") return BatchEvent::schedule;
  if (name == "modelExec") return BatchEvent::execute;
  if (name == "Execute") return BatchEvent::dispatch;
  return BatchEvent::other;
}

// A duration is the difference of two times that the row also holds: what says that a "(ms)" column is in µs.
class DurationCheck {
 public:
  void add(double duration, double start, double end) {
    if (!(duration > 0) || !(end > start)) return;
    const double ratio = duration / (end - start);
    if (ratio > 500 && ratio < 2000) ++thousandfold_;
    if (ratio > 0.5 && ratio < 2) ++equal_;
  }
  bool thousandfold() const { return thousandfold_ > equal_; }

 private:
  std::size_t thousandfold_ = 0;
  std::size_t equal_ = 0;
};

void note_duration(FileReport& report) {
  report.note(
      {"durations are a thousand times what start and end say: the column (ms) holds \xc2\xb5s; corrected",
       "时长为起止时间之差的一千倍：(ms) 列的实际单位为 \xc2\xb5s，已修正"});
}

bool is_batch(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"name", "batch_size", "batch_type"}) && has_any(header, {"res_list", "reqinfo"}) &&
         has_any(header, {"during_time(ms)", "during_time", "during_time(microsecond)"}) &&
         !has(header, {"event_type"});
}

void read_batch(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  const auto name = header.column({"name"});
  const auto items_column = header.column({"res_list", "reqinfo"});
  const auto type = header.column({"batch_type"});
  const auto process = header.column({"prof_id", "pid"});
  TimeColumn start(header, {"start_time(ms)", "start_time(microsecond)", "start_datetime", "start_time"});
  TimeColumn end(header, {"end_time(ms)", "end_time(microsecond)", "end_datetime", "end_time"});
  TimeColumn duration(header, {"during_time(ms)", "during_time(microsecond)", "during_time"});
  const NumberColumn size(header, {"batch_size"});
  const NumberColumn dp_rank(header, {"dp_rank"});
  const NumberColumn prefill(header, {"prefill_batch_size"});
  const NumberColumn decode(header, {"decode_batch_size"});
  const NumberColumn prefill_tokens(header, {"prefill_scheduled_tokens"});
  const NumberColumn decode_tokens(header, {"decode_scheduled_tokens"});
  const NumberColumn total_blocks(header, {"total_blocks"});
  const NumberColumn free_blocks(header, {"free_blocks"});
  const NumberColumn usage(header, {"kvcache_usage_rate"});
  const std::size_t first = records.batches.size();
  DurationCheck check;
  while (rows.next()) {
    const auto cells = rows.cells();
    Batch batch;
    batch.event = event_of(trim(cell_of(cells, name)));
    batch.start = start.at(cells);
    batch.seconds = duration.at(cells);
    const double end_time = end.at(cells);
    if (std::isnan(batch.seconds) || batch.seconds < 0) {
      rows.bad("no duration");
      continue;
    }
    check.add(batch.seconds, batch.start, end_time);
    batch.size = size.at(cells);
    batch.dp_rank = rank_of(dp_rank.at(cells));
    if (process) batch.process = records.process(cell_of(cells, process));
    batch.prefill_requests = prefill.at(cells);
    batch.decode_requests = decode.at(cells);
    batch.prefill_tokens = prefill_tokens.at(cells);
    batch.decode_tokens = decode_tokens.at(cells);
    if (std::isnan(batch.prefill_requests)) {
      BatchItems items;
      const bool counted = count_items(cell_of(cells, items_column), items);
      if (std::isnan(batch.size) && counted) batch.size = items.requests;
      const BatchPhases phases = phases_of(cell_of(cells, type));
      if (counted && items.phases_known) {
        batch.prefill_requests = items.prefill_requests;
        batch.decode_requests = items.decode_requests;
      } else if (phases.prefill != phases.decode) {
        batch.prefill_requests = phases.prefill ? batch.size : 0;
        batch.decode_requests = phases.decode ? batch.size : 0;
      }
      if (counted && items.tokens_known) {
        batch.prefill_tokens = items.prefill_tokens;
        batch.decode_tokens = items.decode_tokens;
      }
    }
    if (std::isnan(batch.size) && std::isnan(batch.prefill_requests)) {
      rows.bad("no batch size");
      continue;
    }
    if (std::isnan(batch.size)) batch.size = batch.prefill_requests + batch.decode_requests;
    records.batches.push_back(batch);
    ++report.records;
    // Rows that are not of the scheduler hold zeros here.
    if (total_blocks.at(cells) > 0) {
      records.kv.push_back({batch.start, total_blocks.at(cells), free_blocks.at(cells), usage.at(cells)});
    }
  }
  if (check.thousandfold()) {
    for (std::size_t i = first; i < records.batches.size(); ++i) records.batches[i].seconds *= 1e-3;
    note_duration(report);
  }
  start.note_unit(report);
  end.note_unit(report);
}

bool is_request(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"http_rid"}) &&
         has_any(header, {"recv_token_size", "execution_time(ms)", "execution_time",
                          "execution_time(microsecond)", "reply_token_size"});
}

// The parser of the profiler divides times to the first token and in the queue by 1000 once too often (its
// `analyze` does): no first token is a hundred times faster than the mean token of its own request.
void check_first_token(std::vector<Request>& requests, std::size_t first, FileReport& report) {
  std::size_t known = 0;
  std::size_t too_short = 0;
  for (std::size_t i = first; i < requests.size(); ++i) {
    const Request& request = requests[i];
    if (!(request.ttft > 0) || !(request.latency > 0)) continue;
    ++known;
    const double tokens = request.output_tokens >= 1 ? request.output_tokens : 1;
    if (request.ttft < request.latency / tokens * 1e-2) ++too_short;
  }
  if (known == 0 || too_short * 2 <= known) return;
  for (std::size_t i = first; i < requests.size(); ++i) {
    requests[i].ttft *= 1e3;
    requests[i].queue *= 1e3;
  }
  report.note(
      {"first_token_latency(ms) and queue_wait_time(ms) are a thousandth of what the requests took: they "
       "hold "
       "seconds; corrected",
       "first_token_latency(ms) 与 queue_wait_time(ms) 仅为请求实际耗时的千分之一：实际单位为秒，已修正"});
}

void read_request(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn start(header, {"start_time(ms)", "start_time_httpReq(microsecond)", "start_time_httpReq(ms)",
                            "start_datetime", "start_time"});
  TimeColumn latency(header, {"execution_time(ms)", "execution_time(microsecond)", "execution_time"});
  TimeColumn queue(header, {"queue_wait_time(ms)", "queue_wait_time(microsecond)", "queue_wait_time"});
  TimeColumn ttft(header,
                  {"first_token_latency(ms)", "first_token_latency(microsecond)", "first_token_latency"});
  const NumberColumn input(header, {"recv_token_size"});
  const NumberColumn output(header, {"reply_token_size"});
  const NumberColumn hits(header, {"cache_hit_rate"});
  const std::size_t first = records.requests.size();
  while (rows.next()) {
    const auto cells = rows.cells();
    Request request;
    request.arrival = start.at(cells);
    request.input_tokens = input.at(cells);
    request.output_tokens = output.at(cells);
    request.latency = latency.at(cells);
    request.queue = queue.at(cells);
    request.ttft = ttft.at(cells);
    request.cache_hit_ratio = hits.at(cells);
    const bool timed = request.latency >= 0 || request.ttft >= 0 || request.arrival >= 0;
    if (!timed || request.latency < 0 || request.ttft < 0) {
      rows.bad(timed ? "a negative time" : "no times");
      continue;
    }
    records.requests.push_back(request);
    ++report.records;
  }
  check_first_token(records.requests, first, report);
  for (std::size_t i = first; i < records.requests.size(); ++i) {
    Request& request = records.requests[i];
    if (request.latency >= request.ttft && request.output_tokens > 1) {
      request.tpot = (request.latency - request.ttft) / (request.output_tokens - 1);
    }
  }
  start.note_unit(report);
}

bool is_forward(const CsvHeader& header, std::string_view /*name*/) {
  return has_any(header, {"bubble_time(ms)", "bubble_time"}) && has(header, {"batch_size"});
}

void read_forward(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  const auto type = header.column({"batch_type"});
  const auto process = header.column({"prof_id"});
  TimeColumn start(header, {"start_time(ms)", "forward.start_time", "start_time", "start_datetime"});
  TimeColumn end(header, {"end_time(ms)", "forward.end_time", "end_time", "end_datetime"});
  TimeColumn duration(header, {"during_time(ms)", "during_time(microsecond)", "during_time"});
  TimeColumn bubble(header, {"bubble_time(ms)", "bubble_time"});
  const NumberColumn size(header, {"batch_size"});
  const NumberColumn dp_rank(header, {"dp_rank"});
  const std::size_t first = records.forwards.size();
  DurationCheck check;
  while (rows.next()) {
    const auto cells = rows.cells();
    Forward forward;
    forward.start = start.at(cells);
    forward.seconds = duration.at(cells);
    if (std::isnan(forward.seconds) || forward.seconds < 0) {
      rows.bad("no duration");
      continue;
    }
    check.add(forward.seconds, forward.start, end.at(cells));
    forward.bubble = bubble.at(cells);
    forward.size = size.at(cells);
    forward.dp_rank = rank_of(dp_rank.at(cells));
    if (process) forward.process = records.process(cell_of(cells, process));
    const BatchPhases phases = phases_of(cell_of(cells, type));
    if (phases.prefill != phases.decode) {
      forward.prefill_requests = phases.prefill ? forward.size : 0;
      forward.decode_requests = phases.decode ? forward.size : 0;
    }
    records.forwards.push_back(forward);
    ++report.records;
  }
  if (check.thousandfold()) {
    for (std::size_t i = first; i < records.forwards.size(); ++i) {
      records.forwards[i].seconds *= 1e-3;
      records.forwards[i].bubble *= 1e-3;
    }
    note_duration(report);
  }
  start.note_unit(report);
}

bool is_kvcache(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"kvcache_usage_rate", "name"}) &&
         has_any(header, {"free_blocks", "device_kvcache_left"});
}

void read_kvcache(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn start(header, {"start_time(ms)", "start_time(microsecond)", "start_datetime", "start_time"});
  const NumberColumn total(header, {"total_blocks"});
  const NumberColumn free(header, {"free_blocks", "device_kvcache_left"});
  const NumberColumn usage(header, {"kvcache_usage_rate"});
  while (rows.next()) {
    const auto cells = rows.cells();
    const KvSample sample{start.at(cells), total.at(cells), free.at(cells), usage.at(cells)};
    if (std::isnan(sample.free_blocks) && std::isnan(sample.used_ratio)) {
      rows.bad("neither free blocks nor a share of use");
      continue;
    }
    ++report.records;
    // An event of one request alone, such as Free, states no totals and 0 of use.
    if (sample.total_blocks == 0 && !(sample.used_ratio > 0)) continue;
    records.kv.push_back(sample);
  }
}

bool is_request_status(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"waiting", "running"}) &&
         has_any(header, {"timestamp(ms)", "timestamp", "relative_timestamp(ms)"});
}

void read_request_status(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn time(header, {"timestamp(ms)", "start_datetime", "timestamp", "relative_timestamp(ms)"});
  const NumberColumn waiting(header, {"waiting"});
  const NumberColumn running(header, {"running"});
  const NumberColumn swapped(header, {"swapped", "pending"});
  while (rows.next()) {
    const auto cells = rows.cells();
    const QueueSample sample{time.at(cells), waiting.at(cells), running.at(cells), swapped.at(cells)};
    if (std::isnan(sample.waiting) && std::isnan(sample.running)) {
      rows.bad("neither waiting nor running");
      continue;
    }
    records.queue.push_back(sample);
    ++report.records;
  }
  time.note_unit(report);
}

bool is_status_changes(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"time", "metrics"}) && has_any(header, {"+WAITING", "+RUNNING"});
}

// The first versions wrote what changed: +WAITING is -1 where a request leaves the queue.
void read_status_changes(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn time(header, {"time"});
  const NumberColumn waiting(header, {"+WAITING"});
  const NumberColumn running(header, {"+RUNNING"});
  const NumberColumn pending(header, {"+PENDING"});
  const NumberColumn queue(header, {"=QueueSize"});
  const NumberColumn cache(header, {"=deviceKvCache"});
  QueueSample now{.time = 0, .waiting = 0, .running = 0, .swapped = 0};
  const auto add = [](double& sum, double change) {
    if (!std::isnan(change)) sum = std::max(0.0, sum + change);
  };
  while (rows.next()) {
    const auto cells = rows.cells();
    now.time = time.at(cells);
    if (std::isnan(now.time)) {
      rows.bad("no time");
      continue;
    }
    ++report.records;
    add(now.running, running.at(cells));
    add(now.swapped, pending.at(cells));
    const double size = queue.at(cells);
    if (!std::isnan(size)) now.waiting = size;
    if (!std::isnan(size) || !std::isnan(running.at(cells)) || !std::isnan(waiting.at(cells))) {
      records.queue.push_back(now);
    }
    if (!std::isnan(cache.at(cells))) records.kv.push_back({now.time, kNone, cache.at(cells), kNone});
  }
}

bool is_metrics(const CsvHeader& header, std::string_view /*name*/) {
  return header.size() == 2 && has(header, {"time", "metrics"});
}

bool is_cpu_use(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"cpu_no", "usage", "start_time"});
}

void count_rows(Rows& rows, Records& /*records*/, FileReport& report) {
  while (rows.next()) ++report.records;
}

bool is_coordinator(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"address", "node_type", "running_count"});
}

void read_coordinator(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn time(header, {"time", "timestamp"});
  const auto address = header.column({"address"});
  const auto role = header.column({"node_type"});
  const NumberColumn added(header, {"add_count"});
  const NumberColumn ended(header, {"end_count"});
  const NumberColumn running(header, {"running_count"});
  while (rows.next()) {
    const auto cells = rows.cells();
    if (is_blank(cell_of(cells, address)) || std::isnan(running.at(cells))) {
      rows.bad("no address or no count");
      continue;
    }
    records.nodes.push_back({time.at(cells), std::string(cell_of(cells, address)),
                             std::string(cell_of(cells, role)), added.at(cells), ended.at(cells),
                             running.at(cells)});
    ++report.records;
  }
}

bool is_pd_communication(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"rid"}) && has_any(header, {"prefill_res_time(ms)", "prefill_res_time"});
}

// The columns are dates under a header that says "(ms)".
void read_pd_communication(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn arrival(header, {"http_req_time(ms)", "http_req_time"});
  TimeColumn prefilled(header, {"prefill_res_time(ms)", "prefill_res_time"});
  TimeColumn ended(header, {"request_end_time(ms)", "request_end_time"});
  while (rows.next()) {
    const auto cells = rows.cells();
    Request request;
    request.arrival = arrival.at(cells);
    request.ttft = prefilled.at(cells) - request.arrival;
    request.latency = ended.at(cells) - request.arrival;
    if (!(request.ttft >= 0) && !(request.latency >= 0)) {
      rows.bad("no times");
      continue;
    }
    records.requests.push_back(request);
    ++report.records;
  }
}

bool is_pd_kvcache(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"domain", "rank", "rid"}) &&
         has_any(header, {"block_tables", "batch_seq_len", "seq_len"});
}

void read_pd_kvcache(Rows& rows, Records& records, FileReport& report) {
  TimeColumn duration(rows.header(), {"during_time(ms)", "during_time"});
  while (rows.next()) {
    const double seconds = duration.at(rows.cells());
    if (!(seconds >= 0)) {
      rows.bad("no duration");
      continue;
    }
    records.kv_pull_seconds.add(seconds);
    ++report.records;
  }
}

bool is_span(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"span_name"}) && has_any(header, {"during_time(ms)", "during_time"});
}

void read_span(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  const auto name = header.column({"span_name", "name"});
  TimeColumn duration(header, {"during_time(ms)", "during_time"});
  while (rows.next()) {
    const double seconds = duration.at(rows.cells());
    if (!(seconds >= 0)) {
      rows.bad("no duration");
      continue;
    }
    records.spans[std::string(trim(cell_of(rows.cells(), name)))].seconds.add(seconds);
    ++report.records;
  }
}

bool is_split(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"name", "max", "min", "mean", "std"}) &&
         has_any(header, {"during_time(ms)", "during_time"});
}

// Rows "Between-A-B" and "AllTime" are derived, and negative where spans overlap.
void read_split(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  const auto name = header.column({"name"});
  TimeColumn duration(header, {"during_time(ms)", "during_time"});
  while (rows.next()) {
    const std::string span(trim(cell_of(rows.cells(), name)));
    const double seconds = duration.at(rows.cells());
    if (std::isnan(seconds)) {
      rows.bad("no duration");
      continue;
    }
    ++report.records;
    if (!span.starts_with("Between-") && span != "AllTime") records.spans[span].seconds.add(seconds);
  }
}

bool is_spec_decode(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"rid", "spec_tokens", "accepted_tokens"});
}

void read_spec_decode(Rows& rows, Records& records, FileReport& report) {
  const NumberColumn proposed(rows.header(), {"spec_tokens"});
  const NumberColumn accepted(rows.header(), {"accepted_tokens"});
  while (rows.next()) {
    const double tokens = proposed.at(rows.cells());
    if (!(tokens >= 0) || !(accepted.at(rows.cells()) >= 0)) {
      rows.bad("no counts");
      continue;
    }
    records.proposed_tokens += tokens;
    records.accepted_tokens += accepted.at(rows.cells());
    ++report.records;
  }
}

bool is_ep_balance(const CsvHeader& header, std::string_view name) {
  return name.starts_with("ep_balance") && header.size() > 0;
}

// A column for each process, a row for each layer: time of its grouped matrix products. [ns]
void read_ep_balance(Rows& rows, Records& records, FileReport& report) {
  const std::vector<std::string>& names = rows.header().names();
  while (rows.next()) {
    std::vector<double> layer;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (const auto value = parse_number(cell_of(rows.cells(), i))) layer.push_back(*value * 1e-9);
    }
    if (layer.empty()) {
      rows.bad("no times");
      continue;
    }
    records.expert_seconds_by_layer.push_back(std::move(layer));
    ++report.records;
  }
}

bool is_moe_analysis(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"Dataset", "Mean", "CI_Lower"});
}

bool is_summary(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"Metric"}) && has_any(header, {"Average", "Value"});
}

}  // namespace

std::span<const ServiceTable> service_tables() {
  static const std::array<ServiceTable, 17> tables = {{
      {"batch", {"batches that were scheduled and executed", "调度与执行的 batch"}, is_batch, read_batch},
      {"request", {"requests as the service saw them", "服务侧请求"}, is_request, read_request},
      {"forward", {"forward passes by rank", "各卡前向"}, is_forward, read_forward},
      {"kvcache", {"use of the KV cache", "KV Cache 使用"}, is_kvcache, read_kvcache},
      {"request_status",
       {"requests waiting and running", "等待与运行中的请求数"},
       is_request_status,
       read_request_status},
      {"status_changes", {"changes of the queues", "队列变化"}, is_status_changes, read_status_changes},
      {"metrics", {"metrics of the first versions", "早期版本指标"}, is_metrics, count_rows},
      {"cpu_use", {"use of the CPU", "CPU 使用率"}, is_cpu_use, count_rows},
      {"coordinator",
       {"requests by prefill and decode node", "P/D 节点请求数"},
       is_coordinator,
       read_coordinator},
      {"pd_split_communication",
       {"requests between prefill and decode nodes", "P/D 节点间通信"},
       is_pd_communication,
       read_pd_communication},
      {"pd_split_kvcache", {"pulls of KV blocks", "KV 拉取"}, is_pd_kvcache, read_pd_kvcache},
      {"spec_decode", {"speculative decoding", "投机推理"}, is_spec_decode, read_spec_decode},
      {"span", {"spans of one name", "单个 span 的耗时"}, is_span, read_span},
      {"split", {"spans of one batch", "单个 batch 的耗时拆分"}, is_split, read_split},
      {"ep_balance",
       {"time of experts by rank and layer", "各卡各层专家计算时间"},
       is_ep_balance,
       read_ep_balance},
      {"moe_analysis", {"times of dispatch and combine", "MoE 通信耗时"}, is_moe_analysis, count_rows},
      {"summary", {"summary of the profiler", "采集工具汇总"}, is_summary, count_rows},
  }};
  return tables;
}

}  // namespace ms::profile
