// Serving configs of every kind, by the first byte: nothing may crash, hang or throw.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "serving/config_facts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kKinds = {"mindie",   "user_config", "mindie_env", "controller",  "coordinator",
                                 "manifest", "rank_table",  "vllm",       "vllm_command"};
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ms::FactDocument facts;
  ms::set_config_facts(facts, {.files = {{kKinds[data[0] % kKinds.size()], "config", text}}, .weights = {}});
  if (!facts.contains("config.problems")) __builtin_trap();
  return 0;
}
