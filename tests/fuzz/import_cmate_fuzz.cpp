// A .cmate file: anything is translated or refused, and what is translated loads as a pack.
#include "fuzz/imported_rules.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ms::test::import_and_judge(ms::import::import_cmate, "rules.cmate", {data, size});
  return 0;
}
