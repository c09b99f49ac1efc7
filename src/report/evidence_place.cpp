#include "report/evidence_place.hpp"

#include "base/text.hpp"

namespace ms {

EvidencePlace place_of(const Evidence& evidence) {
  const std::string_view source = evidence.source;
  const auto colon = source.rfind(':');
  const auto line = colon == source.npos ? std::nullopt : parse_int(source.substr(colon + 1));
  if (!line || *line < 1 || *line > 1'000'000'000) return {source, std::nullopt};
  return {source.substr(0, colon), static_cast<int>(*line)};
}

std::optional<EvidencePlace> file_place(const Finding& finding) {
  for (const Evidence& evidence : finding.provenance) {
    const EvidencePlace place = place_of(evidence);
    if (place.line) return place;
  }
  return std::nullopt;
}

}  // namespace ms
