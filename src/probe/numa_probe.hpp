#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

struct NumaNode {
  std::int64_t id = 0;  ///< as the kernel numbers it
  std::string cpus;     ///< "0-23"; empty for a node of memory only
  std::int64_t memory_total_bytes = 0;
};

/// The NUMA nodes of a host, in order of their ids: by hwloc where /sys holds the topology of every CPU,
/// otherwise (a record of less) from the files of the nodes. Changes variables of this process's environment
/// while it runs, so nothing else may look at them then. Absent where /sys has no nodes.
Reading<std::vector<NumaNode>> read_numa_nodes(const Host& host);

/// The nodes from /sys/devices/system/node/node*/{cpulist,meminfo} alone.
Reading<std::vector<NumaNode>> read_numa_node_files(const Host& host);

/// Sets cpu.numa_nodes.
void read_numa(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
