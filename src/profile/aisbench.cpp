#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "profile/bench_results.hpp"
#include "profile/json_cursor.hpp"
#include "profile/json_elements.hpp"
#include "profile/lines.hpp"
#include "profile/run.hpp"

namespace ms::profile {
namespace {

struct Name {
  std::string_view theirs;
  std::string_view ours;
};

constexpr std::array<Name, 7> kQuantities = {{{"TTFT", "ttft"},
                                              {"TPOT", "tpot"},
                                              {"ITL", "itl"},
                                              {"E2EL", "latency"},
                                              {"InputTokens", "input_tokens"},
                                              {"OutputTokens", "output_tokens"},
                                              {"OutputTokenThroughput", "request_output_tokens_per_second"}}};

constexpr std::array<Name, 10> kStatistics = {{{"Average", "mean"},
                                               {"Max", "max"},
                                               {"Min", "min"},
                                               {"Median", "p50"},
                                               {"P50", "p50"},
                                               {"P75", "p75"},
                                               {"P90", "p90"},
                                               {"P95", "p95"},
                                               {"P99", "p99"},
                                               {"N", "count"}}};

constexpr std::array<Name, 13> kValues = {{{"Benchmark Duration", "duration_seconds"},
                                           {"Total Requests", "total_requests"},
                                           {"Failed Requests", "failed_requests"},
                                           {"Success Requests", "requests"},
                                           {"Concurrency", "concurrency"},
                                           {"Max Concurrency", "max_concurrency"},
                                           {"Request Throughput", "requests_per_second"},
                                           {"Total Input Tokens", "input_tokens"},
                                           {"Prefill Token Throughput", "prefill_tokens_per_second"},
                                           {"Total generated tokens", "output_tokens"},
                                           {"Input Token Throughput", "input_tokens_per_second"},
                                           {"Output Token Throughput", "output_tokens_per_second"},
                                           {"Total Token Throughput", "total_tokens_per_second"}}};

std::string_view ours_of(std::span<const Name> names, std::string_view theirs) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const Name& name) {
    return column_key(name.theirs) == column_key(theirs);
  });
  return found == names.end() ? std::string_view() : found->ours;
}

// The file without its extension: the CSV and the JSON of a run share it.
std::string stem_of(const Input& input) {
  const std::string stem = input.name.substr(0, input.name.rfind('.'));
  return input.folder.empty() ? stem : input.folder + "/" + stem;
}

// A row of a table of statistics whose columns are named by `header`; false where it is of no known quantity.
bool take_row(Benchmark& benchmark, std::span<const std::string> header,
              std::span<const std::string_view> cells, FileReport& report, std::size_t line) {
  if (cells.empty()) return false;
  const std::string_view quantity = ours_of(kQuantities, trim(cells[0]));
  if (quantity.empty()) return false;
  const bool tokens = quantity.find("token") != std::string_view::npos;
  StatedSpread spread;
  for (std::size_t i = 1; i < cells.size() && i < header.size(); ++i) {
    const std::string_view statistic = ours_of(kStatistics, header[i]);
    if (statistic.empty()) continue;
    const bool plain = tokens || statistic == "count";
    const auto value = plain ? parse_number(cells[i]) : parse_seconds(cells[i], 1e-3);
    if (value) spread[std::string(statistic)] = *value;
  }
  if (spread.empty()) {
    report.bad(line, fmt::format("{}: no numbers", quantity));
    return true;
  }
  benchmark.spreads[std::string(quantity)] = std::move(spread);
  ++report.records;
  return true;
}

bool take_value(Benchmark& benchmark, std::string_view name, std::string_view text, FileReport& report) {
  const std::string_view value_name = ours_of(kValues, name);
  if (value_name.empty()) return false;
  const auto value = value_name == "duration_seconds" ? parse_seconds(text, 1e-3) : parse_number(text);
  if (value) benchmark.values[std::string(value_name)] = *value;
  if (value) ++report.records;
  return value.has_value();
}

// The cells of a line of a table that is drawn with "│" or "|".
std::vector<std::string_view> table_cells(std::string_view line) {
  constexpr std::string_view kBar = "\xe2\x94\x82";
  std::vector<std::string_view> cells;
  const std::size_t first = line.find(kBar);
  if (first == std::string_view::npos) return cells;
  line.remove_prefix(first + kBar.size());
  for (std::size_t bar = line.find(kBar); bar != std::string_view::npos; bar = line.find(kBar)) {
    cells.push_back(trim(line.substr(0, bar)));
    line.remove_prefix(bar + kBar.size());
  }
  return cells;
}

}  // namespace

bool is_aisbench_csv(const Head& head) {
  return head.has_columns({"Performance Parameters", "Average"});
}

void read_aisbench_csv(Input& input, Run& run, FileReport& report) {
  CsvReader csv(input.bytes, report);
  const std::vector<std::string> header = csv.read_header().names();
  Benchmark& benchmark = run.benchmark("aisbench", stem_of(input));
  while (csv.next()) {
    if (!take_row(benchmark, header, csv.cells(), report, csv.line())) {
      report.bad(csv.line(), fmt::format("'{}' is no known quantity", csv.cells()[0].substr(0, 40)));
    }
  }
}

bool is_aisbench_json(const Head& head) {
  return head.first_byte() == '{' && head.has_member("Benchmark Duration") &&
         head.has_member("Total Requests");
}

void read_aisbench_json(Input& input, Run& run, FileReport& report) {
  JsonElements elements(input.bytes, report);
  Benchmark& benchmark = run.benchmark("aisbench", stem_of(input));
  while (elements.next()) {
    JsonCursor json(elements.text());
    std::optional<std::string> text;
    const auto scalar = [&] { return json.peek() == '"' ? json.string() : std::string(json.skip()); };
    if (json.peek() == '{') {
      json.object([&](std::string_view) { text = scalar(); });
    } else {
      text = scalar();
    }
    const bool known = !ours_of(kValues, elements.key()).empty();
    if (known && (!text || !take_value(benchmark, elements.key(), *text, report)) &&
        (!text || !is_blank(*text))) {
      report.bad(elements.line(), fmt::format("'{}' has no number", elements.key().substr(0, 40)));
    }
  }
}

bool is_aisbench_log(const Head& head) {
  return head.text.find("\xe2\x94\x82 Performance Parameters") != std::string::npos ||
         head.text.find("\xe2\x94\x82 Common Metric") != std::string::npos;
}

void read_aisbench_log(Input& input, Run& run, FileReport& report) {
  LineReader lines(input.bytes);
  std::vector<std::string> header;
  std::size_t tables = 0;
  Benchmark* benchmark = nullptr;
  while (lines.next()) {
    const auto cells = table_cells(lines.text());
    if (cells.size() < 3) continue;
    const bool statistics = cells[0] == "Performance Parameters";
    // A log may hold several runs, and each begins with its statistics.
    if (statistics || benchmark == nullptr) {
      benchmark = &run.benchmark("aisbench", fmt::format("{}#{}", stem_of(input), ++tables));
    }
    if (statistics) {
      header.assign(cells.begin(), cells.end());
    } else if (cells.size() == 3) {
      take_value(*benchmark, cells[0], cells[2], report);
    } else {
      take_row(*benchmark, header, cells, report, lines.line());
    }
  }
}

}  // namespace ms::profile
