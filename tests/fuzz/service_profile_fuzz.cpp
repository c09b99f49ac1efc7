// Files of every kind of what a service recorded of itself.
#include "fuzz/profile_family.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ms::test::read_as(ms::profile::service_kinds(), {data, size});
  return 0;
}
