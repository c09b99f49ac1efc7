// Records and reports of a fleet: the fast scanner takes a text or refuses it with an InputError, what it
// takes is JSON to the slower reader as well, and the text that it gives of a fact is JSON by itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "base/json.hpp"
#include "fleet/record_scan.hpp"
#include "support/declared_facts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<ms::FactSpec> specs = ms::test::declared_facts();
  static const ms::DifferenceTable table = ms::DifferenceTable::builtin();
  const std::string text(reinterpret_cast<const char*>(data), size);
  ms::RecordScanner scanner(specs, table);
  try {
    scanner.scan(text, "host.json");
  } catch (const ms::InputError&) {
    return 0;
  }
  ms::parse_json(text, "host.json");
  for (std::size_t slot = 0; slot < scanner.slot_count(); ++slot) {
    const ms::ScannedFact& fact = scanner.fact(slot);
    if (!fact.present) continue;
    const std::size_t colon = fact.text.find(':');
    if (colon == fact.text.npos) std::abort();
    ms::parse_json(fact.text.substr(colon + 1), "fact");
  }
  return 0;
}
