#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/lang.hpp"

namespace ms {

/// CPU numbers, rising.
using CpuList = std::vector<std::int64_t>;

struct BindNode {
  std::int64_t id = 0;
  CpuList cpus;                         ///< online
  std::vector<std::int64_t> distances;  ///< to each node, in order of the nodes; empty where not known
};

struct BindNpu {
  std::int64_t id = 0;              ///< N of /dev/davinciN
  std::vector<std::int64_t> nodes;  ///< the NUMA nodes near it; empty where not known
  std::string bus_id;               ///< "0000:c1:00.0"; empty where not known
  std::string near_source;          ///< what says which nodes are near: "npu-smi info -t topo"
};

/// What is to be placed, and on what.
struct BindRequest {
  std::vector<BindNode> nodes;
  std::vector<CpuList> shared_cores;  ///< cores with several CPUs; every other CPU is a core
  CpuList usable;                     ///< allowed to this process, and not isolated
  std::vector<BindNpu> npus;
  int instances = 1;                    ///< services, among which the NPUs are divided in their order
  std::optional<int> cores_per_worker;  ///< none: as many as there are
};

enum class BindRole { unusable, unassigned, os, irq, worker, service };

/// One core and what it is for.
struct BindCore {
  CpuList cpus;
  BindRole role = BindRole::unassigned;
  std::int64_t owner = 0;  ///< NPU of irq and worker, instance of service
};

struct BindNodePlan {
  std::int64_t id = 0;
  std::vector<BindCore> cores;  ///< in order of their first CPU
};

/// The process that drives one NPU.
struct BindWorker {
  BindNpu npu;
  int instance = 0;
  std::int64_t node = 0;
  CpuList cpus;
  CpuList irq_cpus;  ///< for the interrupts of its NPU; empty where there were too few cores
};

/// The process that takes requests: HTTP, tokenizer, scheduler.
struct BindService {
  int instance = 0;
  std::int64_t node = 0;
  CpuList cpus;
};

struct BindPlan {
  std::vector<BindNodePlan> nodes;
  CpuList os_cpus;  ///< left to the operating system and whatever else runs
  std::vector<BindWorker> workers;
  std::vector<BindService> services;
  std::vector<Text> assumptions;
  std::vector<Text> warnings;
  Text problem;  ///< why there is no plan; empty where there is one
};

/// Places services, workers and interrupts on whole cores: every core has one purpose, and no process has
/// cores of two nodes. A worker is on a node near its NPU, and those on one node have equally many cores; a
/// service is on a node without NPUs where there is one. Throws InputError when the NPUs cannot be divided
/// among the instances, or a worker cannot have as many cores as are asked for. Source: docs/binding.md.
BindPlan plan_binding(const BindRequest& request);

}  // namespace ms
