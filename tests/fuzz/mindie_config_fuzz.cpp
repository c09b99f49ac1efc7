#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "plan/service_inputs.hpp"
#include "serving/config_patch.hpp"
#include "serving/mindie_config.hpp"

// A MindIE config.json: anything is read or refused, and what is read can be patched.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const ms::MindieConfig config = ms::read_mindie_config(text, "config.json");
    const ms::OrderedJson patch = ms::make_patch(config, {{"maxBatchSize", 438}, {"npuMemSize", -1}});
    const std::string patched = ms::apply_patch(config, patch);
    if (ms::read_mindie_config(patched, "patched").max_batch_size != 438) __builtin_trap();
    ms::PlanInputs inputs;
    ms::apply_service(inputs, config);
  } catch (const ms::InputError&) {
    return 0;
  }
  return 0;
}
