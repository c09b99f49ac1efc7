#include "profile/kinds.hpp"

namespace ms::profile {

std::span<const Kind> benchmark_kinds() {
  return {};
}

}  // namespace ms::profile
