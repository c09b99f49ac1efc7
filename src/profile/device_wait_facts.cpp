#include <algorithm>
#include <map>
#include <tuple>

#include "profile/device_facts_parts.hpp"

// Who waits for whom: a collective begins on each rank when that rank comes to it and ends on all together,
// so that the rank it takes shortest on came last. Clocks of hosts need not agree for that.
namespace ms::profile {
namespace {

/// A difference within these is none. Source: msprof-analyze, communication_bottleneck.
constexpr double kLeastWaitSeconds = 100e-6;
constexpr double kLeastWaitRatio = 0.05;

// A call, and the card that recorded it.
struct Recorded {
  std::string_view run;  // the folder that the ranks lie in
  const Card* card;
  const CollectiveCall* call;

  auto operation() const { return std::tuple(run, call->operation); }
  int rank() const { return *card->rank; }
};

std::string_view parent_of(std::string_view folder) {
  const std::size_t slash = folder.rfind('/');
  return slash == folder.npos ? std::string_view() : folder.substr(0, slash);
}

struct Waits {
  std::uint64_t compared = 0;
  std::uint64_t uneven = 0;
  double elapsed = 0;  // of the rank that came first, each
  double waited = 0;   // by it
  std::map<int, TimeSum> last;
  std::map<std::string, TimeSum, std::less<>> kinds;

  // One call on several ranks.
  void add(const std::vector<const Recorded*>& ranks) {
    const auto [last_rank, first_rank] = std::minmax_element(
        ranks.begin(), ranks.end(),
        [](const Recorded* a, const Recorded* b) { return a->call->seconds < b->call->seconds; });
    const double longest = (*first_rank)->call->seconds;
    const double wait = longest - (*last_rank)->call->seconds;
    ++compared;
    elapsed += longest;
    if (wait <= kLeastWaitSeconds || wait <= kLeastWaitRatio * longest) return;
    ++uneven;
    waited += wait;
    last[(*last_rank)->rank()].add(wait);
    const Card& card = *(*last_rank)->card;
    kinds[card.communication->call_kinds[(*last_rank)->call->kind]].add(wait);
  }
};

// The calls of one operation, by card in the order that the cards made them. Only what every card did as
// often can be held against each other.
void compare(std::span<const Recorded> calls, Waits& waits) {
  std::vector<std::span<const Recorded>> cards;
  std::vector<int> ranks;
  for (std::size_t begin = 0; begin < calls.size();) {
    std::size_t end = begin;
    while (end < calls.size() && calls[end].card == calls[begin].card) ++end;
    cards.push_back(calls.subspan(begin, end - begin));
    ranks.push_back(calls[begin].rank());
    begin = end;
  }
  std::sort(ranks.begin(), ranks.end());
  const bool twice = std::adjacent_find(ranks.begin(), ranks.end()) != ranks.end();
  const bool as_often = std::all_of(cards.begin(), cards.end(),
                                    [&](const auto& card) { return card.size() == cards.front().size(); });
  if (cards.size() < 2 || twice || !as_often) return;
  for (std::size_t i = 0; i < cards.front().size(); ++i) {
    std::vector<const Recorded*> call;
    call.reserve(cards.size());
    for (const auto& card : cards) call.push_back(&card[i]);
    waits.add(call);
  }
}

}  // namespace

void add_device_wait_facts(DeviceFacts& facts) {
  std::vector<Recorded> calls;
  for (const Card& card : facts.cards()) {
    if (!card.communication || !card.rank) continue;
    for (const CollectiveCall& call : card.communication->calls)
      calls.push_back({parent_of(card.folder), &card, &call});
  }
  // Stable: cards and their calls stay in order.
  std::stable_sort(calls.begin(), calls.end(),
                   [](const Recorded& a, const Recorded& b) { return a.operation() < b.operation(); });
  Waits waits;
  for (auto begin = calls.begin(); begin != calls.end();) {
    const auto end = std::find_if(begin, calls.end(),
                                  [&](const Recorded& c) { return c.operation() != begin->operation(); });
    compare(std::span(begin, end), waits);
    begin = end;
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
