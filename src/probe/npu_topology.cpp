#include "probe/npu_topology.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/text.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/extract.hpp"
#include "probe/npu_commands.hpp"
#include "probe/npu_smi.hpp"
#include "probe/npu_smi_table.hpp"

namespace ms {
namespace {

constexpr const char* kTopo = "npu-smi info -t topo";
constexpr std::size_t kMaxNpus = 1024;

// The number in "NPU7", or in "Phy-ID7" as tables of several dies have it.
std::optional<std::int64_t> npu_number(std::string_view word) {
  for (const std::string_view prefix : {"NPU", "Phy-ID"}) {
    if (word.starts_with(prefix)) return parse_int(word.substr(prefix.size()));
  }
  return std::nullopt;
}

// The column heads: all NPUs of the line, where there are several or something follows that is no cell.
std::vector<std::int64_t> header_npus(const std::vector<std::string>& words) {
  std::vector<std::int64_t> npus;
  for (const std::string& word : words) {
    const auto npu = npu_number(word);
    if (!npu) break;
    npus.push_back(*npu);
  }
  return npus;
}

}  // namespace

NpuTopology parse_npu_topology(std::string_view text) {
  NpuTopology topology;
  std::vector<std::int64_t> columns;
  for (const std::string_view line : split_lines(text)) {
    const auto words = cell_words(line);
    if (words.empty()) continue;
    const auto head = header_npus(words);
    // A table of one NPU has the head "NPU0 CPU Affinity" and the row "NPU0 X 0-23".
    if (columns.empty() && !head.empty() && head.size() <= kMaxNpus) {
      columns = head;
      continue;
    }
    if (head.size() != 1 || words.size() < 1 + columns.size()) continue;
    const std::int64_t npu = head.front();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string& kind = words[i + 1];
      if (columns[i] <= npu) continue;
      NpuLink link{.npu = npu, .peer = columns[i], .kind = sanitize_utf8(kind)};
      if (kind == "NA") link.kind = Absent{fmt::format("{} shows \"NA\"", kTopo)};
      topology.links.push_back(std::move(link));
    }
    if (words.size() == columns.size() + 2 && parse_cpu_list(words.back())) {
      topology.affinity.push_back({.npu = npu, .cpus = words.back()});
    }
  }
  if (!topology.links.empty() || !topology.affinity.empty()) return topology;
  const auto failure = explain_npu_smi_failure(text);
  topology.problem = failure ? *failure
                     : trim(text).empty()
                         ? "printed nothing"
                         : fmt::format("printed no matrix of NPUs but {}", quoted_start(trim(text)));
  return topology;
}

void read_npu_topology(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  const auto output = run_npu_tool(host, kNpuSmi, {"info", "-t", "topo"}, timeout);
  const NpuTopology topology = output ? parse_npu_topology(output->text) : NpuTopology{};
  if (!output || !topology.problem.empty()) {
    const std::string reason = output ? fmt::format("{}: {}", kTopo, topology.problem) : output.reason();
    facts.set_absent("npu.links", reason, kTopo);
    facts.set_absent("npu.cpu_affinity", reason, kTopo);
    return;
  }
  Json links = Json::array();
  for (const NpuLink& link : topology.links) {
    links.push_back({{"npu", link.npu},
                     {"peer", link.peer},
                     {"kind", link.kind ? Json(*link.kind) : absent_marker(link.kind.reason(), kTopo)}});
  }
  facts.set("npu.links", std::move(links), kTopo);
  if (topology.affinity.empty()) {
    return facts.set_absent("npu.cpu_affinity", fmt::format("{}: has no column CPU Affinity", kTopo), kTopo);
  }
  Json affinity = Json::array();
  for (const NpuAffinity& one : topology.affinity) affinity.push_back({{"npu", one.npu}, {"cpus", one.cpus}});
  facts.set("npu.cpu_affinity", std::move(affinity), kTopo);
}

}  // namespace ms
