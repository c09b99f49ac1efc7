#include "probe/npu_irqs.hpp"

#include <fmt/format.h>

#include <set>

#include "base/text.hpp"
#include "cel/cpu_list.hpp"
#include "probe/extract.hpp"
#include "probe/npu_pci.hpp"

namespace ms {
namespace {

// MSI-X has at most 2048 interrupts a function.
constexpr std::size_t kMaxIrqs = 2048;

// The CPUs in one file of each interrupt, together as a list.
Reading<std::string> cpus_of(const Host& host, const std::vector<std::string>& irqs, std::string_view file) {
  std::set<std::int64_t> all;
  for (const std::string& irq : irqs) {
    const std::string path = fmt::format("/proc/irq/{}/{}", irq, file);
    const auto text = host.read_file(path, 65536);
    if (!text) return text.absent();
    const auto cpus = cel::parse_cpu_list(trim(*text));
    if (!cpus) {
      return Absent{fmt::format("{}: expected a list of CPUs, found {}", host.describe(path),
                                quoted_start(trim(*text)))};
    }
    all.insert(cpus->begin(), cpus->end());
  }
  return cel::format_cpu_list({all.begin(), all.end()});
}

Json json_of(const auto& reading, const std::string& source) {
  return reading ? Json(*reading) : absent_marker(reading.reason(), source);
}

}  // namespace

void read_npu_irqs(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "npu.irqs";
  constexpr const char* kIrqs = "/proc/irq";
  const auto npus = read_pci_npus(host);
  if (!npus) return facts.set_absent(kFact, npus.reason(), host.describe(kIrqs));
  Json list = Json::array();
  for (const PciNpu& npu : *npus) {
    const std::string folder = fmt::format("/sys/bus/pci/devices/{}", npu.bus_id);
    const std::string irq_folder = folder + "/msi_irqs";
    auto irqs = host.list_directory(irq_folder);
    if (irqs && irqs->size() > kMaxIrqs) (*irqs).resize(kMaxIrqs);
    const auto cpus = irqs ? cpus_of(host, *irqs, "smp_affinity_list") : Reading<std::string>(irqs.absent());
    const auto effective =
        irqs ? cpus_of(host, *irqs, "effective_affinity_list") : Reading<std::string>(irqs.absent());
    const auto count = irqs ? Reading<std::int64_t>(static_cast<std::int64_t>(irqs->size()))
                            : Reading<std::int64_t>(irqs.absent());
    list.push_back({{"bus_id", npu.bus_id},
                    {"numa_node", json_of(npu.numa_node, host.describe(folder))},
                    {"count", json_of(count, host.describe(irq_folder))},
                    {"cpus", json_of(cpus, host.describe(kIrqs))},
                    {"effective_cpus", json_of(effective, host.describe(kIrqs))}});
  }
  facts.set(kFact, std::move(list), host.describe(kIrqs));
}

}  // namespace ms
