// Reads arbitrary bytes as a raw database and as profiler.db, through a file in memory, since SQLite opens
// paths.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"
#include "profile/service_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = ::memfd_create("database", 0);
  if (fd < 0 || ::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  const auto source = ms::text_source({});
  for (const auto read : {ms::profile::read_raw_db, ms::profile::read_profiler_db}) {
    ms::profile::Run run;
    ms::profile::FileReport report;
    ms::profile::Input input{"/proc/self/fd/" + std::to_string(fd), "ms_service_a-1.db", "", *source};
    try {
      read(input, run, report);
    } catch (const ms::InputError&) {
    }
    if (!ms::profile::run_facts(run).is_object()) std::abort();
  }
  ::close(fd);
  return 0;
}
