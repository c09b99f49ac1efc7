#pragma once

#include <chrono>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// Sets npu.irqs: the CPUs that the interrupts of each NPU may go to and the ones that they do go to, from
/// /sys/bus/pci/devices/BUS/msi_irqs and /proc/irq.
void read_npu_irqs(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
