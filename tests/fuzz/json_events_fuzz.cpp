// Reads arbitrary bytes as a trace, whole and in small pieces: both must give the same events, whatever is
// broken.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"
#include "facts/document.hpp"
#include "profile/device_facts.hpp"
#include "profile/input.hpp"
#include "profile/json_events.hpp"
#include "profile/run.hpp"

namespace {

std::vector<std::string> events_of(std::string_view text, std::size_t piece, std::uint64_t& bad) {
  ms::profile::FileReport report;
  const auto source = ms::text_source(text, piece);
  ms::profile::JsonEvents events(*source, report);
  ms::profile::TraceEvent event;
  std::vector<std::string> names;
  while (events.next(event)) {
    names.emplace_back(event.name);
    ms::profile::find_member(event.args, "Task Type");
  }
  bad = report.bad_records;
  return names;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::uint64_t bad_whole = 0;
  std::uint64_t bad_pieces = 0;
  if (events_of(text, SIZE_MAX, bad_whole) != events_of(text, 3, bad_pieces) || bad_whole != bad_pieces)
    std::abort();
  ms::profile::Run run;
  ms::profile::read_text("trace_view.json", "[{\"ph\":\"X\"}," + std::string(text), run);
  ms::FactDocument facts;
  ms::profile::add_device_facts(run.device, facts);
  return 0;
}
