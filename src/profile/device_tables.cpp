#include <algorithm>

#include "profile/device_readers.hpp"
#include "profile/device_rows.hpp"

// Tables that the profiler has already summed: steps, operators, functions of the host.
namespace ms::profile {
namespace {

constexpr double kMicrosecond = 1e-6;
// Adds `count` durations of `seconds` together.
void add_sum(TimeSum& sum, double count, double seconds, double max_seconds) {
  sum.count += static_cast<std::uint64_t>(count);
  sum.seconds += seconds;
  sum.max_seconds = std::max(sum.max_seconds, max_seconds);
}

// What a row that sums calls holds; nullopt where it is not usable, which is counted.
struct Calls {
  double count = 0;
  double seconds = 0;
  double max_seconds = 0;
};
struct CallColumns {
  DeviceRows::Column count, total, max;
};
std::optional<Calls> calls_of(DeviceRows& rows, const CallColumns& columns) {
  const auto count = rows.number(columns.count);
  constexpr double kMostCalls = 1e15;
  if (!count || *count < 0 || *count > kMostCalls) {
    rows.bad_number("the count", columns.count);
    return std::nullopt;
  }
  const auto total = rows.needed("the time", columns.total);
  if (!total) return std::nullopt;
  return Calls{*count, *total * kMicrosecond, rows.number(columns.max).value_or(0) * kMicrosecond};
}

struct StepColumn {
  std::string_view column;
  double StepTime::*seconds;
  bool required;
};
constexpr std::array<StepColumn, 7> kStepColumns = {
    {{"Computing", &StepTime::computing, true},
     {"Communication", &StepTime::communication, false},
     {"Communication(Not Overlapped)", &StepTime::exposed_communication, true},
     {"Overlapped", &StepTime::overlapped, false},
     {"Free", &StepTime::free, true},
     {"Bubble", &StepTime::bubble, false},
     {"Preparing", &StepTime::preparing, false}}};

std::optional<StepTime> step_of(DeviceRows& rows, DeviceRows::Column step,
                                const std::array<DeviceRows::Column, kStepColumns.size()>& columns) {
  StepTime time{.step = std::string(rows.text(step))};
  for (std::size_t i = 0; i < kStepColumns.size(); ++i) {
    const auto value = rows.number(columns[i]);
    if (!value && kStepColumns[i].required) {
      rows.bad_number(kStepColumns[i].column, columns[i]);
      return std::nullopt;
    }
    time.*kStepColumns[i].seconds = value.value_or(0) * kMicrosecond;
  }
  return time;
}

}  // namespace

void read_step_trace_time(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  CardOfRow cards(run, input);
  const auto step = rows.column({"Step"});
  const auto device = rows.column({"Device_id"});
  const auto type = rows.column({"Type"});
  const auto index = rows.column({"Index"});
  std::array<DeviceRows::Column, kStepColumns.size()> columns;
  for (std::size_t i = 0; i < kStepColumns.size(); ++i) columns[i] = rows.column({kStepColumns[i].column});
  while (rows.next()) {
    auto time = step_of(rows, step, columns);
    if (!time) continue;
    rows.used();
    if (!type) {
      cards.of(rows.integer(device)).steps.push_back(std::move(*time));
    } else if (rows.text(type) == "rank" && rows.integer(index)) {
      run.device.cluster_card(input.folder, *rows.integer(index)).steps.push_back(std::move(*time));
    }
  }
}

void read_op_statistic(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  CardOfRow cards(run, input);
  const auto type = rows.column({"OP Type"});
  const auto core = rows.column({"Core Type"});
  const auto device = rows.column({"Device_id"});
  const CallColumns columns{rows.column({"Count"}), rows.column({"Total Time(us)"}),
                            rows.column({"Max Time(us)"})};
  while (rows.next()) {
    const auto calls = calls_of(rows, columns);
    if (!calls) continue;
    auto& types = cards.of(rows.integer(device)).op_statistic;
    const KernelType key{std::string(rows.text(type)), core ? std::string(rows.text(core)) : "COMMUNICATION"};
    if (types.size() >= kMaxNames && !types.contains(key)) continue;
    add_sum(types[key], calls->count, calls->seconds, calls->max_seconds);
    rows.used();
  }
}

void read_api_statistic(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  const auto level = rows.column({"Level"});
  const auto name = rows.column({"API Name"});
  const CallColumns columns{rows.column({"Count"}), rows.column({"Time(us)"}), rows.column({"Max(us)"})};
  Card& card = run.device.card(input.folder);
  while (rows.next()) {
    const auto calls = calls_of(rows, columns);
    if (!calls) continue;
    ApiTime& api = named(card.api, rows.text(name));
    api.level = rows.text(level);
    add_sum(api.time, calls->count, calls->seconds, calls->max_seconds);
    rows.used();
  }
}

void read_operator_details(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  const auto name = rows.column({"Name"});
  const auto host_self = rows.column({"Host Self Duration(us)"});
  const auto host_total = rows.column({"Host Total Duration(us)"});
  const auto device_self = rows.column({"Device Self Duration(us)"});
  Card& card = run.device.card(input.folder);
  while (rows.next()) {
    const auto host = rows.needed("Host Self Duration(us)", host_self);
    if (!host) continue;
    OperatorTime& time = named(card.operators, rows.text(name));
    ++time.count;
    time.host_self += *host * kMicrosecond;
    time.host_total += rows.number(host_total).value_or(0) * kMicrosecond;
    time.device_self += rows.number(device_self).value_or(0) * kMicrosecond;
    rows.used();
  }
}

void read_l2_cache(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  CardOfRow cards(run, input);
  const auto hit_rate = rows.column({"Hit Rate"});
  const auto device = rows.column({"Device_id"});
  while (rows.next()) {
    if (const auto rate = rows.number(hit_rate)) {
      cards.of(rows.integer(device)).l2_hit_rate.add(*rate);
    } else if (!is_blank(rows.text(hit_rate))) {
      rows.bad_number("Hit Rate", hit_rate);
      continue;
    }
    rows.used();
  }
}

}  // namespace ms::profile
