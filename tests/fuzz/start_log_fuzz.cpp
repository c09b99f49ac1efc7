// The log of an engine's start: it says something of memory or is refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "plan/engine_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    if (ms::read_engine_log({reinterpret_cast<const char*>(data), size}, "log").empty()) __builtin_trap();
  } catch (const ms::InputError&) {
  }
  return 0;
}
