#pragma once

#include <vector>

#include "facts/catalogue.hpp"
#include "knowledge/lookups.hpp"
#include "probe/network_probe.hpp"
#include "probe/probe_set.hpp"
#include "serving/config_facts.hpp"

namespace ms::test {

/// The facts that msprecheck declares to its rules.
inline std::vector<FactSpec> declared_facts() {
  std::vector<FactSpec> facts;
  const ProbeSet probes = load_probes();
  for (const Probe& probe : probes.probes())
    facts.push_back({.path = probe.fact, .type_text = probe.type, .unit = probe.unit, .doc = probe.doc});
  for (const auto& more : {config_fact_specs(), lookup_fact_specs(), network_fact_specs()})
    facts.insert(facts.end(), more.begin(), more.end());
  return facts;
}

}  // namespace ms::test
