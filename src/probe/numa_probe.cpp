#include "probe/numa_probe.hpp"

#include <fmt/format.h>
#include <hwloc.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>

#include "base/text.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/extract.hpp"

namespace ms {
namespace {

constexpr const char* kCpuFolder = "/sys/devices/system/cpu";
constexpr const char* kNodeFolder = "/sys/devices/system/node";

// A variable of the environment that is put back at the end: hwloc has no other way to be told these.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name))
      old_ = old;              // NOLINT(concurrency-mt-unsafe): see read_numa_nodes
    ::setenv(name, value, 1);  // NOLINT(concurrency-mt-unsafe)
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() {
    if (old_) {
      ::setenv(name_, old_->c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    } else {
      ::unsetenv(name_);  // NOLINT(concurrency-mt-unsafe)
    }
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

struct DestroyTopology {
  void operator()(hwloc_topology* topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, DestroyTopology>;

// Loads processors and NUMA nodes only: caches, packages and devices cost several times as much.
Topology load_topology() {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return nullptr;
  Topology topology(raw);
  hwloc_topology_set_all_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_NONE);
  // A node belongs to the group of its CPUs; without groups every node would have all CPUs.
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
  // A container sees the machine's nodes, not only those that it may use.
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  // The kernel's files say it all; these would ask the processor itself, on every core in turn, or the bus.
  for (const char* component : {"x86", "pci", "opencl", "cuda", "nvml", "rsmi", "levelzero", "gl"}) {
    hwloc_topology_set_components(raw, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, component);
  }
  if (hwloc_topology_load(raw) != 0) return nullptr;
  return topology;
}

std::string cpu_list(hwloc_const_bitmap_t cpus) {
  char* text = nullptr;
  if (hwloc_bitmap_list_asprintf(&text, cpus) < 0) return "";
  const std::unique_ptr<char, decltype(&std::free)> owned(text, &std::free);
  return text;
}

// hwloc aborts, and answers for the machine that it runs on, where the CPUs have no topology in /sys; where
// some have none it puts the others into the wrong nodes. A record may well hold no more than the nodes.
bool holds_topology(const Host& host, const OnlineCpus& online) {
  for (const std::int64_t cpu : {online.cpus.front(), online.cpus.back()}) {
    bool found = false;
    for (const char* name : {"core_cpus", "thread_siblings", "package_cpus", "core_siblings"}) {
      found = found || host.exists(fmt::format("{}/cpu{}/topology/{}", kCpuFolder, cpu, name));
    }
    if (!found) return false;
  }
  return true;
}

std::vector<NumaNode> nodes_of(hwloc_topology_t topology) {
  std::vector<NumaNode> nodes;
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
    nodes.push_back({.id = static_cast<std::int64_t>(node->os_index),
                     .cpus = cpu_list(node->cpuset),
                     .memory_total_bytes = static_cast<std::int64_t>(node->attr->numanode.local_memory)});
  }
  std::sort(nodes.begin(), nodes.end(), [](const NumaNode& a, const NumaNode& b) { return a.id < b.id; });
  return nodes;
}

// Empty where hwloc has no answer for all of the CPUs.
std::vector<NumaNode> nodes_by_hwloc(const std::string& root, std::size_t cpus) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  // Plugins only add devices, and cost their loading.
  const ScopedVariable no_plugins("HWLOC_PLUGINS_PATH", "");
  const ScopedVariable no_messages("HWLOC_HIDE_ERRORS", "2");
  std::optional<ScopedVariable> file_root;
  if (root != "/") file_root.emplace("HWLOC_FSROOT", root.c_str());
  const Topology topology = load_topology();
  if (!topology) return {};
  if (hwloc_get_nbobjs_by_type(topology.get(), HWLOC_OBJ_PU) != static_cast<int>(cpus)) return {};
  return nodes_of(topology.get());
}

}  // namespace

Reading<std::vector<NumaNode>> read_numa_node_files(const Host& host) {
  const auto names = host.list_directory(kNodeFolder);
  if (!names) return names.absent();
  std::vector<NumaNode> nodes;
  for (const std::string& name : *names) {
    const auto id = name.starts_with("node") ? parse_int(std::string_view(name).substr(4)) : std::nullopt;
    if (!id) continue;
    const std::string folder = fmt::format("{}/{}", kNodeFolder, name);
    const auto cpus = host.read_file(folder + "/cpulist");
    if (!cpus) return cpus.absent();
    if (const auto valid = parse_cpu_list(*cpus); !valid) {
      return Absent{fmt::format("{}/cpulist: {}", host.describe(folder), valid.reason())};
    }
    const auto meminfo = host.read_file(folder + "/meminfo");
    if (!meminfo) return meminfo.absent();
    static const RE2 total(R"(MemTotal:\s+(\d{1,15}) kB)");
    std::int64_t kilobytes = 0;
    if (!RE2::PartialMatch(*meminfo, total, &kilobytes)) {
      return Absent{fmt::format("{}/meminfo: expected MemTotal, found {}", host.describe(folder),
                                quoted_start(trim(*meminfo)))};
    }
    nodes.push_back(
        {.id = *id, .cpus = std::string(until_nul(*cpus)), .memory_total_bytes = kilobytes * 1024});
  }
  if (nodes.empty()) return Absent{host.describe(kNodeFolder) + ": has no nodes"};
  std::sort(nodes.begin(), nodes.end(), [](const NumaNode& a, const NumaNode& b) { return a.id < b.id; });
  return nodes;
}

Reading<std::vector<NumaNode>> read_numa_nodes(const Host& host) {
  const auto root = host.root();
  const auto online = read_online_cpus(host);
  if (root && online && host.exists(kNodeFolder) && holds_topology(host, *online)) {
    auto nodes = nodes_by_hwloc(*root, online->cpus.size());
    if (!nodes.empty()) return nodes;
  }
  return read_numa_node_files(host);
}

void read_numa(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "cpu.numa_nodes";
  const std::string source = host.describe(kNodeFolder);
  const auto nodes = read_numa_nodes(host);
  if (!nodes) return facts.set_absent(kFact, nodes.reason(), source);
  Json list = Json::array();
  for (const NumaNode& node : *nodes) {
    list.push_back({{"id", node.id}, {"cpus", node.cpus}, {"memory_total_bytes", node.memory_total_bytes}});
  }
  facts.set(kFact, std::move(list), source);
}

}  // namespace ms
