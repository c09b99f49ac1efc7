#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ms::cel {

/// The CPUs in a list as Linux writes it, "0-23,96-119": sorted, each once. "" is no CPU. nullopt when it is
/// not such a list or goes beyond CPU 65535.
std::optional<std::vector<std::int64_t>> parse_cpu_list(std::string_view text);

/// The shortest list of these CPUs: "0-23,96".
std::string format_cpu_list(std::vector<std::int64_t> cpus);

}  // namespace ms::cel
