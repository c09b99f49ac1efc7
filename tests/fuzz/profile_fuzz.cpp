// Reads arbitrary bytes as a file of each kind. The first byte chooses the name, which is a hint of the kind.
// What it looks for: crashes, hangs, growth, undefined behaviour. A record is used or bad, and metrics follow
// from any run.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "profile/input.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 10> kNames = {"results_per_request_1.json",
                                                       "result_perf_1.csv",
                                                       "serve.json",
                                                       "requests.jsonl",
                                                       "batch.csv",
                                                       "chrome_tracing.json",
                                                       "ep_balance.csv",
                                                       "prefill_0.csv",
                                                       "vllm.log",
                                                       "placement_pattern.txt"};
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ms::profile::Run run;
  const auto report = ms::profile::read_text(kNames[data[0] % kNames.size()], text, run);
  if (report.first_bad.size() > report.bad_records) std::abort();
  if (!ms::profile::run_facts(run).is_object()) std::abort();
  return 0;
}
