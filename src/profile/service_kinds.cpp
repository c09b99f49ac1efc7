#include "profile/kinds.hpp"

namespace ms::profile {

std::span<const Kind> service_kinds() {
  return {};
}

}  // namespace ms::profile
