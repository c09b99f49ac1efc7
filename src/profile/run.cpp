#include "profile/run.hpp"

#include <algorithm>

namespace ms::profile {

std::uint32_t Records::process(std::string_view name) {
  const auto found = std::find(processes.rbegin(), processes.rend(), name);
  if (found != processes.rend()) return static_cast<std::uint32_t>(processes.rend() - found - 1);
  processes.emplace_back(name);
  return static_cast<std::uint32_t>(processes.size() - 1);
}

Benchmark& Run::benchmark(std::string_view tool, std::string_view source) {
  for (Benchmark& known : benchmarks) {
    if (known.tool == tool && known.source == source) return known;
  }
  benchmarks.emplace_back();
  benchmarks.back().source = source;
  benchmarks.back().tool = tool;
  return benchmarks.back();
}

}  // namespace ms::profile
