#include "fleet/fleet.hpp"

#include <algorithm>

#include "fleet/fleet_assembly.hpp"
#include "fleet/fleet_reader.hpp"

namespace ms {

std::size_t Fleet::count(ExitStatus status) const {
  return static_cast<std::size_t>(std::count_if(hosts.begin(), hosts.end(), [&](const FleetHost& host) {
    return host.status == static_cast<int>(status);
  }));
}

Fleet read_fleet(const std::vector<std::string>& files, const FleetOptions& options) {
  return assemble_fleet(files, options, read_fleet_parts(files, options));
}

}  // namespace ms
