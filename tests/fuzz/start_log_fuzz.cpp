// The log of an engine's start: it says something of memory or is refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "plan/engine_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const ms::EngineLog log = ms::read_engine_log({reinterpret_cast<const char*>(data), size}, "log");
    if (log.empty() && !log.memory.peak_bytes) __builtin_trap();
  } catch (const ms::InputError&) {
  }
  return 0;
}
