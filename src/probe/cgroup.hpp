#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// Where the cgroups of a process are: its path in the single tree of version 2, and in the trees of version
/// 1 that limit CPU time and memory.
struct CgroupPaths {
  std::optional<std::string> unified;
  std::optional<std::string> cpu;
  std::optional<std::string> memory;
};

/// Reads /proc/PID/cgroup.
CgroupPaths parse_cgroup(std::string_view text);

/// A limit and the file that sets it; no value where nothing limits.
template <class T>
struct CgroupLimit {
  std::optional<T> value;
  std::string source;  ///< a path as on the host
};

/// CPU time that the cgroups of this process leave it, in cores: the least of its cgroup and all above it.
Reading<CgroupLimit<double>> read_cpu_quota(const Host& host);

/// Memory that they leave it. [bytes]
Reading<CgroupLimit<std::int64_t>> read_memory_limit(const Host& host);

/// Sets limits.cpu_limited, limits.cpu_cores, limits.memory_limited and limits.memory_bytes.
void read_cgroup_limits(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
