#include <algorithm>

#include "profile/device_readers.hpp"
#include "profile/device_rows.hpp"

// Tables of device memory. The profilers' "KB" and "MB" are 1024 and 1024 * 1024 bytes.
namespace ms::profile {
namespace {

constexpr double kKiB = 1024;
constexpr double kMiB = 1024 * kKiB;
constexpr std::size_t kMaxComponents = 1000;

DeviceMemory& memory_of(Card& card) {
  return card.memory ? *card.memory : card.memory.emplace();
}

// The device in "NPU:3".
std::optional<int> device_of(std::string_view text) {
  constexpr std::string_view kPrefix = "NPU:";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  const auto number = parse_int(text.substr(kPrefix.size()));
  constexpr std::int64_t kMostDevices = 1 << 20;
  return number && *number >= 0 && *number < kMostDevices ? std::optional(static_cast<int>(*number))
                                                          : std::nullopt;
}

void raise(double& peak, std::optional<double> value, double unit) {
  if (value) peak = std::max(peak, *value * unit);
}

}  // namespace

void read_memory_record(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  CardOfRow cards(run, input);
  const auto name = rows.column({"Component"});
  const auto device = rows.column({"Device Type"});
  const auto allocated = rows.column({"Total Allocated(MB)"});
  const auto reserved = rows.column({"Total Reserved(MB)"});
  const auto active = rows.column({"Total Active(MB)"});
  while (rows.next()) {
    const auto reserved_now = rows.number(reserved);
    if (!reserved_now && !rows.number(allocated)) {
      rows.bad_number("Total Reserved(MB)", reserved);
      continue;
    }
    DeviceMemory& memory = memory_of(cards.of(device_of(rows.text(device))));
    DeviceMemory::Peak& peak = named(memory.components, rows.text(name), kMaxComponents);
    raise(peak.allocated, rows.number(allocated), kMiB);
    raise(peak.reserved, reserved_now, kMiB);
    raise(peak.active, rows.number(active), kMiB);
    rows.used();
  }
}

void read_operator_memory(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  CardOfRow cards(run, input);
  const auto size = rows.column({"Size(KB)"});
  const auto duration = rows.column({"Duration(us)"});
  const auto device = rows.column({"Device Type"});
  while (rows.next()) {
    const auto kib = rows.needed("Size(KB)", size);
    if (!kib) continue;
    DeviceMemory& memory = memory_of(cards.of(device_of(rows.text(device))));
    ++memory.allocations;
    memory.allocated_bytes += std::max(*kib, 0.0) * kKiB;
    const auto held = rows.number(duration);
    if (held && *held * 1e-6 < DeviceMemory::kShortLivedSeconds) ++memory.short_lived;
    rows.used();
  }
}

void read_module_memory(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  CardOfRow cards(run, input);
  const auto name = rows.column({"Component"});
  const auto reserved = rows.column({"Total Reserved(MB)", "Total Reserved(KB)"});
  const double unit = rows.column({"Total Reserved(MB)"}) ? kMiB : kKiB;
  const auto device = rows.column({"Device"});
  while (rows.next()) {
    const auto value = rows.needed("Total Reserved", reserved);
    if (!value) continue;
    DeviceMemory& memory = memory_of(cards.of(device_of(rows.text(device))));
    raise(named(memory.module_peaks, rows.text(name), kMaxComponents), value, unit);
    rows.used();
  }
}

void read_npu_memory(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  CardOfRow cards(run, input);
  const auto event = rows.column({"event"});
  const auto total = rows.column({"memory(KB)", "hbm(KB)"});
  const auto device = rows.column({"Device_id"});
  while (rows.next()) {
    const auto value = rows.needed("memory(KB)", total);
    if (!value) continue;
    DeviceMemory& memory = memory_of(cards.of(rows.integer(device)));
    raise(named(memory.components, rows.text(event), kMaxComponents).reserved, value, kKiB);
    rows.used();
  }
}

void read_static_memory(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  const auto size = rows.column({"Size(KB)"});
  while (rows.next()) {
    const auto kib = rows.needed("Size(KB)", size);
    if (!kib) continue;
    memory_of(run.device.card(input.folder)).static_bytes += *kib * kKiB;
    rows.used();
  }
}

}  // namespace ms::profile
