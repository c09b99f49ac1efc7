#pragma once

#include <chrono>

#include "facts/document.hpp"
#include "probe/host.hpp"
#include "probe/npu_smi.hpp"

namespace ms {

/// One device of `npu-smi info` as the element of the fact `npu.devices`.
Json npu_device_json(const NpuDevice& device);

/// Sets npu.devices, npu.smi_version, npu.driver_version, npu.count and npu.family from `npu-smi info`; the
/// NUMA nodes of the devices from sysfs, the last two from the PCI bus where npu-smi does not tell them.
void read_npu_smi(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets npu.pci_devices.
void read_npu_pci(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
