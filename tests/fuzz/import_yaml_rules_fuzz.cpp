// A file of YAML rules: anything is translated or refused, and what is translated loads as a pack.
#include "fuzz/imported_rules.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ms::test::import_and_judge(ms::import::import_yaml_rules, "rules.yaml", {data, size});
  return 0;
}
