#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/npu_commands.hpp"
#include "probe/npu_labels.hpp"

namespace ms {

/// What one `hccn_tool -i N COMMAND -g` tells of the network port of device N.
struct HccnQuery {
  std::string_view command;  ///< "-link"
  std::span<const LabelledField> fields;
};

/// A fact whose elements are devices, and the commands that it takes.
struct HccnFact {
  std::string_view fact;
  std::span<const HccnQuery> queries;
};

/// npu.network, npu.traffic and npu.optics.
std::span<const HccnFact> hccn_facts();

/// The fields of one query in its output. Pure, takes any text, never throws.
void add_hccn_fields(const HccnQuery& query, const CommandOutput& output, const std::string& command,
                     Json& element);

/// The numbers that hccn_tool knows the devices by, in ascending order: N of /dev/davinciN, otherwise the
/// physical (where there is none the logical) numbers in `npu-smi info -m`.
Reading<std::vector<std::int64_t>> read_hccn_devices(const NpuCommands& commands);

/// Sets npu.network: link, address, TLS and health.
void read_hccn_network(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets npu.traffic: counters since the driver was loaded.
void read_hccn_traffic(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);
/// Sets npu.optics: the optical modules.
void read_hccn_optics(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
