// Lengths of requests, as a person writes them and as data sets hold them: none is below 1, and their
// statistics lie among them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "plan/lengths.hpp"

namespace {

void expect_statistics(const ms::Lengths& lengths) {
  for (const ms::WeightedLength& length : lengths) {
    if (length.tokens < 1 || !(length.weight > 0)) __builtin_trap();
  }
  const double least = ms::statistic_of(lengths, ms::Statistic::min);
  const double most = ms::statistic_of(lengths, ms::Statistic::max);
  for (const std::string& name : ms::statistic_names()) {
    const double value = ms::statistic_of(lengths, ms::parse_statistic(name, "statistic"));
    if (!(value >= least * (1 - 1e-9) && value <= most * (1 + 1e-9))) __builtin_trap();
  }
  if (!(ms::deviation_of(lengths) >= 0)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    expect_statistics(ms::parse_lengths(text, "--input-length"));
  } catch (const ms::InputError&) {
  }
  try {
    const ms::RequestLengths requests = ms::read_request_lengths(text, "set");
    expect_statistics(ms::inputs_of(requests));
    expect_statistics(ms::outputs_of(requests));
  } catch (const ms::InputError&) {
  }
  return 0;
}
