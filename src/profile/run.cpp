#include "profile/run.hpp"

#include <algorithm>

namespace ms::profile {

std::uint32_t Records::process(std::string_view name) {
  const auto found = std::find(processes.rbegin(), processes.rend(), name);
  if (found != processes.rend()) return static_cast<std::uint32_t>(processes.rend() - found - 1);
  processes.emplace_back(name);
  return static_cast<std::uint32_t>(processes.size() - 1);
}

}  // namespace ms::profile
