#include "profile/kinds.hpp"

#include <vector>

namespace ms::profile {

std::span<const Kind> kinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> table;
    for (const auto family : {benchmark_kinds(), service_kinds(), device_kinds()}) {
      table.insert(table.end(), family.begin(), family.end());
    }
    return table;
  }();
  return all;
}

const Kind* recognise(const Head& head) {
  for (const Kind& kind : kinds()) {
    if (kind.recognise(head)) return &kind;
  }
  return nullptr;
}

}  // namespace ms::profile
