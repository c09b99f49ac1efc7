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

void kernel_statistics(DeviceFacts& facts) {
  KernelStatistics sum;
  TimeSum gap;
  double span = 0;
  double cube = 0;
  double vector = 0;
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
  list = Json::array();
  for (const auto* entry : largest(sum.block_dims, [](const auto& e) { return e.second.seconds; })) {
    list.push_back(with(time_json(entry->second, sum.compute.seconds), "block_dim", entry->first));
  }
  facts.set("kernels.block_dims", std::move(list));
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
                 "aicpu", "cube_share", "vector_share", "gaps", "stream_gaps"},
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
