#include "profile/device_facts.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"

namespace ms::profile {
namespace {

/// How many entries of a ranking are facts.
constexpr std::size_t kRanked = 50;

/// SDMA packets below this size and RDMA packets below the next do not reach the bandwidth of their link.
/// Source: msprof-analyze, packet checker.
constexpr double kSmallSdmaBytes = 16e6;
constexpr double kSmallRdmaBytes = 1e6;

using Cards = std::vector<Card>;

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0.0;
}

Json rank_of(const Card& card) {
  return card.rank ? Json(*card.rank)
                   : absent_marker("no rank in the name of its folder, nor in profiler_info", card.folder);
}

std::string source_of(const Cards& cards, const std::function<bool(const Card&)>& has) {
  std::string source;
  std::size_t count = 0;
  for (const Card& card : cards) {
    if (has(card) && count++ == 0) source = card.folder.empty() ? "the profile" : card.folder;
  }
  return count > 1 ? source + " and " + std::to_string(count - 1) + " more" : source;
}

// The entries of a map with the largest of what `key` gives, first.
template <class Map, class Key>
std::vector<const typename Map::value_type*> largest(const Map& map, Key key) {
  std::vector<const typename Map::value_type*> entries;
  for (const auto& entry : map) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const auto* a, const auto* b) { return key(*a) > key(*b); });
  if (entries.size() > kRanked) entries.resize(kRanked);
  return entries;
}

void add(TimeSum& sum, const TimeSum& other) {
  sum.count += other.count;
  sum.seconds += other.seconds;
  sum.max_seconds = std::max(sum.max_seconds, other.max_seconds);
}

template <class Map>
void add_all(Map& sums, const Map& others) {
  for (const auto& [key, time] : others) add(sums[key], time);
}

Json time_json(const TimeSum& time, double whole) {
  return {{"count", time.count},
          {"total_seconds", time.seconds},
          {"mean_seconds", time.mean_seconds()},
          {"share", ratio(time.seconds, whole)}};
}

Json with(Json object, const char* name, Json value) {
  object[name] = std::move(value);
  return object;
}

class DeviceFacts {
 public:
  DeviceFacts(const Cards& cards, FactDocument& facts) : cards_(cards), facts_(facts) {}

  void add_all_facts() {
    facts_.set("device.ranks", Json(cards_.size()), source_of(cards_, [](const Card&) { return true; }));
    steps();
    kernels();
    copies();
    functions();
    operators();
    communication();
    traffic();
    memory();
    timeline();
    settings();
  }

 private:
  void set(const std::string& path, Json value) { facts_.set("device." + path, std::move(value), source_); }

  // Whether a card has what `has` asks for. Otherwise marks `paths` as absent.
  bool any(const std::function<bool(const Card&)>& has, std::initializer_list<const char*> paths,
           const char* files) {
    source_ = source_of(cards_, has);
    if (!source_.empty()) return true;
    for (const char* path : paths) {
      facts_.set_absent(std::string("device.") + path, std::string("no ") + files + " was read", "profile");
    }
    return false;
  }

  // Steps of all cards, and of each card where a timeline alone has them.
  static std::vector<StepTime> steps_of(const Card& card) {
    if (!card.steps.empty() || !card.timeline || card.timeline->overlap.empty()) return card.steps;
    const auto lane = [&](const char* name) {
      const auto found = card.timeline->overlap.find(name);
      return found == card.timeline->overlap.end() ? 0.0 : found->second.seconds;
    };
    StepTime step;
    step.computing = lane("Computing");
    step.communication = lane("Communication");
    step.exposed_communication = lane("Communication(Not Overlapped)");
    step.overlapped = step.communication - step.exposed_communication;
    step.free = lane("Free");
    return {step};
  }

  void steps() {
    if (!any([](const Card& card) { return !steps_of(card).empty(); },
             {"steps", "compute_share", "exposed_communication_share", "overlap_ratio", "free_share",
              "balance"},
             "step_trace_time.csv, timeline with overlap analysis or analysis.db")) {
      return;
    }
    StepTime sum;
    Json list = Json::array();
    for (const Card& card : cards_) {
      for (const StepTime& step : steps_of(card)) {
        sum.computing += step.computing;
        sum.communication += step.communication;
        sum.exposed_communication += step.exposed_communication;
        sum.overlapped += step.overlapped;
        sum.free += step.free;
        list.push_back({{"rank", rank_of(card)},
                        {"step", step.step},
                        {"compute_seconds", step.computing},
                        {"communication_seconds", step.communication},
                        {"exposed_communication_seconds", step.exposed_communication},
                        {"overlapped_seconds", step.overlapped},
                        {"free_seconds", step.free},
                        {"bubble_seconds", step.bubble},
                        {"preparing_seconds", step.preparing},
                        {"compute_share", ratio(step.computing, step.total())},
                        {"exposed_communication_share", ratio(step.exposed_communication, step.total())},
                        {"free_share", ratio(step.free, step.total())}});
      }
    }
    set("steps", std::move(list));
    set("compute_share", ratio(sum.computing, sum.total()));
    set("exposed_communication_share", ratio(sum.exposed_communication, sum.total()));
    set("overlap_ratio", ratio(sum.overlapped, sum.communication));
    set("free_share", ratio(sum.free, sum.total()));
    balance();
  }

  // Spread over ranks: (max - min) / mean. The slow card is the one that others wait for: it computes longest
  // and communicates shortest.
  void balance() {
    struct PerRank {
      const Card* card;
      double computing = 0;
      double communication = 0;
      double free = 0;
    };
    std::vector<PerRank> ranks;
    for (const Card& card : cards_) {
      const auto card_steps = steps_of(card);
      if (card_steps.empty()) continue;
      PerRank& rank = ranks.emplace_back(PerRank{&card});
      for (const StepTime& step : card_steps) {
        rank.computing += step.computing;
        rank.communication += step.communication;
        rank.free += step.free;
      }
    }
    if (ranks.size() < 2) {
      facts_.set_absent("device.balance", "one rank alone was recorded", source_);
      return;
    }
    const auto spread = [&](double PerRank::*value) {
      const auto [low, high] =
          std::minmax_element(ranks.begin(), ranks.end(),
                              [&](const PerRank& a, const PerRank& b) { return a.*value < b.*value; });
      double total = 0;
      for (const PerRank& rank : ranks) total += rank.*value;
      return ratio((*high).*value - (*low).*value, total / static_cast<double>(ranks.size()));
    };
    const auto extreme = [&](auto less) {
      return rank_of(*std::min_element(ranks.begin(), ranks.end(), less)->card);
    };
    set("balance", {{"compute_spread", spread(&PerRank::computing)},
                    {"communication_spread", spread(&PerRank::communication)},
                    {"free_spread", spread(&PerRank::free)},
                    {"slow_rank", extreme([](const PerRank& a, const PerRank& b) {
                       return a.communication < b.communication;
                     })},
                    {"longest_compute_rank",
                     extreme([](const PerRank& a, const PerRank& b) { return a.computing > b.computing; })}});
  }

  void kernels() {
    if (any([](const Card& card) { return card.best_kernels() != nullptr; },
            {"kernels.short_count", "kernels.short_share", "kernels.short_time_share", "kernels.wait_seconds",
             "kernels.units", "kernels.bound_share", "kernels.block_dims", "aicpu", "cube_share",
             "vector_share", "gaps", "stream_gaps"},
            "kernel_details.csv, op_summary, task_time, timeline or database")) {
      kernel_statistics();
    } else if (any([](const Card& card) { return !card.op_statistic.empty(); },
                   {"kernels.count", "kernels.total_seconds", "kernels.mean_seconds", "kernels.types",
                    "kernels.cores"},
                   "table of kernels")) {
      KernelTypes types;
      std::map<std::string, TimeSum, std::less<>> cores;
      TimeSum all;
      for (const Card& card : cards_) {
        for (const auto& [type, time] : card.op_statistic) {
          add(types[type], time);
          add(cores[type.core], time);
          if (core_kind(type.core) != CoreKind::communication) add(all, time);
        }
      }
      kernel_types(all, types, cores);
    }
  }

  void kernel_types(const TimeSum& all, const KernelTypes& types,
                    const std::map<std::string, TimeSum, std::less<>>& cores) {
    set("kernels.count", all.count);
    set("kernels.total_seconds", all.seconds);
    set("kernels.mean_seconds", all.mean_seconds());
    Json list = Json::array();
    for (const auto* entry : largest(types, [](const auto& e) { return e.second.seconds; })) {
      if (core_kind(entry->first.core) == CoreKind::communication) continue;
      list.push_back(with(with(time_json(entry->second, all.seconds), "type", entry->first.type), "core",
                          entry->first.core));
    }
    set("kernels.types", std::move(list));
    list = Json::array();
    TimeSum collectives;
    for (const auto* entry : largest(cores, [](const auto& e) { return e.second.seconds; })) {
      if (core_kind(entry->first) == CoreKind::communication) {
        add(collectives, entry->second);
        continue;
      }
      list.push_back(with(time_json(entry->second, all.seconds), "core", entry->first));
    }
    set("kernels.cores", std::move(list));
    set("kernels.collectives", time_json(collectives, all.seconds + collectives.seconds));
  }

  void kernel_statistics() {
    KernelStatistics sum;
    TimeSum gap;
    double span = 0;
    double cube = 0;
    double vector = 0;
    Json streams = Json::array();
    for (const Card& card : cards_) {
      const KernelStatistics* kernels = card.best_kernels();
      if (kernels == nullptr) continue;
      add(sum.compute, kernels->compute);
      add(sum.short_kernels, kernels->short_kernels);
      add(sum.aicpu, kernels->aicpu);
      add(sum.slow_aicpu, kernels->slow_aicpu);
      add(sum.bound, kernels->bound);
      sum.wait_seconds += kernels->wait_seconds;
      add_all(sum.types, kernels->types);
      add_all(sum.cores, kernels->cores);
      add_all(sum.block_dims, kernels->block_dims);
      for (std::size_t unit = 0; unit < kCoreUnits; ++unit) {
        sum.units[unit].sum += kernels->units[unit].sum;
        sum.units[unit].weight += kernels->units[unit].weight;
      }
      add(gap, kernels->device.time);
      span += kernels->device.span_seconds();
      for (const auto& [core, time] : kernels->cores) {
        cube += core_kind(core) == CoreKind::cube ? time.seconds : 0;
        vector += core_kind(core) == CoreKind::vector ? time.seconds : 0;
      }
      for (const auto& [stream, gaps] : kernels->streams) {
        if (streams.size() >= kRanked || stream.empty() || is_blank_stream(stream)) continue;
        streams.push_back(
            with(with(time_json(gaps.time, gaps.span_seconds()), "rank", rank_of(card)), "stream", stream));
      }
    }
    kernel_types(sum.compute, sum.types, sum.cores);
    set("kernels.short_count", sum.short_kernels.count);
    set("kernels.short_share",
        ratio(static_cast<double>(sum.short_kernels.count), static_cast<double>(sum.compute.count)));
    set("kernels.short_time_share", ratio(sum.short_kernels.seconds, sum.compute.seconds));
    set("kernels.wait_seconds", sum.wait_seconds);
    set("kernels.bound_share", ratio(sum.bound.seconds, sum.compute.seconds));
    Json list = Json::array();
    for (std::size_t unit = 0; unit < kCoreUnits; ++unit) {
      if (sum.units[unit].weight <= 0) continue;
      list.push_back({{"unit", kCoreUnitColumns[unit].name},
                      {"ratio", ratio(sum.units[unit].sum, sum.units[unit].weight)},
                      {"seconds", sum.units[unit].weight}});
    }
    set("kernels.units", std::move(list));
    list = Json::array();
    for (const auto* entry : largest(sum.block_dims, [](const auto& e) { return e.second.seconds; })) {
      list.push_back(with(time_json(entry->second, sum.compute.seconds), "block_dim", entry->first));
    }
    set("kernels.block_dims", std::move(list));
    set("aicpu", with(time_json(sum.aicpu, sum.compute.seconds), "slow_count", sum.slow_aicpu.count));
    set("cube_share", ratio(cube, span));
    set("vector_share", ratio(vector, span));
    set("gaps", with(time_json(gap, span), "longest_seconds", gap.max_seconds));
    set("stream_gaps", std::move(streams));
  }

  // Rows without a stream are collectives and kernels of profiles of level 0.
  static bool is_blank_stream(std::string_view stream) { return stream == "N/A"; }

  // The time that a card was watched: of its timeline, its kernels or its steps. [s]
  static double span_of(const Card& card) {
    if (card.timeline && card.timeline->first_ns) return card.timeline->span_seconds();
    if (const KernelStatistics* kernels = card.best_kernels()) return kernels->device.span_seconds();
    double span = 0;
    for (const StepTime& step : card.steps) span += step.total();
    return span;
  }

  void copies() {
    if (!any([](const Card& card) { return !card.copies.empty(); }, {"copies", "host_to_device"},
             "timeline, task_time or database with copies")) {
      return;
    }
    std::map<std::string, CopySum, std::less<>> kinds;
    double span = 0;
    for (const Card& card : cards_) {
      if (card.copies.empty()) continue;
      span += span_of(card);
      for (const auto& [kind, copy] : card.copies) {
        add(kinds[kind].time, copy.time);
        kinds[kind].bytes += copy.bytes;
      }
    }
    Json list = Json::array();
    CopySum to_device;
    for (const auto& [kind, copy] : kinds) {
      list.push_back(with(with(time_json(copy.time, span), "kind", kind), "bytes", copy.bytes));
      if (kind.starts_with("host to device")) {
        add(to_device.time, copy.time);
        to_device.bytes += copy.bytes;
      }
    }
    // Older profilers do not tell the direction of a copy over PCIe.
    const auto pcie = kinds.find("pcie");
    if (to_device.time.count == 0 && pcie != kinds.end()) to_device = pcie->second;
    set("copies", std::move(list));
    set("host_to_device", with(time_json(to_device.time, span), "bytes", to_device.bytes));
  }

  static const ApiTimes& functions_of(const Card& card) {
    return card.api.empty() && card.timeline ? card.timeline->api : card.api;
  }

  void functions() {
    if (!any([](const Card& card) { return !functions_of(card).empty(); }, {"functions", "memory_functions"},
             "api_statistic.csv, timeline or database")) {
      return;
    }
    ApiTimes sums;
    TimeSum all;
    TimeSum allocation;
    for (const Card& card : cards_) {
      for (const auto& [name, api] : functions_of(card)) {
        sums[name].level = api.level;
        add(sums[name].time, api.time);
        add(all, api.time);
        const std::string lower = to_lower(name);
        if (lower.starts_with("aclmalloc") || lower.starts_with("aclrtmalloc") ||
            lower.starts_with("aclrtfree")) {
          add(allocation, api.time);
        }
      }
    }
    Json list = Json::array();
    for (const auto* entry : largest(sums, [](const auto& e) { return e.second.time.seconds; })) {
      list.push_back(with(with(time_json(entry->second.time, all.seconds), "name", entry->first), "level",
                          entry->second.level));
    }
    set("functions", std::move(list));
    set("memory_functions", time_json(allocation, all.seconds));
  }

  void operators() {
    if (!any([](const Card& card) { return !card.operators.empty(); }, {"operators", "dispatch"},
             "operator_details.csv")) {
      return;
    }
    OperatorTimes sums;
    OperatorTime all;
    for (const Card& card : cards_) {
      for (const auto& [name, time] : card.operators) {
        for (OperatorTime* sum : {&sums[name], &all}) {
          sum->count += time.count;
          sum->host_self += time.host_self;
          sum->device_self += time.device_self;
        }
      }
    }
    Json list = Json::array();
    for (const auto* entry : largest(sums, [](const auto& e) { return e.second.host_self; })) {
      list.push_back({{"name", entry->first},
                      {"count", entry->second.count},
                      {"host_seconds", entry->second.host_self},
                      {"device_seconds", entry->second.device_self},
                      {"share", ratio(entry->second.host_self, all.host_self)}});
    }
    set("operators", std::move(list));
    set("dispatch", {{"count", all.count},
                     {"host_seconds", all.host_self},
                     {"device_seconds", all.device_self},
                     {"mean_host_seconds", ratio(all.host_self, static_cast<double>(all.count))}});
  }

  static double small_packet_bytes(std::string_view kind) {
    return kind == "RDMA" ? kSmallRdmaBytes : kSmallSdmaBytes;
  }

  void communication() {
    if (!any([](const Card& card) { return card.communication.has_value(); },
             {"communication", "collectives", "links"}, "communication.json or analysis.db")) {
      return;
    }
    Communication sum;
    for (const Card& card : cards_) {
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
    set("communication", {{"count", sum.elapsed.count},
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
    set("collectives", std::move(list));
    list = Json::array();
    for (const auto& [kind, link] : sum.links) {
      if (link.bytes <= 0 && link.seconds <= 0) continue;
      std::uint64_t packets = 0;
      std::uint64_t small = 0;
      for (const auto& [size, packet] : link.packets) {
        packets += packet.count;
        small += size < small_packet_bytes(kind) ? packet.count : 0;
      }
      list.push_back(
          {{"kind", kind},
           {"bytes", link.bytes},
           {"seconds", link.seconds},
           {"longest_seconds", link.max_seconds},
           {"bytes_per_second", ratio(link.bytes, link.seconds)},
           {"packets", packets},
           {"small_packets", small},
           {"small_packet_share", ratio(static_cast<double>(small), static_cast<double>(packets))}});
    }
    set("links", std::move(list));
  }

  void traffic() {
    if (!any([](const Card& card) { return !card.links.empty(); }, {"traffic", "slow_link"},
             "communication_matrix.json or analysis.db")) {
      return;
    }
    LinkMatrix sums;
    for (const Card& card : cards_) {
      for (const auto& [link, one] : card.links) {
        sums[link].bytes += one.bytes;
        sums[link].seconds += one.seconds;
      }
    }
    Json list = Json::array();
    for (const auto* entry : largest(sums, [](const auto& e) { return e.second.seconds; })) {
      list.push_back(link_json(*entry));
    }
    set("traffic", std::move(list));
    slow_link(sums);
  }

  static Json link_json(const LinkMatrix::value_type& entry) {
    return {{"source", entry.first.source},
            {"destination", entry.first.destination},
            {"transport", entry.first.transport},
            {"bytes", entry.second.bytes},
            {"seconds", entry.second.seconds},
            {"bytes_per_second", ratio(entry.second.bytes, entry.second.seconds)}};
  }

  // The kind of link over which bandwidths differ most, and its slowest link. Copies within a card are no
  // links.
  void slow_link(const LinkMatrix& sums) {
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
      facts_.set_absent("device.slow_link", "fewer than two links of one kind were used", source_);
    } else {
      set("slow_link", std::move(slowest));
    }
  }

  void memory() {
    if (!any([](const Card& card) { return card.memory.has_value(); },
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
    for (const Card& card : cards_) {
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
    set("memory", {{"peak_allocated_bytes", allocated},
                   {"peak_reserved_bytes", reserved},
                   {"allocations", allocations},
                   {"allocated_bytes", allocated_bytes},
                   {"short_lived_allocations", short_lived},
                   {"static_bytes", static_bytes}});
    set("memory_peaks", std::move(peaks));
    Json list = Json::array();
    for (const auto* entry : largest(modules, [](const auto& e) { return e.second; })) {
      list.push_back({{"module", entry->first}, {"reserved_bytes", entry->second}});
    }
    set("memory_modules", std::move(list));
  }

  void timeline() {
    if (!any([](const Card& card) { return card.timeline.has_value(); },
             {"modules", "ranges", "garbage_collection", "min_frequency_mhz", "max_frequency_mhz"},
             "timeline or database")) {
      return;
    }
    std::map<std::string, TimeSum, std::less<>> modules;
    std::map<std::string, TimeSum, std::less<>> ranges;
    TimeSum garbage;
    std::optional<double> low;
    std::optional<double> high;
    for (const Card& card : cards_) {
      if (!card.timeline) continue;
      add_all(modules, card.timeline->modules);
      add_all(ranges, card.timeline->ranges);
      add(garbage, card.timeline->garbage_collection);
      if (const auto mhz = card.timeline->min_frequency_mhz) low = std::min(low.value_or(*mhz), *mhz);
      if (const auto mhz = card.timeline->max_frequency_mhz) high = std::max(high.value_or(*mhz), *mhz);
    }
    names("modules", modules);
    names("ranges", ranges);
    set("garbage_collection", with(time_json(garbage, 0), "longest_seconds", garbage.max_seconds));
    frequency("min_frequency_mhz", low);
    frequency("max_frequency_mhz", high);
  }

  void frequency(const char* path, std::optional<double> mhz) {
    if (mhz) {
      set(path, *mhz);
    } else {
      facts_.set_absent(std::string("device.") + path, "the timeline has no counter AI Core Freq", source_);
    }
  }

  void names(const char* path, const std::map<std::string, TimeSum, std::less<>>& sums) {
    double whole = 0;
    for (const auto& [name, time] : sums) whole += time.seconds;
    Json list = Json::array();
    for (const auto* entry : largest(sums, [](const auto& e) { return e.second.seconds; })) {
      list.push_back(with(time_json(entry->second, whole), "name", entry->first));
    }
    set(path, std::move(list));
  }

  void settings() {
    const auto has_metadata = [](const Card& card) { return !card.settings.empty(); };
    source_ = source_of(cards_, has_metadata);
    if (source_.empty()) source_ = "profile";
    Json values = Json::object();
    Json levels = Json::array();
    for (const Card& card : cards_) {
      for (const auto& [name, value] : card.settings) values.emplace(name, value);
      if (!card.profiler_level.empty() &&
          std::find(levels.begin(), levels.end(), card.profiler_level) == levels.end()) {
        levels.push_back(card.profiler_level);
      }
    }
    set("settings", std::move(values));
    set("profiler_levels", std::move(levels));
  }

  const Cards& cards_;
  FactDocument& facts_;
  std::string source_;
};

}  // namespace

void add_device_facts(const DeviceProfile& profile, FactDocument& facts) {
  if (profile.empty()) return;
  const Cards cards = profile.finish();
  DeviceFacts(cards, facts).add_all_facts();
}

}  // namespace ms::profile
