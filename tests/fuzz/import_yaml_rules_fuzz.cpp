#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/text.hpp"
#include "support/imported.hpp"

// A file of YAML rules: anything is translated or refused, and what is translated loads as a pack.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = ms::sanitize_utf8(std::string_view(reinterpret_cast<const char*>(data), size));
  try {
    ms::import::ImportedPack pack = ms::import::import_yaml_rules(text, "rules.yaml");
    ms::cel::Environment facts;
    ms::declare_facts(ms::test::msprecheck_facts(), facts);
    ms::import::leave_out_what_does_not_compile(pack, facts);
    if (!pack.rules.empty()) ms::test::judge_imported(pack, {{"document", {{"d", {{"a", 1}}}}}});
  } catch (const ms::InputError&) {
    return 0;
  }
  return 0;
}
