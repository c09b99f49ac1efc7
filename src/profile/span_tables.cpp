#include <array>
#include <cmath>

#include "base/text.hpp"
#include "profile/service_table_groups.hpp"

namespace ms::profile {
namespace {

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

void count_rows(Rows& rows, Records& /*records*/, FileReport& report) {
  while (rows.next()) ++report.records;
}

bool is_moe_analysis(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"Dataset", "Mean", "CI_Lower"});
}

bool is_metrics(const CsvHeader& header, std::string_view /*name*/) {
  return header.size() == 2 && has(header, {"time", "metrics"});
}

bool is_cpu_use(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"cpu_no", "usage", "start_time"});
}

bool is_summary(const CsvHeader& header, std::string_view /*name*/) {
  return has(header, {"Metric"}) && has_any(header, {"Average", "Value"});
}

}  // namespace

std::span<const ServiceTable> span_tables() {
  static const std::array<ServiceTable, 7> tables = {{
      {"span", {"spans of one name", "单个 span 的耗时"}, is_span, read_span},
      {"split", {"spans of one batch", "单个 batch 的耗时拆分"}, is_split, read_split},
      {"ep_balance",
       {"time of experts by rank and layer", "各卡各层专家计算时间"},
       is_ep_balance,
       read_ep_balance},
      {"moe_analysis", {"times of dispatch and combine", "MoE 通信耗时"}, is_moe_analysis, count_rows},
      {"metrics", {"metrics of the first versions", "早期版本指标"}, is_metrics, count_rows},
      {"cpu_use", {"use of the CPU", "CPU 使用率"}, is_cpu_use, count_rows},
      {"summary", {"summary of the profiler", "采集工具汇总"}, is_summary, count_rows},
  }};
  return tables;
}

}  // namespace ms::profile
