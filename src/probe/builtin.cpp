#include "probe/builtin.hpp"

#include <algorithm>

#include "probe/cgroup.hpp"
#include "probe/container_probe.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/file_system_probe.hpp"
#include "probe/hccn_tool.hpp"
#include "probe/host_probe.hpp"
#include "probe/memory_probe.hpp"
#include "probe/npu_chips.hpp"
#include "probe/npu_irqs.hpp"
#include "probe/npu_probe.hpp"
#include "probe/npu_queries.hpp"
#include "probe/npu_topology.hpp"
#include "probe/numa_probe.hpp"
#include "probe/process_probe.hpp"
#include "probe/python_probe.hpp"
#include "probe/stress_npu.hpp"

namespace ms {

const std::vector<Builtin>& builtins() {
  using enum Builtin::Kind;
  static const std::vector<Builtin> all = {
      {"environment", "environment", reads_files, {"env"}, read_environment},
      {"arch", "uname -m", reads_files, {"host.arch"}, read_arch},
      {"page_size", "getconf PAGESIZE", reads_files, {"host.page_size_bytes"}, read_page_size},
      {"virtualization",
       "/sys/hypervisor/type, /sys/class/dmi/id, /proc/device-tree/hypervisor, /proc/cpuinfo",
       reads_files,
       {"host.virtual.detected", "host.virtual.kind"},
       read_virtualization},
      {"cpu_model", "/proc/cpuinfo", reads_files, {"cpu.model"}, read_cpu_model},
      {"cpu_count",
       "/sys/devices/system/cpu/online, /proc/cpuinfo",
       reads_files,
       {"cpu.count"},
       read_cpu_count},
      {"cpu_governors",
       "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
       reads_files,
       {"cpu.governors"},
       read_cpu_governors},
      {"cpu_topology",
       "/sys/devices/system/cpu/cpu*/topology",
       reads_files,
       {"cpu.sockets", "cpu.cores", "cpu.threads_per_core", "cpu.thread_siblings"},
       read_cpu_topology},
      {"cpu_frequencies",
       "/sys/devices/system/cpu/cpu*/cpufreq",
       reads_files,
       {"cpu.frequencies"},
       read_cpu_frequencies},
      {"numa_distances",
       "/sys/devices/system/node/node*/distance",
       reads_files,
       {"cpu.numa_distances"},
       read_numa_distances},
      {"processes",
       "/proc/*/stat",
       reads_files,
       {"host.process_count", "host.processes", "host.irqbalance_running"},
       read_processes},
      {"file_systems",
       "df -P -k",
       runs_commands,
       {"host.file_systems", "memory.shm.total_bytes", "memory.shm.free_bytes"},
       read_file_systems},
      {"shm_files", "/dev/shm", reads_files, {"memory.shm.files"}, read_shm_files},
      {"numa", "/sys/devices/system/node", changes_environment, {"cpu.numa_nodes"}, read_numa},
      {"npu_smi",
       "npu-smi info",
       runs_commands,
       {"npu.devices", "npu.smi_version", "npu.driver_version", "npu.count", "npu.family"},
       read_npu_smi},
      {"npu_pci", "/sys/bus/pci/devices", reads_files, {"npu.pci_devices"}, read_npu_pci},
      {"npu_topology",
       "npu-smi info -t topo",
       runs_commands,
       {"npu.links", "npu.cpu_affinity"},
       read_npu_topology},
      {"npu_chips", "npu-smi info -m", runs_commands, {"npu.chips"}, read_npu_chips},
      {"npu_cards", "npu-smi info -l", runs_commands, {"npu.cards"}, read_npu_cards},
      {"npu_usage", "npu-smi info -t usages", runs_commands, {"npu.usage"}, read_npu_usage},
      {"npu_common", "npu-smi info -t common", runs_commands, {"npu.common"}, read_npu_common},
      {"npu_memory", "npu-smi info -t memory", runs_commands, {"npu.memory"}, read_npu_memory},
      {"npu_boards", "npu-smi info -t board", runs_commands, {"npu.boards"}, read_npu_boards},
      {"npu_chip_boards", "npu-smi info -t board", runs_commands, {"npu.chip_boards"}, read_npu_chip_boards},
      {"hccn_network",
       "hccn_tool -link, -ip, -tls, -net_health",
       runs_commands,
       {"npu.network"},
       read_hccn_network},
      {"hccn_traffic", "hccn_tool -stat, -link_stat", runs_commands, {"npu.traffic"}, read_hccn_traffic},
      {"hccn_optics", "hccn_tool -optical", runs_commands, {"npu.optics"}, read_hccn_optics},
      {"npu_irqs", "/sys/bus/pci/devices/*/msi_irqs, /proc/irq", reads_files, {"npu.irqs"}, read_npu_irqs},
      {"npu_device_files", "/dev", reads_files, {"npu.device_files"}, read_npu_device_files},
      {"memory_nodes",
       "/sys/devices/system/node/node*/meminfo",
       reads_files,
       {"memory.nodes"},
       read_memory_nodes},
      {"cgroup_limits",
       "/proc/self/cgroup, /sys/fs/cgroup",
       reads_files,
       {"limits.cpu_limited", "limits.cpu_cores", "limits.memory_limited", "limits.memory_bytes"},
       read_cgroup_limits},
      {"container",
       "/.dockerenv, /run/.containerenv, /proc/self/cgroup, /proc/self/mountinfo",
       reads_files,
       {"container.detected", "container.runtime"},
       read_container},
      {"driver_mounts", "/proc/self/mountinfo", reads_files, {"container.driver_mounts"}, read_driver_mounts},
      {"allowed_devices",
       "/sys/fs/cgroup/devices/devices.list",
       reads_files,
       {"container.devices_allowed"},
       read_allowed_devices},
      {"python_packages", "site-packages", reads_files, {"ascend.python_packages"}, read_python_packages},
      {"stress",
       "msprecheck precheck --hardware",
       reads_files,
       {"stress.threshold_percent", "stress.cpu.requested", "stress.cpu.cores", "stress.cpu.slow_single",
        "stress.cpu.slow_all", "stress.cpu.untested", "stress.npu.requested", "stress.npu.devices",
        "stress.npu.slow"},
       read_stress},
  };
  return all;
}

const Builtin* find_builtin(std::string_view name) {
  const auto found =
      std::find_if(builtins().begin(), builtins().end(), [&](const Builtin& b) { return b.name == name; });
  return found == builtins().end() ? nullptr : &*found;
}

}  // namespace ms
