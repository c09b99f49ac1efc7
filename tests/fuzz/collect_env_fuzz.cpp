// Any text is taken as a report or refused with an InputError; of a report every declared fact is there.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "probe/collect_env.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ms::ProbeSet probes = ms::load_probes();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const ms::ImportedReport imported = ms::import_collect_env(text, "report", probes, {"HCCL_BUFFSIZE"});
    for (const ms::Probe& probe : probes.probes()) {
      if (!imported.facts.contains(probe.fact)) __builtin_trap();
    }
    // dump() throws where a string is not UTF-8.
    if (imported.facts.to_json().dump().empty()) __builtin_trap();
  } catch (const ms::InputError&) {
  }
  return 0;
}
