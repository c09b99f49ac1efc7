#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// The CPU numbers of a kernel list: "0-3,8" is 0, 1, 2, 3, 8. Absent when it is no such list, or names more
/// than 65536 CPUs.
Reading<std::vector<std::int64_t>> parse_cpu_list(std::string_view text);

/// The online CPUs, from sysfs, otherwise from /proc/cpuinfo.
struct OnlineCpus {
  std::vector<std::int64_t> cpus;
  std::string source;  ///< a path as on the host
};
Reading<OnlineCpus> read_online_cpus(const Host& host);

/// The name of the processor in the text of /proc/cpuinfo: as it stands there on x86, by implementer and part
/// on Arm, whose kernels write no name.
Reading<std::string> cpu_model(std::string_view cpuinfo);

/// Sets cpu.model.
void read_cpu_model(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets cpu.count.
void read_cpu_count(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets cpu.governors.
void read_cpu_governors(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets cpu.sockets, cpu.cores, cpu.threads_per_core and cpu.thread_siblings.
void read_cpu_topology(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets cpu.frequencies.
void read_cpu_frequencies(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets cpu.numa_distances.
void read_numa_distances(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
