#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "profile/batch_items.hpp"
#include "profile/service_table_groups.hpp"

namespace ms::profile {
namespace {

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
  /// Whether the next row is looked at: the first ones, and some of the others, as ends are long to parse.
  bool wanted() {
    constexpr std::size_t kFirst = 10'000;
    constexpr std::size_t kOneOf = 16;
    ++rows_;
    return rows_ <= kFirst || rows_ % kOneOf == 0;
  }
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
  std::size_t rows_ = 0;
};

void note_duration(FileReport& report) {
  report.note(
      {"durations are a thousand times what start and end say: the column (ms) holds \xc2\xb5s; corrected",
       "时长为起止时间之差的一千倍：(ms) 列的实际单位为 \xc2\xb5s，已修正"});
}

// Whether the items of a batch tell their context: all do, or none.
bool says_context(std::string_view list) {
  constexpr std::size_t kFirstItem = 256;
  return list.substr(0, kFirstItem).find("num_computed_tokens") != std::string_view::npos;
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
  PhasesOfRows phases;
  while (rows.next()) {
    const auto cells = rows.cells();
    Batch batch;
    batch.event = event_of(trim(cell_of(cells, name)));
    batch.start = start.at(cells);
    batch.seconds = duration.at(cells);
    if (std::isnan(batch.seconds) || batch.seconds < 0) {
      rows.bad("no duration");
      continue;
    }
    if (check.wanted()) check.add(batch.seconds, batch.start, end.at(cells));
    batch.size = size.at(cells);
    batch.dp_rank = rank_of(dp_rank.at(cells));
    if (process) batch.process = records.process(cell_of(cells, process));
    batch.prefill_requests = prefill.at(cells);
    batch.decode_requests = decode.at(cells);
    batch.prefill_tokens = prefill_tokens.at(cells);
    batch.decode_tokens = decode_tokens.at(cells);
    const std::string_view list = cell_of(cells, items_column);
    const bool phases_stated = !std::isnan(batch.prefill_requests);
    if (phases_stated && says_context(list)) {
      BatchItems items;
      if (count_items(list, items) && items.context_known) batch.context_tokens = items.context_tokens;
    }
    if (!phases_stated) {
      BatchItems items;
      const bool counted = count_items(list, items);
      if (std::isnan(batch.size) && counted) batch.size = items.requests;
      take_items(batch, counted ? items : BatchItems(), phases.of(cell_of(cells, type)));
    }
    if (std::isnan(batch.size) && std::isnan(batch.prefill_requests)) {
      rows.bad("no batch size");
      continue;
    }
    if (std::isnan(batch.size)) batch.size = batch.prefill_requests + batch.decode_requests;
    append(records.batches, batch, rows);
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
  const NumberColumn size(header, {"batch_size"});
  const NumberColumn dp_rank(header, {"dp_rank"});
  const std::size_t first = records.forwards.size();
  DurationCheck check;
  PhasesOfRows phases;
  while (rows.next()) {
    const auto cells = rows.cells();
    Forward forward;
    forward.start = start.at(cells);
    forward.seconds = duration.at(cells);
    if (std::isnan(forward.seconds) || forward.seconds < 0) {
      rows.bad("no duration");
      continue;
    }
    if (check.wanted()) check.add(forward.seconds, forward.start, end.at(cells));
    forward.size = size.at(cells);
    forward.dp_rank = rank_of(dp_rank.at(cells));
    if (process) forward.process = records.process(cell_of(cells, process));
    const BatchPhases phase = phases.of(cell_of(cells, type));
    if (phase.prefill != phase.decode) {
      forward.prefill_requests = phase.prefill ? forward.size : 0;
      forward.decode_requests = phase.decode ? forward.size : 0;
    }
    append(records.forwards, forward, rows);
    ++report.records;
  }
  if (check.thousandfold()) {
    for (std::size_t i = first; i < records.forwards.size(); ++i) records.forwards[i].seconds *= 1e-3;
    note_duration(report);
  }
  start.note_unit(report);
}

}  // namespace

std::span<const ServiceTable> batch_tables() {
  static const std::array<ServiceTable, 2> tables = {{
      {"batch", {"batches that were scheduled and executed", "调度与执行的 batch"}, is_batch, read_batch},
      {"forward", {"forward passes by rank", "各卡前向"}, is_forward, read_forward},
  }};
  return tables;
}

}  // namespace ms::profile
