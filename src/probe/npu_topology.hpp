#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// How two NPUs are connected: HCCS, HCCS_SW, SIO, UB, PIX, PXB, PHB, SYS.
struct NpuLink {
  std::int64_t npu = 0;
  std::int64_t peer = 0;  ///< greater than `npu`
  Reading<std::string> kind;
};

/// The CPUs that are near an NPU.
struct NpuAffinity {
  std::int64_t npu = 0;
  std::string cpus;  ///< "144-167"
};

/// What `npu-smi info -t topo` printed.
struct NpuTopology {
  std::vector<NpuLink> links;
  std::vector<NpuAffinity> affinity;  ///< empty where the table has no such column (910C)
  std::string problem;                ///< why there is no link and no affinity; empty where there are some
};

/// Reads the output of `npu-smi info -t topo`. Pure, takes any text, never throws.
NpuTopology parse_npu_topology(std::string_view text);

/// Sets npu.links and npu.cpu_affinity.
void read_npu_topology(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
