#include "rule/finding.hpp"

#include <algorithm>

namespace ms {

std::optional<Severity> severity_named(std::string_view name) {
  const auto* found = std::find(kSeverityNames.begin(), kSeverityNames.end(), name);
  if (found == kSeverityNames.end()) return std::nullopt;
  return static_cast<Severity>(found - kSeverityNames.begin());
}

}  // namespace ms
