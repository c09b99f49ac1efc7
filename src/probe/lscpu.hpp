#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"

namespace ms {

/// What a line of `lscpu` says.
enum class LscpuField {
  architecture,
  cpu_count,
  online,
  offline,
  model,
  bios_model,
  threads_per_core,
  boost,
  hypervisor,
  node_count,
  node_cpus,
};

struct LscpuLine {
  LscpuField field;
  int node = 0;  ///< of node_cpus: as the kernel numbers it
  std::string value;
  int line = 0;  ///< counted from 1
};

/// The lines of `lscpu` that facts are made of, by their English or Chinese labels; other lines are passed
/// over. Of a label that is there twice the first line counts.
std::vector<LscpuLine> parse_lscpu(std::string_view text);

/// Sets what the lines tell of host.arch, host.virtual.*, cpu.model, cpu.count, cpu.offline, cpu.smt_active,
/// cpu.boost and cpu.numa_nodes, each with "SOURCE:LINE" as its provenance; the others stay unset. The memory
/// of a node is absent: lscpu does not print it.
void set_lscpu_facts(FactDocument& facts, const std::vector<LscpuLine>& lines, const std::string& source);

}  // namespace ms
