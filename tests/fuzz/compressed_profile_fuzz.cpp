// A file as `msadvisor profile` is given it, compressed or not: what it holds is told by its content.
#include <cstdint>
#include <cstdlib>

#include "facts/document.hpp"
#include "fuzz/scratch_file.hpp"
#include "profile/device_facts.hpp"
#include "profile/input.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ms::test::ScratchFile file({data, size});
  ms::profile::Run run;
  const ms::profile::FolderReading reading = ms::profile::read_profiles(file.path(), run);
  if (reading.files.size() + reading.others.size() != 1) std::abort();
  if (!ms::profile::run_facts(run).is_object()) std::abort();
  ms::FactDocument facts;
  ms::profile::add_device_facts(run.device, facts);
  return 0;
}
