#pragma once

#include <chrono>
#include <string>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// The container that the host's files show, and the file that tells.
struct Container {
  std::string runtime;  ///< "docker", "podman", "kubernetes", "containerd", "lxc", "unknown"; "none"
  std::string source;   ///< a path as on the host, or "environment"
};
Reading<Container> detect_container(const Host& host);

/// Sets container.detected and container.runtime.
void read_container(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets container.driver_mounts: what of the Ascend driver is mounted, from /proc/self/mountinfo.
void read_driver_mounts(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets container.devices_allowed: the entries of the device cgroup (version 1; version 2 keeps them in the
/// kernel).
void read_allowed_devices(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets npu.device_files: which of the driver's files are in /dev.
void read_npu_device_files(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
