// Reads arbitrary bytes as each kind of file that profilers of devices write, picked by the first byte, and
// makes facts of what was found. What it looks for: crashes, hangs, growth, undefined behaviour.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "facts/document.hpp"
#include "profile/device_facts.hpp"
#include "profile/input.hpp"
#include "profile/run.hpp"

namespace {

struct Seed {
  const char* name;
  const char* start;  // what makes the text a file of this kind
};
constexpr std::array<Seed, 12> kSeeds = {
    {{"kernel_details.csv",
      "Name,Type,Accelerator Core,Stream ID,Start Time(us),Duration(us),Wait Time(us),Block "
      "Dim,aic_mac_ratio\n"},
     {"op_summary_1.csv",
      "Device_id,Op Name,OP Type,Task Type,Task Start Time(us),Task Duration(us),Block Num\n"},
     {"task_time_1.csv",
      "Device_id,kernel_name,kernel_type,stream_id,task_id,task_time(us),task_start(us)\n"},
     {"step_trace_time.csv",
      "Step,Type,Index,Computing,Communication(Not Overlapped),Overlapped,Communication,Free\n"},
     {"op_statistic.csv", "OP Type,Core Type,Count,Total Time(us),Max Time(us)\n"},
     {"api_statistic.csv", "Level,API Name,Time(us),Count,Max(us)\n"},
     {"memory_record.csv", "Component,Timestamp(us),Total Allocated(MB),Total Reserved(MB),Device Type\n"},
     {"operator_memory.csv", "Name,Size(KB),Allocation Time(us),Duration(us),Device Type\n"},
     {"operator_details.csv", "Name,Host Self Duration(us),Device Self Duration(us)\n"},
     {"communication.json",
      "{\"step1\": {\"collective\": {\"a\": {\"Communication Time Info\": {\"Elapse Time(ms)\": 1}}, "},
     {"communication_matrix.json",
      "{\"step1\": {\"collective\": {\"a\": {\"0-1\": {\"Transport Type\": \"HCCS\"}}, "},
     {"profiler_info_0.json", "{\"config\": {\"experimental_config\": {}}, "}}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Seed& seed = kSeeds[data[0] % kSeeds.size()];
  const std::string text = seed.start + std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  ms::profile::Run run;
  ms::profile::read_text(seed.name, text, run);
  ms::FactDocument facts;
  ms::profile::add_device_facts(run.device, facts);
  facts.to_json().dump(-1, ' ', false, ms::Json::error_handler_t::replace);
  return 0;
}
