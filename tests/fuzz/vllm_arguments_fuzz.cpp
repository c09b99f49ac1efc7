// Arguments of vLLM, as a command line, a script or YAML: read or refused, and the command that is advised
// can be read again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "plan/vllm_arguments.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const ms::VllmArguments arguments =
        ms::read_vllm_arguments({reinterpret_cast<const char*>(data), size}, "serve.sh");
    ms::PlanInputs inputs;
    inputs.spec.experts.emplace();
    ms::apply_vllm(inputs, arguments);
    if (arguments.enable_expert_parallel && inputs.parallelism.moe_ep < 1) __builtin_trap();
    ms::to_facts(arguments).dump(-1, ' ', false, ms::Json::error_handler_t::replace);
    const std::string command = ms::launch_command(arguments, {{"max-num-seqs", "438"}});
    if (ms::read_vllm_arguments(command, "advised").max_num_seqs != 438) __builtin_trap();
  } catch (const ms::InputError&) {
  }
  return 0;
}
