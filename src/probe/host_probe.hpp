#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// Sets env.
void read_environment(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets host.arch.
void read_arch(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets host.page_size_bytes.
void read_page_size(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// What a machine runs in, and the file that tells.
struct Virtualization {
  std::string kind;    ///< "kvm", "vmware", "hyper-v", "xen", ..., "unknown" for one without a name; "none"
  std::string source;  ///< a path as on the host
};

/// Looks at the hypervisor files, the firmware's tables (DMI), the device tree and, where there are none of
/// these, the processor's flag. A container is not a virtual machine. Absent where nothing of it is there.
Reading<Virtualization> detect_virtualization(const Host& host);

/// Sets host.virtual.detected and host.virtual.kind.
void read_virtualization(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
