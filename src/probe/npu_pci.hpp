#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"
#include "probe/host.hpp"

namespace ms {

/// An NPU as the PCI bus shows it, which needs no driver.
struct PciNpu {
  std::string bus_id;     ///< "0000:c1:00.0"
  std::string device_id;  ///< "d802"
  Reading<std::string> family;
  Reading<std::int64_t> numa_node;
};

/// "A2", "A3", "310P", ... of a PCI device id ("d802"); nullopt when it is no NPU whose family is known.
std::optional<std::string_view> npu_family_of_pci_id(std::string_view device_id);

/// The family of an NPU by the name in `npu-smi info`: "910B4" is A2, "910A" A1, "310P3" 310P, "Ascend950PR"
/// 950. "Ascend910" is A3 where its package has several dies. nullopt where the name alone does not tell.
std::optional<std::string_view> npu_family_of_name(std::string_view name, bool several_dies);

/// The NUMA node of a PCI device by its bus id as npu-smi prints it: "0000:C1:00.0".
Reading<std::int64_t> read_pci_numa_node(const Host& host, std::string_view bus_id);

/// The PCI functions that are NPUs, in order of their bus ids. Absent when the bus cannot be listed.
Reading<std::vector<PciNpu>> read_pci_npus(const Host& host);

}  // namespace ms
