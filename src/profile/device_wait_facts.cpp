#include <cmath>

#include "profile/device_facts_parts.hpp"
#include "profile/device_tasks.hpp"

// Who waits for whom: a collective begins on each rank when that rank comes to it and ends on all together,
// so that the rank it takes shortest on came last. Clocks of hosts need not agree for that.
namespace ms::profile {
namespace {

/// A difference within these is none. Source: msprof-analyze, communication_bottleneck.
constexpr double kLeastWaitSeconds = 100e-6;
constexpr double kLeastWaitRatio = 0.05;

/// The calls of one operation on the ranks that recorded it.
struct Recorded {
  const Card* card;
  const std::vector<double>* seconds;
};

// What goes from one rank to another has no rank that all wait for.
bool is_collective(std::string_view operation) {
  const std::string_view kind = collective_kind(operation);
  return kind != "send" && kind != "receive" && kind != "batchSendRecv";
}

struct Waits {
  std::uint64_t compared = 0;
  std::uint64_t uneven = 0;
  double elapsed = 0;  // of the rank that came first, each
  double waited = 0;   // by it
  std::map<int, TimeSum> last;
  std::map<std::string, TimeSum, std::less<>> kinds;

  void add(std::string_view operation, const std::vector<Recorded>& ranks, std::size_t call) {
    const auto seconds = [&](const Recorded& rank) { return (*rank.seconds)[call]; };
    const auto [last_rank, first_rank] =
        std::minmax_element(ranks.begin(), ranks.end(),
                            [&](const Recorded& a, const Recorded& b) { return seconds(a) < seconds(b); });
    const double longest = seconds(*first_rank);
    const double wait = longest - seconds(*last_rank);
    ++compared;
    elapsed += longest;
    if (wait <= kLeastWaitSeconds || wait <= kLeastWaitRatio * longest) return;
    ++uneven;
    waited += wait;
    last[*last_rank->card->rank].add(wait);
    kinds[std::string(collective_kind(operation))].add(wait);
  }
};

}  // namespace

void add_device_wait_facts(DeviceFacts& facts) {
  std::map<std::string_view, std::vector<Recorded>> operations;
  for (const Card& card : facts.cards()) {
    if (!card.communication || !card.rank) continue;
    for (const auto& [operation, seconds] : card.communication->calls) {
      if (is_collective(operation)) operations[operation].push_back({&card, &seconds});
    }
  }
  Waits waits;
  for (const auto& [operation, ranks] : operations) {
    if (ranks.size() < 2) continue;
    std::size_t calls = ranks.front().seconds->size();
    for (const Recorded& rank : ranks) calls = std::min(calls, rank.seconds->size());
    for (std::size_t call = 0; call < calls; ++call) waits.add(operation, ranks, call);
  }
  if (waits.compared == 0) {
    facts.absent("collective_waits", "no collective was recorded on two ranks");
    return;
  }
  const auto by_wait = [](const auto& entry) { return entry.second.seconds; };
  Json last = Json::array();
  for (const auto* entry : largest(waits.last, by_wait))
    last.push_back(with(time_json(entry->second, waits.waited), "rank", entry->first));
  Json kinds = Json::array();
  for (const auto* entry : largest(waits.kinds, by_wait))
    kinds.push_back(with(time_json(entry->second, waits.waited), "kind", entry->first));
  facts.set("collective_waits", {{"compared", waits.compared},
                                 {"uneven", waits.uneven},
                                 {"elapsed_seconds", waits.elapsed},
                                 {"wait_seconds", waits.waited},
                                 {"wait_share", ratio(waits.waited, waits.elapsed)},
                                 {"last", std::move(last)},
                                 {"kinds", std::move(kinds)}});
}

}  // namespace ms::profile
