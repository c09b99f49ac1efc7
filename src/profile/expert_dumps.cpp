#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "profile/csv.hpp"
#include "profile/json_elements.hpp"
#include "profile/lines.hpp"
#include "profile/run.hpp"
#include "profile/service_files.hpp"

namespace ms::profile {
namespace {

constexpr std::string_view kNumpy = "\x93NUMPY";

// The phase and the rank of "prefill_0.csv"; both empty where the name says nothing of the kind.
struct DumpName {
  std::string phase;
  std::string rank;
};

DumpName dump_name(std::string_view name) {
  for (const std::string_view phase : {"prefill", "decode"}) {
    // Copies of a file may have something in front.
    const std::size_t at = name.find(phase);
    if (at == std::string_view::npos) continue;
    std::string_view rank = name.substr(at + phase.size());
    if (!rank.starts_with('_') || !rank.ends_with(".csv")) continue;
    rank = rank.substr(1, rank.size() - 5);
    if (parse_int(rank)) return {std::string(phase), std::string(rank)};
  }
  return {};
}

bool is_number_list(std::string_view line) {
  if (line.empty()) return false;
  for (const std::string_view cell : split(line, ',')) {
    if (!parse_double(trim(cell))) return false;
  }
  return true;
}

// The layers of an array of numpy, (devices, layers, experts) or (layers, devices, experts): "(64, 58, 256)".
std::string_view numpy_shape(std::string_view text) {
  const std::size_t at = text.find("'shape': (");
  if (at == std::string_view::npos) return {};
  const std::size_t start = at + 9;
  return text.substr(start, text.find(')', start) - start + 1);
}

}  // namespace

bool is_expert_load(const Head& head) {
  return !dump_name(head.name).phase.empty() &&
         is_number_list(trim(std::string_view(head.text).substr(0, head.text.find('\n'))));
}

void read_expert_load(Input& input, Run& run, FileReport& report) {
  DumpName name = dump_name(input.name);
  ExpertLoad load{.phase = std::move(name.phase), .rank = std::move(name.rank), .layers = {}};
  CsvReader csv(input.bytes, report);
  while (csv.next()) {
    std::vector<double> layer;
    for (const std::string_view cell : csv.cells()) {
      const auto tokens = parse_number(cell);
      if (!tokens || *tokens < 0) break;
      layer.push_back(*tokens);
    }
    if (layer.size() != csv.cells().size()) {
      csv.bad("a cell is no count");
      continue;
    }
    if (!load.layers.empty() && layer.size() != load.layers.front().size()) {
      csv.bad(fmt::format("{} experts, other layers have {}", layer.size(), load.layers.front().size()));
      continue;
    }
    load.layers.push_back(std::move(layer));
    ++report.records;
  }
  if (!load.layers.empty()) run.experts.push_back(std::move(load));
}

bool is_expert_placement(const Head& head) {
  if (head.text.starts_with(kNumpy)) return !numpy_shape(head.text).empty();
  if (head.first_byte() == '{') return head.has_member("moe_layer_count") && head.has_member("layer_list");
  return head.name.find("placement_pattern") != std::string::npos && head.name.ends_with(".txt");
}

void read_expert_placement(Input& input, Run& run, FileReport& report) {
  std::string start(256, '\0');
  if (!input.name.ends_with(".json")) {
    start.resize(input.bytes.read(start));
    if (start.starts_with(kNumpy)) {
      report.records = 1;
      report.note({fmt::format("array {}", numpy_shape(start)), fmt::format("数组 {}", numpy_shape(start))});
      return;
    }
    report.records = 1;
    const std::string shape(trim(std::string_view(start).substr(0, start.find('\n'))));
    report.note(
        {fmt::format("devices, layers, experts: {}", shape), fmt::format("设备数、层数、专家数：{}", shape)});
    return;
  }
  JsonElements layers(input.bytes, report, "layer_list");
  while (layers.next()) ++report.records;
  run.placement_layers = std::max(run.placement_layers, report.records);
}

}  // namespace ms::profile
