// Any text is taken by the readers of npu-smi tables, and what comes out can be put into a document.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "probe/npu_probe.hpp"
#include "probe/npu_smi.hpp"
#include "probe/npu_topology.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ms::NpuSmiInfo info = ms::parse_npu_smi_info(text);
  for (const ms::NpuDevice& device : info.devices) {
    // dump() throws where a string is not UTF-8.
    if (ms::npu_device_json(device).dump().empty()) __builtin_trap();
  }
  if (info.devices.empty() == info.problem.empty()) __builtin_trap();
  const ms::NpuTopology topology = ms::parse_npu_topology(text);
  if ((topology.links.empty() && topology.affinity.empty()) == topology.problem.empty()) __builtin_trap();
  return 0;
}
