#include "probe/lscpu.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "probe/cpu_probe.hpp"

namespace ms {
namespace {

struct Label {
  std::string_view text;
  LscpuField field;
};

// util-linux translates some of them, and not the same ones in each version.
constexpr Label kLabels[] = {
    {"Architecture", LscpuField::architecture},
    {"架构", LscpuField::architecture},
    {"CPU(s)", LscpuField::cpu_count},
    {"CPU", LscpuField::cpu_count},
    {"On-line CPU(s) list", LscpuField::online},
    {"在线 CPU 列表", LscpuField::online},
    {"Off-line CPU(s) list", LscpuField::offline},
    {"离线 CPU 列表", LscpuField::offline},
    {"Model name", LscpuField::model},
    {"型号名称", LscpuField::model},
    {"BIOS Model name", LscpuField::bios_model},
    {"BIOS 型号名称", LscpuField::bios_model},
    {"Thread(s) per core", LscpuField::threads_per_core},
    {"每个核的线程数", LscpuField::threads_per_core},
    {"Frequency boost", LscpuField::boost},
    {"频率加速", LscpuField::boost},
    {"Hypervisor vendor", LscpuField::hypervisor},
    {"超管理器厂商", LscpuField::hypervisor},
    {"虚拟机管理程序厂商", LscpuField::hypervisor},
    {"NUMA node(s)", LscpuField::node_count},
    {"NUMA 节点", LscpuField::node_count},
};

const LscpuLine* find(const std::vector<LscpuLine>& lines, LscpuField field) {
  const auto found =
      std::find_if(lines.begin(), lines.end(), [&](const LscpuLine& line) { return line.field == field; });
  return found == lines.end() ? nullptr : &*found;
}

std::string place(const std::string& source, const LscpuLine& line) {
  return fmt::format("{}:{}", source, line.line);
}

// Firmware without a name prints one of these.
bool is_name(const LscpuLine* line) {
  if (line == nullptr) return false;
  const std::string value = to_lower(line->value);
  return !value.empty() && value != "-" && value != "unknown" && value != "n/a";
}

void set_model(FactDocument& facts, const std::vector<LscpuLine>& lines, const std::string& source) {
  for (const LscpuField field : {LscpuField::model, LscpuField::bios_model}) {
    const LscpuLine* line = find(lines, field);
    if (is_name(line)) return facts.set("cpu.model", Json(line->value), place(source, *line));
  }
  if (const LscpuLine* line = find(lines, LscpuField::model)) {
    facts.set_absent("cpu.model", fmt::format("lscpu prints '{}' for it", line->value), place(source, *line));
  }
}

void set_count(FactDocument& facts, const std::vector<LscpuLine>& lines, const std::string& source) {
  const LscpuLine* online = find(lines, LscpuField::online);
  const auto cpus = online != nullptr ? parse_cpu_list(online->value)
                                      : Reading<std::vector<std::int64_t>>(Absent{"not printed"});
  if (cpus && !cpus->empty()) return facts.set("cpu.count", Json(cpus->size()), place(source, *online));
  // All CPUs are online where none is listed as offline.
  const LscpuLine* all = find(lines, LscpuField::cpu_count);
  const auto count = all != nullptr ? parse_int(all->value) : std::nullopt;
  if (!count || find(lines, LscpuField::offline) != nullptr) return;
  facts.set("cpu.count", Json(*count), place(source, *all));
}

void set_hypervisor(FactDocument& facts, const LscpuLine& line, const std::string& source) {
  std::string kind = to_lower(line.value);
  if (kind == "microsoft") kind = "hyper-v";
  facts.set("host.virtual.detected", Json(true), place(source, line));
  facts.set("host.virtual.kind", Json(kind.empty() ? std::string("unknown") : kind), place(source, line));
}

void set_nodes(FactDocument& facts, const std::vector<LscpuLine>& lines, const std::string& source) {
  Json nodes = Json::array();
  const LscpuLine* first = nullptr;
  for (const LscpuLine& line : lines) {
    if (line.field != LscpuField::node_cpus) continue;
    if (first == nullptr) first = &line;
    nodes.push_back({{"id", line.node},
                     {"cpus", line.value},
                     {"memory_total_bytes", absent_marker("lscpu does not print it", place(source, line))}});
  }
  const LscpuLine* stated = find(lines, LscpuField::node_count);
  const auto count = stated != nullptr ? parse_int(stated->value) : std::nullopt;
  if (count && static_cast<std::size_t>(*count) != nodes.size()) {
    return facts.set_absent("cpu.numa_nodes",
                            fmt::format("{} of {} NUMA nodes are listed", nodes.size(), *count),
                            place(source, *stated));
  }
  if (first != nullptr) facts.set("cpu.numa_nodes", std::move(nodes), place(source, *first));
}

}  // namespace

std::vector<LscpuLine> parse_lscpu(std::string_view text) {
  static const RE2 pattern(R"(\s*(\S.*?)\s*(?::|：)\s*(.*?)\s*)");
  static const RE2 node_label(R"(NUMA (?:node|节点)\s*(\d{1,4}) CPU(?:\(s\))?)");
  std::vector<LscpuLine> lines;
  int number = 0;
  for (const std::string_view content : split_lines(text)) {
    ++number;
    std::string label;
    std::string value;
    if (!RE2::FullMatch(re2::StringPiece(content.data(), content.size()), pattern, &label, &value)) continue;
    int node = 0;
    if (RE2::FullMatch(label, node_label, &node)) {
      const bool known = std::any_of(lines.begin(), lines.end(), [&](const LscpuLine& line) {
        return line.field == LscpuField::node_cpus && line.node == node;
      });
      if (!known && parse_cpu_list(value)) lines.push_back({LscpuField::node_cpus, node, value, number});
      continue;
    }
    for (const Label& known : kLabels) {
      // "CPU:" with nothing behind it is the heading of a report.
      if (label != known.text || value.empty() || find(lines, known.field) != nullptr) continue;
      lines.push_back({known.field, 0, value, number});
    }
  }
  return lines;
}

void set_lscpu_facts(FactDocument& facts, const std::vector<LscpuLine>& lines, const std::string& source) {
  set_model(facts, lines, source);
  set_count(facts, lines, source);
  set_nodes(facts, lines, source);
  if (const LscpuLine* line = find(lines, LscpuField::architecture)) {
    facts.set("host.arch", Json(line->value), place(source, *line));
  }
  if (const LscpuLine* line = find(lines, LscpuField::offline)) {
    facts.set("cpu.offline", Json(line->value), place(source, *line));
  }
  if (const LscpuLine* line = find(lines, LscpuField::threads_per_core)) {
    if (const auto threads = parse_int(line->value)) {
      facts.set("cpu.smt_active", Json(*threads > 1), place(source, *line));
    }
  }
  if (const LscpuLine* line = find(lines, LscpuField::boost)) {
    const bool on = line->value == "enabled" || line->value == "启用";
    const bool off = line->value == "disabled" || line->value == "禁用";
    if (on || off) facts.set("cpu.boost", Json(on), place(source, *line));
  }
  if (const LscpuLine* line = find(lines, LscpuField::hypervisor)) set_hypervisor(facts, *line, source);
}

}  // namespace ms
