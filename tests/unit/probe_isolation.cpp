// For each source that a probe reads and each way in which a source can be bad: the run ends, every other
// fact is what it was, and the fact itself is a value or absent with a reason.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "base/file.hpp"
#include "probe/collect.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

namespace {

namespace fs = std::filesystem;

// A file of the healthy example host, and the facts that may change with it.
struct Source {
  const char* file;
  std::vector<const char*> facts;
};

const std::vector<Source> kSources = {
    {"environ", {"env", "ascend.cann", "ascend.mindie", "ascend.atb", "ascend.atb_models"}},
    {"commands/npu-smi_info.txt",
     {"npu.devices", "npu.smi_version", "npu.driver_version", "npu.count", "npu.family"}},
    {"commands/npu-smi_info_-t_topo.txt", {"npu.links", "npu.cpu_affinity"}},
    {"commands/df_-P_-k.txt", {"host.file_systems", "memory.shm"}},
    {"commands/npu-smi_info_-m.txt",
     {"npu.chips", "npu.usage", "npu.common", "npu.memory", "npu.boards", "npu.chip_boards"}},
    {"commands/npu-smi_info_-l.txt", {"npu.cards"}},
    {"commands/npu-smi_info_-t_usages_-i_3.txt", {"npu.usage"}},
    {"commands/npu-smi_info_-t_common_-i_3.txt", {"npu.common"}},
    {"commands/npu-smi_info_-t_memory_-i_3.txt", {"npu.memory"}},
    {"commands/npu-smi_info_-t_board_-i_3.txt", {"npu.boards"}},
    {"commands/npu-smi_info_-t_board_-i_3_-c_0.txt", {"npu.chip_boards"}},
    {"commands/hccn_tool_-i_3_-link_-g.txt", {"npu.network"}},
    {"commands/hccn_tool_-i_3_-tls_-g.txt", {"npu.network"}},
    {"commands/hccn_tool_-i_3_-stat_-g.txt", {"npu.traffic"}},
    {"commands/hccn_tool_-i_3_-optical_-g.txt", {"npu.optics"}},
    {"commands/uname_-m.txt", {"host.arch"}},
    {"commands/getconf_PAGESIZE.txt", {"host.page_size_bytes", "host.processes"}},
    {"etc/os-release", {"host.os"}},
    {"proc/cpuinfo", {"cpu.model"}},
    {"proc/meminfo",
     {"memory.total_bytes", "memory.available_bytes", "memory.swap_total_bytes", "memory.swap_free_bytes",
      "memory.hugepages", "limits.memory_limited", "limits.memory_bytes"}},
    {"proc/cmdline", {"host.kernel.cmdline"}},
    {"proc/loadavg", {"host.load_1min"}},
    {"proc/self/cgroup", {"limits", "container"}},
    {"proc/self/status", {"limits.cpus_allowed", "limits.mems_allowed"}},
    {"proc/self/limits",
     {"limits.nofile_soft", "limits.nofile_hard", "limits.memlock", "limits.nproc", "limits.stack",
      "limits.core"}},
    {"proc/self/mountinfo", {"container"}},
    {"proc/2/stat", {"host.process_count", "host.processes", "host.irqbalance_running"}},
    {"proc/2301/stat", {"host.process_count", "host.processes"}},
    {"proc/sys/kernel/sched_migration_cost_ns", {"host.sched.migration_cost_ns"}},
    {"proc/sys/kernel/sched_autogroup_enabled", {"host.sched.autogroup"}},
    {"proc/sys/kernel/sched_rt_runtime_us", {"host.sched.rt_runtime_us"}},
    {"proc/sys/vm/overcommit_memory", {"memory.overcommit"}},
    {"proc/sys/kernel/hostname", {"host.name"}},
    {"proc/sys/kernel/osrelease", {"host.kernel.release"}},
    {"proc/sys/kernel/numa_balancing", {"memory.numa_balancing"}},
    {"proc/sys/vm/swappiness", {"memory.swappiness"}},
    {"sys/class/dmi/id/product_name", {"host.virtual"}},
    {"sys/class/dmi/id/sys_vendor", {"host.virtual"}},
    {"sys/devices/system/cpu/online", {"cpu.count", "cpu.governors", "cpu.numa_nodes", "limits"}},
    {"sys/devices/system/cpu/isolated", {"cpu.isolated"}},
    {"sys/devices/system/cpu/cpu7/cpufreq/scaling_governor", {"cpu.governors"}},
    {"sys/devices/system/node/node2/cpulist", {"cpu.numa_nodes"}},
    {"sys/devices/system/node/node2/distance", {"cpu.numa_distances", "cpu.numa_nodes"}},
    {"sys/devices/system/node/node2/meminfo", {"cpu.numa_nodes", "memory.nodes"}},
    {"sys/kernel/mm/transparent_hugepage/enabled", {"memory.thp.mode"}},
    {"sys/kernel/mm/transparent_hugepage/defrag", {"memory.thp.defrag"}},
    {"dev/davinci_manager", {"npu.device_files"}},
    {"sys/bus/pci/devices/0000:c1:00.0/vendor", {"npu.pci_devices", "npu.irqs"}},
    {"sys/bus/pci/devices/0000:c1:00.0/device", {"npu.pci_devices", "npu.irqs"}},
    {"sys/bus/pci/devices/0000:c1:00.0/numa_node", {"npu.pci_devices", "npu.devices", "npu.irqs"}},
    {"proc/irq/200/smp_affinity_list", {"npu.irqs"}},
    {"usr/local/Ascend/driver/version.info", {"ascend.driver"}},
    {"usr/local/Ascend/firmware/version.info", {"ascend.firmware"}},
    {"usr/local/Ascend/ascend-toolkit/latest/aarch64-linux/ascend_toolkit_install.info", {"ascend.cann"}},
    {"usr/local/Ascend/ascend-toolkit/latest/opp_kernel/version.info", {"ascend.kernels"}},
    {"sys/devices/system/cpu/nohz_full", {"cpu.nohz_full"}},
    {"sys/fs/cgroup/pids.max", {"limits.pids"}},
    {"usr/local/Ascend/mindie/latest/version.info", {"ascend.mindie.version"}},
    {"usr/local/Ascend/nnal/atb/latest/version.info", {"ascend.atb"}},
    {"usr/local/Ascend/atb-models/version.info", {"ascend.atb_models"}},
    {"usr/local/lib/python3.11/site-packages/torch_npu-2.1.0.post13.dist-info/METADATA", {}},
};

struct Fault {
  const char* name;
  std::function<void(const std::string& path, const std::string& content)> apply;
};

void put(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 12345;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

const std::vector<Fault> kFaults = {
    {"missing", [](const auto& path, const auto&) { fs::remove(path); }},
    {"empty", [](const auto& path, const auto&) { put(path, ""); }},
    {"truncated",
     [](const auto& path, const auto& content) { put(path, content.substr(0, content.size() / 2)); }},
    {"binary", [](const auto& path, const auto&) { put(path, noise(4096)); }},
    {"enormous",
     [](const auto& path, const auto&) { REQUIRE(::truncate(path.c_str(), off_t{1} << 30) == 0); }},
    {"unreadable",
     [](const auto& path, const auto&) {
       // Root reads every file; a link to itself is what root cannot read either.
       if (::geteuid() != 0) {
         fs::permissions(path, fs::perms::none);
       } else {
         fs::remove(path);
         fs::create_symlink(fs::path(path).filename(), path);
       }
     }},
    {"a directory", [](const auto& path, const auto&) { fs::remove(path), fs::create_directory(path); }},
    {"a FIFO", [](const auto& path, const auto&) { fs::remove(path), ::mkfifo(path.c_str(), 0600); }},
    {"not UTF-8", [](const auto& path, const auto& content) { put(path, "\xFF\xFE" + content + "\xC3"); }},
    {"one endless line", [](const auto& path, const auto&) { put(path, std::string(3 << 20, '7')); }},
};

bool may_change(std::string_view fact, const Source& source) {
  return std::any_of(source.facts.begin(), source.facts.end(), [&](std::string_view prefix) {
    return fact.starts_with(prefix) && (fact.size() == prefix.size() || fact[prefix.size()] == '.');
  });
}

}  // namespace

TEST_CASE("a bad source costs the facts that come from it, and no other fact") {
  const TemporaryFolder tree;
  fs::copy(MS_SOURCE_DIR "/tests/data/hosts/healthy-800i-a2", tree.path(), fs::copy_options::recursive);
  const auto host = rooted_host(tree.path());
  const ProbeSet probes = load_probes();
  const FactDocument healthy = collect(*host, probes);

  for (const Source& source : kSources) {
    const std::string path = tree.at(source.file);
    const auto content = ms::read_file(path);
    REQUIRE_MESSAGE(content, content.reason());
    for (const Fault& fault : kFaults) {
      CAPTURE(source.file);
      CAPTURE(fault.name);
      fault.apply(path, *content);
      const auto start = std::chrono::steady_clock::now();
      const FactDocument facts = collect(*host, probes);
      CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
      // A string that is not UTF-8 would throw here.
      CHECK_NOTHROW(facts.to_json().dump());
      for (const Probe& probe : probes.probes()) {
        CAPTURE(probe.fact);
        const Json* value = facts.find(probe.fact);
        REQUIRE(value != nullptr);
        if (!may_change(probe.fact, source)) {
          CHECK(*value == *healthy.find(probe.fact));
        } else if (const auto reason = absent_reason(*value)) {
          CHECK(reason->size() > 8);
        }
      }
      fs::remove_all(path);
      put(path, *content);
    }
  }
}

TEST_CASE("a fact whose only source is missing is absent, not a default") {
  const TemporaryFolder tree;
  fs::copy(MS_SOURCE_DIR "/tests/data/hosts/healthy-800i-a2", tree.path(), fs::copy_options::recursive);
  const auto host = rooted_host(tree.path());
  const ProbeSet probes = load_probes();
  for (const char* file : {"proc/meminfo", "etc/os-release", "sys/kernel/mm/transparent_hugepage/enabled",
                           "usr/local/Ascend/driver/version.info", "proc/sys/vm/swappiness"}) {
    fs::remove(tree.at(file));
  }
  const FactDocument facts = collect(*host, probes);
  for (const char* fact : {"memory.total_bytes", "memory.hugepages.total", "host.os.id", "memory.thp.mode",
                           "ascend.driver.version", "memory.swappiness"}) {
    CAPTURE(fact);
    CHECK(absent_reason(*facts.find(fact))->starts_with("no such file: /"));
  }
}
