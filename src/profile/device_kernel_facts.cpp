#include "profile/device_facts_parts.hpp"

namespace ms::profile {
namespace {

// Rows without a stream are collectives and kernels of profiles of level 0.
bool is_blank_stream(std::string_view stream) {
  return stream == "N/A";
}

void kernel_types(DeviceFacts& facts, const TimeSum& all, const KernelTypes& types,
                  const std::map<std::string, TimeSum, std::less<>>& cores) {
  facts.set("kernels.count", all.count);
  facts.set("kernels.total_seconds", all.seconds);
  facts.set("kernels.mean_seconds", all.mean_seconds());
  Json list = Json::array();
  for (const auto* entry : largest(types, [](const auto& e) { return e.second.seconds; })) {
    if (core_kind(entry->first.core) == CoreKind::communication) continue;
    list.push_back(with(with(time_json(entry->second, all.seconds), "type", entry->first.type), "core",
                        entry->first.core));
  }
  facts.set("kernels.types", std::move(list));
  list = Json::array();
  TimeSum collectives;
  for (const auto* entry : largest(cores, [](const auto& e) { return e.second.seconds; })) {
    if (core_kind(entry->first) == CoreKind::communication) {
      add(collectives, entry->second);
      continue;
    }
    list.push_back(with(time_json(entry->second, all.seconds), "core", entry->first));
  }
  facts.set("kernels.cores", std::move(list));
  facts.set("kernels.collectives", time_json(collectives, all.seconds + collectives.seconds));
}

const char* core_name(CoreKind kind) {
  switch (kind) {
    case CoreKind::cube:
      return "cube";
    case CoreKind::vector:
      return "vector";
    case CoreKind::aicpu:
      return "aicpu";
    default:
      return "other";
  }
}

// The most cores of a kind that a card has. Source: knowledge/chips.toml: 25 cube cores, and two vector cores
// to each, with room for the next.
std::int64_t most_cores(CoreKind kind) {
  return kind == CoreKind::cube ? 32 : 64;
}

// The share of the cores that stands still while `parts` run on `cores` of them, round after round.
double idle_cores(std::int64_t parts, std::int64_t cores) {
  const std::int64_t rounds = (parts + cores - 1) / cores;
  return 1 - static_cast<double>(parts) / static_cast<double>(rounds * cores);
}

// Over how many cores kernels are spread. How many there are is taken from the kernel that is spread widest
// in one round.
void core_use(DeviceFacts& facts, const KernelStatistics& sum) {
  Json list = Json::array();
  for (const auto* entry : largest(sum.block_dims, [](const auto& e) { return e.second.seconds; })) {
    list.push_back(with(with(time_json(entry->second, sum.compute.seconds), "block_dim", entry->first.second),
                        "core", core_name(entry->first.first)));
  }
  facts.set("kernels.block_dims", std::move(list));
  list = Json::array();
  for (const CoreKind kind : {CoreKind::cube, CoreKind::vector}) {
    std::int64_t cores = 0;
    for (const auto& [key, time] : sum.block_dims) {
      if (key.first == kind && key.second <= most_cores(kind)) cores = std::max(cores, key.second);
    }
    if (cores < 2) continue;
    TimeSum few;
    TimeSum uneven;
    for (const auto& [key, time] : sum.block_dims) {
      constexpr double kLeastIdle = 0.1;
      if (key.first != kind || key.second < 1 || idle_cores(key.second, cores) < kLeastIdle) continue;
      add(key.second <= cores / 2 ? few : uneven, time);
    }
    list.push_back({{"core", core_name(kind)},
                    {"cores", cores},
                    {"few_count", few.count},
                    {"few_share", ratio(few.seconds, sum.compute.seconds)},
                    {"uneven_count", uneven.count},
                    {"uneven_share", ratio(uneven.seconds, sum.compute.seconds)}});
  }
  facts.set("kernels.core_use", std::move(list));
}

void alignment(DeviceFacts& facts, const KernelStatistics& sum) {
  if (sum.matrix_products.count == 0) {
    facts.absent("kernels.alignment", "shapes of inputs were not recorded (profiler level 1 and above)");
    return;
  }
  double unaligned = 0;
  for (const auto& [input, time] : sum.unaligned) unaligned += time.seconds;
  Json inputs = Json::array();
  for (const auto* entry : largest(sum.unaligned, [](const auto& e) { return e.second.seconds; })) {
    inputs.push_back(with(time_json(entry->second, sum.compute.seconds), "input", entry->first));
  }
  facts.set("kernels.alignment", {{"matrix_products", sum.matrix_products.count},
                                  {"share", ratio(sum.matrix_products.seconds, sum.compute.seconds)},
                                  {"unaligned_share", ratio(unaligned, sum.compute.seconds)},
                                  {"inputs", std::move(inputs)}});
}

void add(KernelChain& sum, const KernelChain& other) {
  sum.length = other.length;
  sum.count += other.count;
  sum.seconds += other.seconds;
  sum.span_seconds += other.span_seconds;
  sum.read_seconds += other.read_seconds;
}

void chain_facts(DeviceFacts& facts, const KernelChains& chains, double span) {
  Json list = Json::array();
  for (const auto* entry : largest(chains, [](const auto& e) { return e.second.span_seconds; })) {
    const KernelChain& chain = entry->second;
    list.push_back({{"types", entry->first},
                    {"length", chain.length},
                    {"count", chain.count},
                    {"total_seconds", chain.seconds},
                    {"span_seconds", chain.span_seconds},
                    {"share", ratio(chain.span_seconds, span)},
                    {"idle_share", ratio(chain.span_seconds - chain.seconds, chain.span_seconds)},
                    {"read_share", ratio(chain.read_seconds, chain.seconds)}});
  }
  facts.set("kernels.chains", std::move(list));
}

void kernel_statistics(DeviceFacts& facts) {
  KernelStatistics sum;
  TimeSum gap;
  double span = 0;
  double cube = 0;
  double vector = 0;
  KernelChains chains;
  Json streams = Json::array();
  for (const Card& card : facts.cards()) {
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
    add(sum.matrix_products, kernels->matrix_products);
    add_all(sum.unaligned, kernels->unaligned);
    for (const auto& [types, chain] : kernels->chains.chains()) add(chains[types], chain);
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
  kernel_types(facts, sum.compute, sum.types, sum.cores);
  facts.set("kernels.short_count", sum.short_kernels.count);
  facts.set("kernels.short_share",
            ratio(static_cast<double>(sum.short_kernels.count), static_cast<double>(sum.compute.count)));
  facts.set("kernels.short_time_share", ratio(sum.short_kernels.seconds, sum.compute.seconds));
  facts.set("kernels.wait_seconds", sum.wait_seconds);
  facts.set("kernels.bound_share", ratio(sum.bound.seconds, sum.compute.seconds));
  Json list = Json::array();
  for (std::size_t unit = 0; unit < kCoreUnits; ++unit) {
    if (sum.units[unit].weight <= 0) continue;
    list.push_back({{"unit", kCoreUnitColumns[unit].name},
                    {"ratio", ratio(sum.units[unit].sum, sum.units[unit].weight)},
                    {"seconds", sum.units[unit].weight}});
  }
  facts.set("kernels.units", std::move(list));
  core_use(facts, sum);
  alignment(facts, sum);
  chain_facts(facts, chains, span);
  facts.set("aicpu", with(time_json(sum.aicpu, sum.compute.seconds), "slow_count", sum.slow_aicpu.count));
  facts.set("cube_share", ratio(cube, span));
  facts.set("vector_share", ratio(vector, span));
  facts.set("gaps", with(time_json(gap, span), "longest_seconds", gap.max_seconds));
  facts.set("stream_gaps", std::move(streams));
}

}  // namespace

void add_device_kernel_facts(DeviceFacts& facts) {
  if (facts.any([](const Card& card) { return card.best_kernels() != nullptr; },
                {"kernels.short_count", "kernels.short_share", "kernels.short_time_share",
                 "kernels.wait_seconds", "kernels.units", "kernels.bound_share", "kernels.block_dims",
                 "kernels.core_use", "kernels.alignment", "kernels.chains", "aicpu", "cube_share",
                 "vector_share", "gaps", "stream_gaps"},
                "kernel_details.csv, op_summary, task_time, timeline or database")) {
    kernel_statistics(facts);
  } else if (facts.any([](const Card& card) { return !card.op_statistic.empty(); },
                       {"kernels.count", "kernels.total_seconds", "kernels.mean_seconds", "kernels.types",
                        "kernels.cores"},
                       "table of kernels")) {
    KernelTypes types;
    std::map<std::string, TimeSum, std::less<>> cores;
    TimeSum all;
    for (const Card& card : facts.cards()) {
      for (const auto& [type, time] : card.op_statistic) {
        add(types[type], time);
        add(cores[type.core], time);
        if (core_kind(type.core) != CoreKind::communication) add(all, time);
      }
    }
    kernel_types(facts, all, types, cores);
  }
}

}  // namespace ms::profile
