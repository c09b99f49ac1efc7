#pragma once

#include <optional>

#include "base/json.hpp"
#include "serving/config_view.hpp"

namespace ms {

/// The type of the elements of the fact config.workloads.
inline constexpr const char* kWorkloadType =
    "list<{role: string, file: string, places: map<string>, kind: string, name: string, namespace: string, "
    "replicas: int, annotations: map<string>, node_selector: map<string>, npu_resource: string, "
    "npu_request: int, npu_limit: int, env: map<string>, volumes: list<{name: string, host_path: string}>, "
    "mounts: list<{name: string, path: string}>, shm_limit: string, privileged: bool, host_network: bool, "
    "image: string, has_liveness: bool, has_readiness: bool, memory_limit: string}>";

/// A Kubernetes object that runs containers, as rules see it: the workload and its first container. nullopt
/// for objects of other kinds. NPUs are counted by the resource "huawei.com/...". A variable whose value
/// comes from elsewhere (valueFrom, envFrom) is absent with a reason, or not there.
std::optional<Json> workload_element(const ServingDocument& document);

}  // namespace ms
