#include "profile/device_kernels.hpp"

#include <algorithm>

#include "profile/kernel_shapes.hpp"

namespace ms::profile {
namespace {

struct CoreName {
  std::string_view name;
  CoreKind kind;
};
// As kernel_details.csv and op_summary call them, and as the tasks of a database do.
constexpr std::array<CoreName, 14> kCoreNames = {{{"AI_CORE", CoreKind::cube},
                                                  {"MIX_AIC", CoreKind::cube},
                                                  {"KERNEL_AICORE", CoreKind::cube},
                                                  {"AI_VECTOR_CORE", CoreKind::vector},
                                                  {"MIX_AIV", CoreKind::vector},
                                                  {"KERNEL_AIVEC", CoreKind::vector},
                                                  {"AI_CPU", CoreKind::aicpu},
                                                  {"AICPU", CoreKind::aicpu},
                                                  {"KERNEL_AICPU", CoreKind::aicpu},
                                                  {"HCCL", CoreKind::communication},
                                                  {"COMMUNICATION", CoreKind::communication},
                                                  {"HCCL_AI_CPU", CoreKind::communication},
                                                  {"HCCL_AICPU", CoreKind::communication},
                                                  {"AIV_COMMUNICATION", CoreKind::communication}}};

constexpr std::string_view kManyTypes = "(further types)";

double seconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e9;
}

bool is_bound(const Kernel& kernel) {
  return kernel.duration_ns >= KernelStatistics::kBoundTaskNs &&
         std::any_of(kernel.units.begin(), kernel.units.end(),
                     [](const auto& ratio) { return ratio && *ratio >= KernelStatistics::kBoundRatio; });
}

// A unit of the other core is 0 throughout: it says nothing of the kernels of this one.
bool speaks_of(CoreKind core, CoreUnit unit) {
  const bool vector_unit = unit == CoreUnit::vec || unit == CoreUnit::aiv_mte2 || unit == CoreUnit::aiv_mte3;
  return core == (vector_unit ? CoreKind::vector : CoreKind::cube);
}

template <class Map, class Key>
typename Map::mapped_type& at_or_new(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found != map.end() ? found->second : map[typename Map::key_type(key)];
}

// Only matrix products read rows; what else there is goes through its input from end to end.
void add_shapes(const Kernel& kernel, KernelStatistics& statistics) {
  if (kernel.type.find("MatMul") == std::string_view::npos) return;
  const auto input = unaligned_input(kernel.input_shapes, kernel.input_types, kernel.input_formats);
  if (!input) return;
  const double duration = seconds(kernel.duration_ns);
  statistics.matrix_products.add(duration);
  if (input->empty()) return;
  const bool room = statistics.unaligned.size() < KernelStatistics::kMaxTypes;
  statistics.unaligned[room ? *input : std::string("(further shapes)")].add(duration);
}

}  // namespace

CoreKind core_kind(std::string_view core) {
  const auto found = std::find_if(kCoreNames.begin(), kCoreNames.end(),
                                  [&](const CoreName& name) { return name.name == core; });
  return found == kCoreNames.end() ? CoreKind::other : found->kind;
}

void Gaps::add(std::int64_t start_ns, std::int64_t end_ns) {
  if (!begun) {
    begun = true;
    first_ns = last_start_ns = start_ns;
    busy_until_ns = end_ns;
    return;
  }
  if (start_ns < last_start_ns) {
    ++out_of_order;
    first_ns = std::min(first_ns, start_ns);
  } else {
    last_start_ns = start_ns;
    if (start_ns > busy_until_ns) time.add(seconds(start_ns - busy_until_ns));
  }
  busy_until_ns = std::max(busy_until_ns, end_ns);
}

void KernelStatistics::add(const Kernel& kernel) {
  const CoreKind kind = core_kind(kernel.core);
  const double duration = seconds(kernel.duration_ns);
  if (kernel.start_ns) {
    const std::int64_t end_ns = *kernel.start_ns + kernel.duration_ns;
    device.add(*kernel.start_ns, end_ns);
    at_or_new(streams, kernel.stream).add(*kernel.start_ns, end_ns);
  }
  at_or_new(cores, kernel.core).add(duration);
  const auto found = types.find(std::pair{kernel.type, kernel.core});
  if (found != types.end()) {
    found->second.add(duration);
  } else {
    const std::string_view type = types.size() < kMaxTypes ? kernel.type : kManyTypes;
    types[{std::string(type), std::string(kernel.core)}].add(duration);
  }
  chains.add(kernel, kind == CoreKind::vector);
  if (kind == CoreKind::communication) {
    communication.add(duration);
    return;
  }
  compute.add(duration);
  if (kernel.duration_ns < kShortNs) short_kernels.add(duration);
  if (kernel.wait_ns) wait_seconds += seconds(*kernel.wait_ns);
  if (kernel.block_dim) block_dims[{kind, *kernel.block_dim}].add(duration);
  if (!kernel.input_shapes.empty()) add_shapes(kernel, *this);
  if (kind == CoreKind::aicpu) {
    aicpu.add(duration);
    if (kernel.duration_ns > kSlowAicpuNs) slow_aicpu.add(duration);
  }
  if (is_bound(kernel)) bound.add(duration);
  for (std::size_t unit = 0; unit < kCoreUnits; ++unit) {
    if (kernel.units[unit] && speaks_of(kind, static_cast<CoreUnit>(unit))) {
      units[unit].sum += *kernel.units[unit] * duration;
      units[unit].weight += duration;
    }
  }
}

}  // namespace ms::profile
