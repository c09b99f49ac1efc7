// Files of every kind of results that a benchmark client wrote.
#include "fuzz/profile_family.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ms::test::read_as(ms::profile::benchmark_kinds(), {data, size});
  return 0;
}
