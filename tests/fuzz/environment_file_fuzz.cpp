// Any file is taken as an environment or refused with an InputError, and what comes out can be saved.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "facts/redact.hpp"
#include "facts/redact_hostnames.hpp"
#include "probe/environment_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const ms::EnvironmentFile environment = ms::read_environment_file(text, "file", "");
    if (environment.origin.empty()) __builtin_trap();
    ms::FactDocument facts;
    ms::set_environment(facts, environment, "file");
    ms::redact(facts);
    ms::redact_hostnames(facts);
    // dump() throws where a string is not UTF-8.
    if (facts.to_json().dump().empty()) __builtin_trap();
  } catch (const ms::InputError&) {
  }
  return 0;
}
