#pragma once

#include <string>
#include <vector>

#include "fleet/fleet_reader.hpp"

namespace ms {

/// Puts the parts of all threads together: hosts in order of their files, groups of hosts that end alike,
/// facts that are not the same everywhere, and what sets the few apart from the many.
Fleet assemble_fleet(const std::vector<std::string>& files, const FleetOptions& options,
                     std::vector<FleetPart> parts);

}  // namespace ms
