#include "base/text.hpp"
#include "profile/device_facts_parts.hpp"

namespace ms::profile {
namespace {

// The time that a card was watched: of its timeline, its kernels or its steps. [s]
double span_of(const Card& card) {
  if (card.timeline && card.timeline->first_ns) return card.timeline->span_seconds();
  if (const KernelStatistics* kernels = card.best_kernels()) return kernels->device.span_seconds();
  double span = 0;
  for (const StepTime& step : card.steps) span += step.total();
  return span;
}

const ApiTimes& functions_of(const Card& card) {
  return card.api.empty() && card.timeline ? card.timeline->api : card.api;
}

}  // namespace

void add_device_copy_facts(DeviceFacts& facts) {
  if (!facts.any([](const Card& card) { return !card.copies.empty(); }, {"copies", "host_to_device"},
                 "timeline, task_time or database with copies")) {
    return;
  }
  std::map<std::string, CopySum, std::less<>> kinds;
  double span = 0;
  for (const Card& card : facts.cards()) {
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
  facts.set("copies", std::move(list));
  facts.set("host_to_device", with(time_json(to_device.time, span), "bytes", to_device.bytes));
}

void add_device_function_facts(DeviceFacts& facts) {
  if (!facts.any([](const Card& card) { return !functions_of(card).empty(); },
                 {"functions", "memory_functions"}, "api_statistic.csv, timeline or database")) {
    return;
  }
  ApiTimes sums;
  TimeSum all;
  TimeSum allocation;
  for (const Card& card : facts.cards()) {
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
  facts.set("functions", std::move(list));
  facts.set("memory_functions", time_json(allocation, all.seconds));
}

void add_device_operator_facts(DeviceFacts& facts) {
  if (!facts.any([](const Card& card) { return !card.operators.empty(); }, {"operators", "dispatch"},
                 "operator_details.csv")) {
    return;
  }
  OperatorTimes sums;
  OperatorTime all;
  for (const Card& card : facts.cards()) {
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
  facts.set("operators", std::move(list));
  facts.set("dispatch", {{"count", all.count},
                         {"host_seconds", all.host_self},
                         {"device_seconds", all.device_self},
                         {"mean_host_seconds", ratio(all.host_self, static_cast<double>(all.count))}});
}

}  // namespace ms::profile
