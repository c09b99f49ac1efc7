#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "profile/device_readers.hpp"
#include "profile/device_tasks.hpp"
#include "profile/json_events.hpp"
#include "profile/kernel_shapes.hpp"

// trace_view.json of the PyTorch profiler and msprof_*.json: one event after the other, none is kept.
namespace ms::profile {
namespace {

constexpr std::array<std::string_view, 5> kOverlapLanes = {
    "Computing", "Communication", "Communication(Not Overlapped)", "Overlapped", "Free"};

double seconds_of(const TraceEvent& event) {
  return static_cast<double>(event.duration_ns.value_or(0)) / 1e9;
}

// Of an event that says when it starts.
Interval interval_of(const TraceEvent& event) {
  return {*event.start_ns, *event.start_ns + std::max<std::int64_t>(event.duration_ns.value_or(0), 0)};
}

bool is_overlap_lane(std::string_view name) {
  return std::find(kOverlapLanes.begin(), kOverlapLanes.end(), name) != kOverlapLanes.end();
}

class TimelineReader {
 public:
  explicit TimelineReader(Card& card)
      : card_(card), timeline_(card.timeline ? *card.timeline : card.timeline.emplace()) {}

  void add(const TraceEvent& event) {
    ++timeline_.events;
    if (event.phase == 'C') {
      if (event.name == "AI Core Freq") frequency(event);
      return;
    }
    if (event.phase != 'X') return;
    if (!event.category.empty()) {
      host_event(event);
    } else if (event.args.empty() && is_overlap_lane(event.name)) {
      named(timeline_.overlap, event.name).add(seconds_of(event));
      if (event.name == "Free") free_time(event);
      extend_span(event);
    } else if (const auto type = find_member(event.args, "Task Type")) {
      task(event, *type);
      extend_span(event);
    } else if (event.name.starts_with("hcom_")) {
      collective(event);
    } else if (find_member(event.args, "event_type")) {
      named(timeline_.ranges, event.name).add(seconds_of(event));
    } else if (const auto level = find_member(event.args, "level")) {
      host_function(event, *level);
    } else if (find_member(event.args, "transport type") == "SDMA") {
      transfer(event);
    }
  }

 private:
  void frequency(const TraceEvent& event) {
    const auto text = find_member(event.args, "MHz");
    const auto mhz = text ? parse_double(*text) : std::nullopt;
    if (!mhz) return;
    timeline_.min_frequency_mhz = std::min(timeline_.min_frequency_mhz.value_or(*mhz), *mhz);
    timeline_.max_frequency_mhz = std::max(timeline_.max_frequency_mhz.value_or(*mhz), *mhz);
  }

  void host_event(const TraceEvent& event) {
    named(timeline_.categories, event.category).add(seconds_of(event));
    constexpr std::string_view kModule = "nn.Module: ";
    if (event.category == "GC" || event.name == "GC") {
      timeline_.garbage_collection.add(seconds_of(event));
    } else if (event.name.starts_with(kModule)) {
      named(timeline_.modules, event.name.substr(kModule.size())).add(seconds_of(event));
    } else if (event.category == "user_annotation" || event.category == "mstx" ||
               event.name.starts_with("ProfilerStep#")) {
      named(timeline_.ranges, event.name).add(seconds_of(event));
    }
  }

  void host_function(const TraceEvent& event, std::string_view level) {
    const std::size_t at = event.name.find('@');
    ApiTime& api =
        named(timeline_.api, at == std::string_view::npos ? event.name : event.name.substr(at + 1));
    api.level = level;
    api.time.add(seconds_of(event));
    if (level == "acl" && event.start_ns) timeline_.acl_calls.add(interval_of(event));
  }

  void free_time(const TraceEvent& event) {
    if (!event.start_ns || seconds_of(event) < Timeline::kLongFreeSeconds) return;
    if (timeline_.free_times.size() < Timeline::kMaxFreeTimes)
      timeline_.free_times.push_back(interval_of(event));
  }

  void task(const TraceEvent& event, std::string_view type) {
    switch (task_kind(type, event.name)) {
      case TaskKind::kernel:
        add_kernel(event, type);
        break;
      case TaskKind::copy:
        copy(event, type);
        break;
      case TaskKind::other:
        break;
    }
  }

  void copy(const TraceEvent& event, std::string_view type) {
    CopySum& sum = named(card_.copies, find_member(event.args, "operation").value_or(copy_kind(type)));
    sum.time.add(seconds_of(event));
    const auto size = find_member(event.args, "size(B)");
    if (size) sum.bytes += parse_double(*size).value_or(0);
  }

  void transfer(const TraceEvent& event) {
    const auto text = find_member(event.args, "size(Byte)");
    const auto bytes = text ? parse_int(*text) : std::nullopt;
    if (!bytes || *bytes <= 0) return;
    ++timeline_.sdma_transfers;
    if (*bytes % kAlignedBytes != 0) ++timeline_.unaligned_sdma_transfers;
  }

  void collective(const TraceEvent& event) {
    add_kernel(event, "HCCL");
    extend_span(event);
  }

  void add_kernel(const TraceEvent& event, std::string_view core) {
    auto& place = card_.kernels[static_cast<std::size_t>(KernelSource::timeline)];
    KernelStatistics& statistics = place ? *place : place.emplace();
    Kernel kernel;
    kernel.core = core;
    kernel.type = core == "HCCL" ? collective_kind(event.name) : event.name;
    if (core != "HCCL") kernel.stream = event.tid;
    kernel.start_ns = event.start_ns;
    kernel.duration_ns = std::max<std::int64_t>(event.duration_ns.value_or(0), 0);
    statistics.add(kernel);
  }

  void extend_span(const TraceEvent& event) {
    if (!event.start_ns) return;
    const std::int64_t end_ns = interval_of(event).end_ns;
    timeline_.first_ns = std::min(timeline_.first_ns.value_or(*event.start_ns), *event.start_ns);
    timeline_.last_ns = std::max(timeline_.last_ns.value_or(end_ns), end_ns);
  }

  Card& card_;
  Timeline& timeline_;
};

}  // namespace

void read_timeline(Input& input, Run& run, FileReport& report) {
  TimelineReader timeline(run.device.card(input.folder));
  JsonEvents events(input.bytes, report);
  TraceEvent event;
  while (events.next(event)) timeline.add(event);
  report.records += events.events();
  if (events.truncated()) {
    report.note({.en = "the file ends before its array does: what came before was read",
                 .zh = "文件在数组结束之前中断：已读取中断前的内容"});
  }
}

}  // namespace ms::profile
