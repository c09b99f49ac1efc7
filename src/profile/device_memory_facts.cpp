#include "profile/device_facts_parts.hpp"

namespace ms::profile {

void add_device_memory_facts(DeviceFacts& facts) {
  if (!facts.any([](const Card& card) { return card.memory.has_value(); },
                 {"memory", "memory_peaks", "memory_modules"},
                 "memory_record.csv, operator_memory.csv or database")) {
    return;
  }
  double allocated = 0;
  double reserved = 0;
  std::uint64_t allocations = 0;
  std::uint64_t short_lived = 0;
  double allocated_bytes = 0;
  double static_bytes = 0;
  Json peaks = Json::array();
  std::map<std::string, double, std::less<>> modules;
  for (const Card& card : facts.cards()) {
    if (!card.memory) continue;
    allocations += card.memory->allocations;
    short_lived += card.memory->short_lived;
    allocated_bytes += card.memory->allocated_bytes;
    static_bytes += card.memory->static_bytes;
    for (const auto& [name, peak] : card.memory->components) {
      allocated = std::max(allocated, peak.allocated);
      reserved = std::max(reserved, peak.reserved);
      peaks.push_back({{"rank", rank_of(card)},
                       {"component", name},
                       {"allocated_bytes", peak.allocated},
                       {"reserved_bytes", peak.reserved},
                       {"active_bytes", peak.active}});
    }
    for (const auto& [name, bytes] : card.memory->module_peaks)
      modules[name] = std::max(modules[name], bytes);
  }
  facts.set("memory", {{"peak_allocated_bytes", allocated},
                       {"peak_reserved_bytes", reserved},
                       {"allocations", allocations},
                       {"allocated_bytes", allocated_bytes},
                       {"short_lived_allocations", short_lived},
                       {"static_bytes", static_bytes}});
  facts.set("memory_peaks", std::move(peaks));
  Json list = Json::array();
  for (const auto* entry : largest(modules, [](const auto& e) { return e.second; })) {
    list.push_back({{"module", entry->first}, {"reserved_bytes", entry->second}});
  }
  facts.set("memory_modules", std::move(list));
}

}  // namespace ms::profile
