#include "probe/npu_probe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "probe/npu_commands.hpp"
#include "probe/npu_pci.hpp"

namespace ms {
namespace {

constexpr const char* kSmi = "npu-smi info";
constexpr const char* kPci = "/sys/bus/pci/devices";

template <class T>
Json field(const Reading<T>& reading, std::string_view source) {
  return reading ? Json(*reading) : absent_marker(reading.reason(), std::string(source));
}

struct Identity {
  Reading<std::int64_t> count;
  Reading<std::string> family;
  const char* count_source;
  const char* family_source;
};

// The one family of all; a host with several needs to be looked at device by device.
Reading<std::string> single_family(const std::set<std::string>& families) {
  if (families.size() == 1) return *families.begin();
  if (families.empty()) return Absent{"no name and no PCI id of an NPU tells it"};
  return Absent{fmt::format("the host has NPUs of several families: {}", fmt::join(families, ", "))};
}

Reading<std::string> family_by_name(const NpuSmiInfo& info) {
  std::set<std::string> families;
  for (const NpuDevice& device : info.devices) {
    if (!device.name) continue;
    const auto family = npu_family_of_name(*device.name, info.has_chip_ids);
    if (!family) return Absent{fmt::format("the name '{}' does not tell it", *device.name)};
    families.emplace(*family);
  }
  return single_family(families);
}

Reading<std::string> family_by_pci(const std::vector<PciNpu>& npus) {
  if (npus.empty()) return Absent{"no NPU among the PCI devices"};
  std::set<std::string> families;
  for (const PciNpu& npu : npus) {
    if (npu.family) families.insert(*npu.family);
  }
  return single_family(families);
}

// What npu-smi does not tell is asked of the bus, which answers without a driver.
Identity identify(const Host& host, const NpuSmiInfo& info, bool smi_ran) {
  Identity identity{
      .count = Absent{""}, .family = family_by_name(info), .count_source = kSmi, .family_source = kSmi};
  if (!info.devices.empty()) identity.count = static_cast<std::int64_t>(info.devices.size());
  if (identity.count && identity.family) return identity;

  const auto npus = read_pci_npus(host);
  if (!identity.count) {
    identity.count_source = kPci;
    if (!npus) {
      identity.count = Absent{fmt::format("{}; {}", info.problem, npus.reason())};
    } else if (npus->empty() && smi_ran) {
      // npu-smi is there and failed, so that an empty bus does not prove that there is no NPU.
      identity.count =
          Absent{fmt::format("npu-smi info: {}; and no NPU among the PCI devices", info.problem)};
    } else {
      identity.count = static_cast<std::int64_t>(npus->size());
    }
  }
  if (!identity.family) {
    const auto by_pci = npus ? family_by_pci(*npus) : Reading<std::string>(npus.absent());
    if (by_pci || info.devices.empty()) {
      identity.family = by_pci;
      identity.family_source = kPci;
    }
  }
  return identity;
}

}  // namespace

Json npu_device_json(const NpuDevice& device) {
  Json json = {
      {"id", field(device.id, kSmi)},
      {"chip", field(device.chip, kSmi)},
      {"phy_id", field(device.phy_id, kSmi)},
      {"name", field(device.name, kSmi)},
      {"health", field(device.health, kSmi)},
      {"power_watts", field(device.power_watts, kSmi)},
      {"temperature_celsius", field(device.temperature_celsius, kSmi)},
      {"aicore_ratio", field(device.aicore_ratio, kSmi)},
      {"bus_id", field(device.bus_id, kSmi)},
      {"numa_node", field(device.numa_node, kPci)},
      {"hugepages_used", field(device.hugepages_used, kSmi)},
      {"hugepages_total", field(device.hugepages_total, kSmi)},
      {"hbm_total_bytes", field(device.hbm_total_bytes, kSmi)},
      {"hbm_used_bytes", field(device.hbm_used_bytes, kSmi)},
      {"memory_total_bytes", field(device.memory_total_bytes, kSmi)},
      {"memory_used_bytes", field(device.memory_used_bytes, kSmi)},
  };
  if (!device.processes) {
    json["processes"] = absent_marker(device.processes.reason(), kSmi);
    return json;
  }
  Json processes = Json::array();
  for (const NpuProcess& process : *device.processes) {
    processes.push_back({{"pid", process.pid},
                         {"name", field(process.name, kSmi)},
                         {"memory_bytes", field(process.memory_bytes, kSmi)}});
  }
  json["processes"] = std::move(processes);
  return json;
}

void read_npu_smi(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  const auto output = run_npu_tool(host, kNpuSmi, {"info"}, timeout);
  NpuSmiInfo info;
  std::string reason;
  if (output) {
    info = parse_npu_smi_info(output->text);
    reason = fmt::format("npu-smi info: {}", info.problem);
    if (info.devices.empty() && output->status != 0) reason += fmt::format(" (status {})", output->status);
  } else {
    info.problem = output.reason();
    reason = output.reason();
  }

  if (info.devices.empty()) {
    facts.set_absent("npu.devices", reason, kSmi);
  } else {
    Json devices = Json::array();
    for (NpuDevice& device : info.devices) {
      device.numa_node = device.bus_id ? read_pci_numa_node(host, *device.bus_id)
                                       : Reading<std::int64_t>(device.bus_id.absent());
      devices.push_back(npu_device_json(device));
    }
    facts.set("npu.devices", std::move(devices), kSmi);
  }
  for (const auto& [path, version] : {std::pair("npu.smi_version", &info.smi_version),
                                      std::pair("npu.driver_version", &info.driver_version)}) {
    if (*version) {
      facts.set(path, Json(**version), kSmi);
    } else {
      facts.set_absent(path, info.devices.empty() ? reason : "npu-smi info: printed no version", kSmi);
    }
  }
  const Identity identity = identify(host, info, static_cast<bool>(output));
  facts.set("npu.count", identity.count, identity.count_source);
  facts.set("npu.family", identity.family, identity.family_source);
}

void read_npu_pci(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto npus = read_pci_npus(host);
  if (!npus) return facts.set_absent("npu.pci_devices", npus.reason(), host.describe(kPci));
  Json list = Json::array();
  for (const PciNpu& npu : *npus) {
    const std::string folder = host.describe(fmt::format("{}/{}", kPci, npu.bus_id));
    list.push_back({{"bus_id", npu.bus_id},
                    {"device_id", npu.device_id},
                    {"family", field(npu.family, folder)},
                    {"numa_node", field(npu.numa_node, folder)}});
  }
  facts.set("npu.pci_devices", std::move(list), host.describe(kPci));
}

}  // namespace ms
