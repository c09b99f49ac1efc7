// Files of every kind of what profilers of devices write.
#include "fuzz/profile_family.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ms::test::read_as(ms::profile::device_kinds(), {data, size});
  return 0;
}
