// Images of databases: as events of one process, as profiler.db, and as a database of a profiler of devices.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "facts/document.hpp"
#include "fuzz/scratch_file.hpp"
#include "profile/device_facts.hpp"
#include "profile/device_readers.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"
#include "profile/service_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ms::profile;
  const ms::test::ScratchFile file({data, size});
  const auto nothing = ms::text_source({});
  for (const auto read : {read_raw_db, read_profiler_db, read_device_database}) {
    Run run;
    FileReport report;
    Input input{file.path(), "ms_service_a-1.db", "", *nothing};
    try {
      read(input, run, report);
    } catch (const ms::InputError&) {
    }
    if (!run_facts(run).is_object()) std::abort();
    ms::FactDocument facts;
    add_device_facts(run.device, facts);
  }
  return 0;
}
