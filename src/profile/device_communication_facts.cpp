#include "profile/device_facts_parts.hpp"

namespace ms::profile {
namespace {

/// SDMA packets below this size and RDMA packets below the next do not reach the bandwidth of their link.
/// Source: msprof-analyze, packet checker.
constexpr double kSmallSdmaBytes = 16e6;
constexpr double kSmallRdmaBytes = 1e6;

double small_packet_bytes(std::string_view kind) {
  return kind == "RDMA" ? kSmallRdmaBytes : kSmallSdmaBytes;
}

Json link_json(const LinkMatrix::value_type& entry) {
  return {{"source", entry.first.source},
          {"destination", entry.first.destination},
          {"transport", entry.first.transport},
          {"bytes", entry.second.bytes},
          {"seconds", entry.second.seconds},
          {"bytes_per_second", ratio(entry.second.bytes, entry.second.seconds)}};
}

// The kind of link over which bandwidths differ most, and its slowest link. Copies within a card are no
// links.
void slow_link(DeviceFacts& facts, const LinkMatrix& sums) {
  std::map<std::string, std::vector<const LinkMatrix::value_type*>> kinds;
  for (const auto& entry : sums) {
    if (entry.first.transport != "LOCAL" && entry.second.seconds > 0 && entry.second.bytes > 0) {
      kinds[entry.first.transport].push_back(&entry);
    }
  }
  const auto speed = [](const LinkMatrix::value_type* entry) {
    return entry->second.bytes / entry->second.seconds;
  };
  Json slowest;
  double widest = -1;
  for (const auto& [kind, links] : kinds) {
    if (links.size() < 2) continue;
    const auto [low, high] = std::minmax_element(
        links.begin(), links.end(), [&](const auto* a, const auto* b) { return speed(a) < speed(b); });
    double total = 0;
    for (const auto* link : links) total += speed(link);
    const double spread = ratio(speed(*high) - speed(*low), total / static_cast<double>(links.size()));
    if (spread > widest) {
      widest = spread;
      slowest = with(link_json(**low), "spread", spread);
    }
  }
  if (widest < 0) {
    facts.absent("slow_link", "fewer than two links of one kind were used");
  } else {
    facts.set("slow_link", std::move(slowest));
  }
}

}  // namespace

void add_device_communication_facts(DeviceFacts& facts) {
  if (!facts.any([](const Card& card) { return card.communication.has_value(); },
                 {"communication", "collectives", "collective_waits", "links"},
                 "communication.json or analysis.db")) {
    return;
  }
  Communication sum;
  for (const Card& card : facts.cards()) {
    if (!card.communication) continue;
    const Communication& one = *card.communication;
    add(sum.elapsed, one.elapsed);
    sum.transit_seconds += one.transit_seconds;
    sum.wait_seconds += one.wait_seconds;
    sum.synchronization_seconds += one.synchronization_seconds;
    sum.idle_seconds += one.idle_seconds;
    add_all(sum.kinds, one.kinds);
    for (const auto& [kind, link] : one.links) {
      LinkKind& into = sum.links[kind];
      into.bytes += link.bytes;
      into.seconds += link.seconds;
      into.max_seconds = std::max(into.max_seconds, link.max_seconds);
      for (const auto& [size, packet] : link.packets) {
        into.packets[size].count += packet.count;
        into.packets[size].seconds += packet.seconds;
      }
    }
  }
  const double working = sum.transit_seconds + sum.wait_seconds;
  facts.set("communication", {{"count", sum.elapsed.count},
                              {"elapsed_seconds", sum.elapsed.seconds},
                              {"transit_seconds", sum.transit_seconds},
                              {"wait_seconds", sum.wait_seconds},
                              {"synchronization_seconds", sum.synchronization_seconds},
                              {"idle_seconds", sum.idle_seconds},
                              {"wait_share", ratio(sum.wait_seconds, working)}});
  Json list = Json::array();
  for (const auto* entry : largest(sum.kinds, [](const auto& e) { return e.second.seconds; })) {
    list.push_back(with(time_json(entry->second, sum.elapsed.seconds), "kind", entry->first));
  }
  facts.set("collectives", std::move(list));
  list = Json::array();
  for (const auto& [kind, link] : sum.links) {
    if (link.bytes <= 0 && link.seconds <= 0) continue;
    std::uint64_t packets = 0;
    std::uint64_t small = 0;
    for (const auto& [size, packet] : link.packets) {
      packets += packet.count;
      small += size < small_packet_bytes(kind) ? packet.count : 0;
    }
    list.push_back({{"kind", kind},
                    {"bytes", link.bytes},
                    {"seconds", link.seconds},
                    {"longest_seconds", link.max_seconds},
                    {"bytes_per_second", ratio(link.bytes, link.seconds)},
                    {"packets", packets},
                    {"small_packets", small},
                    {"small_packet_share", ratio(static_cast<double>(small), static_cast<double>(packets))}});
  }
  facts.set("links", std::move(list));
  add_device_wait_facts(facts);
}

void add_device_traffic_facts(DeviceFacts& facts) {
  if (!facts.any([](const Card& card) { return !card.links.empty(); }, {"traffic", "slow_link"},
                 "communication_matrix.json or analysis.db")) {
    return;
  }
  LinkMatrix sums;
  for (const Card& card : facts.cards()) {
    for (const auto& [link, one] : card.links) {
      sums[link].bytes += one.bytes;
      sums[link].seconds += one.seconds;
    }
  }
  Json list = Json::array();
  for (const auto* entry : largest(sums, [](const auto& e) { return e.second.seconds; })) {
    list.push_back(link_json(*entry));
  }
  facts.set("traffic", std::move(list));
  slow_link(facts, sums);
}

}  // namespace ms::profile
