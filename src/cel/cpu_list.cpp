#include "cel/cpu_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ms::cel {
namespace {

constexpr std::int64_t kLargestCpu = 65535;

void sort_unique(std::vector<std::int64_t>& cpus) {
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
}

}  // namespace

std::optional<std::vector<std::int64_t>> parse_cpu_list(std::string_view text) {
  std::vector<std::int64_t> cpus;
  text = trim(text);
  if (text.empty()) return cpus;
  for (const std::string_view part : split(text, ',')) {
    const std::string_view range = trim(part);
    const auto dash = range.find('-');
    const auto first = parse_int(range.substr(0, dash));
    const auto last = dash == range.npos ? first : parse_int(range.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > kLargestCpu) return std::nullopt;
    // Ranges may overlap, but not so as to list the same CPUs again and again.
    if (cpus.size() > 2 * static_cast<std::size_t>(kLargestCpu)) sort_unique(cpus);
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  sort_unique(cpus);
  return cpus;
}

std::string format_cpu_list(std::vector<std::int64_t> cpus) {
  sort_unique(cpus);
  std::string text;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ",", cpus[i]);
    if (last > i) text += fmt::format("-{}", cpus[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace ms::cel
