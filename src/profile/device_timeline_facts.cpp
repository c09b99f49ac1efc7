#include "profile/device_facts_parts.hpp"

namespace ms::profile {
namespace {

void frequency(DeviceFacts& facts, const char* path, std::optional<double> mhz) {
  if (mhz) {
    facts.set(path, *mhz);
  } else {
    facts.absent(path, "the timeline has no counter AI Core Freq");
  }
}

void names(DeviceFacts& facts, const char* path, const std::map<std::string, TimeSum, std::less<>>& sums) {
  double whole = 0;
  for (const auto& [name, time] : sums) whole += time.seconds;
  Json list = Json::array();
  for (const auto* entry : largest(sums, [](const auto& e) { return e.second.seconds; })) {
    list.push_back(with(time_json(entry->second, whole), "name", entry->first));
  }
  facts.set(path, std::move(list));
}

// Long times in which a card was free, with what its host called meanwhile: the longest first.
void standstills(DeviceFacts& facts) {
  struct Standstill {
    const Card* card;
    double seconds;
    Activity::Within calls;
  };
  std::vector<Standstill> found;
  bool known = false;
  for (const Card& card : facts.cards()) {
    if (!card.timeline || !card.timeline->acl_calls.known()) continue;
    known = true;
    const std::vector<Interval>& times = card.timeline->free_times;
    const auto calls = card.timeline->acl_calls.within(times);
    for (std::size_t i = 0; i < times.size(); ++i) found.push_back({&card, times[i].seconds(), calls[i]});
  }
  if (!known) {
    facts.absent("standstills", "the timeline has no calls of AscendCL");
    return;
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Standstill& a, const Standstill& b) { return a.seconds > b.seconds; });
  if (found.size() > kRanked) found.resize(kRanked);
  Json list = Json::array();
  for (const Standstill& still : found) {
    list.push_back({{"rank", rank_of(*still.card)},
                    {"seconds", still.seconds},
                    {"calls", still.calls.calls},
                    {"calls_per_second", ratio(static_cast<double>(still.calls.calls), still.calls.span)},
                    {"call_share", ratio(still.calls.seconds, still.calls.span)}});
  }
  facts.set("standstills", std::move(list));
}

}  // namespace

void add_device_timeline_facts(DeviceFacts& facts) {
  if (!facts.any([](const Card& card) { return card.timeline.has_value(); },
                 {"modules", "ranges", "garbage_collection", "standstills", "sdma_transfers",
                  "min_frequency_mhz", "max_frequency_mhz"},
                 "timeline or database")) {
    return;
  }
  std::map<std::string, TimeSum, std::less<>> modules;
  std::map<std::string, TimeSum, std::less<>> ranges;
  TimeSum garbage;
  std::uint64_t transfers = 0;
  std::uint64_t unaligned = 0;
  std::optional<double> low;
  std::optional<double> high;
  for (const Card& card : facts.cards()) {
    if (!card.timeline) continue;
    add_all(modules, card.timeline->modules);
    add_all(ranges, card.timeline->ranges);
    add(garbage, card.timeline->garbage_collection);
    transfers += card.timeline->sdma_transfers;
    unaligned += card.timeline->unaligned_sdma_transfers;
    if (const auto mhz = card.timeline->min_frequency_mhz) low = std::min(low.value_or(*mhz), *mhz);
    if (const auto mhz = card.timeline->max_frequency_mhz) high = std::max(high.value_or(*mhz), *mhz);
  }
  names(facts, "modules", modules);
  names(facts, "ranges", ranges);
  facts.set("garbage_collection", with(time_json(garbage, 0), "longest_seconds", garbage.max_seconds));
  standstills(facts);
  facts.set("sdma_transfers",
            {{"count", transfers},
             {"unaligned_count", unaligned},
             {"unaligned_share", ratio(static_cast<double>(unaligned), static_cast<double>(transfers))}});
  frequency(facts, "min_frequency_mhz", low);
  frequency(facts, "max_frequency_mhz", high);
}

void add_device_setting_facts(DeviceFacts& facts) {
  facts.take_source([](const Card& card) { return !card.settings.empty(); }, "profile");
  Json values = Json::object();
  Json levels = Json::array();
  for (const Card& card : facts.cards()) {
    for (const auto& [name, value] : card.settings) values.emplace(name, value);
    if (!card.profiler_level.empty() &&
        std::find(levels.begin(), levels.end(), card.profiler_level) == levels.end()) {
      levels.push_back(card.profiler_level);
    }
  }
  facts.set("settings", std::move(values));
  facts.set("profiler_levels", std::move(levels));
}

}  // namespace ms::profile
