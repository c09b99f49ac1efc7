#pragma once

#include <optional>
#include <string_view>

#include "rule/finding.hpp"

namespace ms {

/// The source of a piece of evidence, apart from its line: "conf/config.json:54" is a file and 54.
struct EvidencePlace {
  std::string_view source;
  std::optional<int> line;
};

/// Refers to the evidence.
EvidencePlace place_of(const Evidence& evidence);

/// The first line of a file that a finding names; nullopt where it rests on none.
std::optional<EvidencePlace> file_place(const Finding& finding);

}  // namespace ms
