#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "profile/service_table_groups.hpp"

namespace ms::profile {
namespace {

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
    append(records.kv, sample, rows);
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
  const NumberColumn swapped(header, {"swapped"});
  while (rows.next()) {
    const auto cells = rows.cells();
    const QueueSample sample{time.at(cells), waiting.at(cells), running.at(cells), swapped.at(cells)};
    if (std::isnan(sample.waiting) && std::isnan(sample.running)) {
      rows.bad("neither waiting nor running");
      continue;
    }
    append(records.queue, sample, rows);
    ++report.records;
  }
  time.note_unit(report);
}

bool is_queue_size(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"timestamp", "QueueSize=", "status"});
}

// As MindIE writes it: the length of one queue at a time, "waiting", "running" or "swapped".
void read_queue_size(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn time(header, {"timestamp"});
  const NumberColumn size(header, {"QueueSize="});
  const auto status = header.column({"status"});
  QueueSample now;
  while (rows.next()) {
    const auto cells = rows.cells();
    const std::string queue = to_lower(trim(cell_of(cells, status)));
    const double length = size.at(cells);
    if (!(length >= 0)) {
      rows.bad("no length of a queue");
      continue;
    }
    ++report.records;
    now.time = time.at(cells);
    if (queue == "waiting") {
      now.waiting = length;
    } else if (queue == "running") {
      now.running = length;
    } else if (queue == "swapped") {
      now.swapped = length;
    } else {
      continue;  // of another stage
    }
    append(records.queue, now, rows);
  }
  time.note_unit(report);
}

bool is_status_changes(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"time", "metrics"}) && has_any(header, {"+WAITING", "+RUNNING"});
}

// The first versions wrote what changed: +WAITING is -1 where a request leaves the queue. A request is
// pending between its steps; that is not swapped out.
void read_status_changes(Rows& rows, Records& records, FileReport& report) {
  const CsvHeader& header = rows.header();
  TimeColumn time(header, {"time"});
  const NumberColumn waiting(header, {"+WAITING"});
  const NumberColumn running(header, {"+RUNNING"});
  const NumberColumn queue(header, {"=QueueSize"});
  const NumberColumn cache(header, {"=deviceKvCache"});
  QueueSample now{.time = 0, .waiting = 0, .running = 0};
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
    const double size = queue.at(cells);
    if (!std::isnan(size)) now.waiting = size;
    if (!std::isnan(size) || !std::isnan(running.at(cells)) || !std::isnan(waiting.at(cells))) {
      append(records.queue, now, rows);
    }
    if (!std::isnan(cache.at(cells))) records.kv.push_back({now.time, kNone, cache.at(cells), kNone});
  }
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

}  // namespace

std::span<const ServiceTable> queue_tables() {
  static const std::array<ServiceTable, 6> tables = {{
      {"kvcache", {"use of the KV cache", "KV Cache 使用"}, is_kvcache, read_kvcache},
      {"request_status",
       {"requests waiting and running", "等待与运行中的请求数"},
       is_request_status,
       read_request_status},
      {"queue_size", {"lengths of queues", "队列长度"}, is_queue_size, read_queue_size},
      {"status_changes", {"changes of the queues", "队列变化"}, is_status_changes, read_status_changes},
      {"coordinator",
       {"requests by prefill and decode node", "P/D 节点请求数"},
       is_coordinator,
       read_coordinator},
      {"pd_split_kvcache", {"pulls of KV blocks", "KV 拉取"}, is_pd_kvcache, read_pd_kvcache},
  }};
  return tables;
}

}  // namespace ms::profile
