#include "profile/device_tasks.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "profile/device_kernels.hpp"

namespace ms::profile {
namespace {

// Types of tasks that run a kernel without being one of core_kind()'s.
constexpr std::array<std::string_view, 6> kKernelTypes = {"other",        "dsa_sqe", "ffts_plus",
                                                          "stars_common", "n/a",     "mix"};
// Names and types of what takes no core, by their begin.
constexpr std::array<std::string_view, 14> kNoKernel = {
    "event",       "notify",       "write", "profiling", "sdma",    "rdma",  "maintenance",
    "placeholder", "place_holder", "model", "stream",    "capture", "label", "reduce_inline"};

template <class Names>
bool begins_with_one_of(std::string_view text, const Names& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return text.starts_with(name); });
}

}  // namespace

TaskKind task_kind(std::string_view type, std::string_view name) {
  if (core_kind(type) != CoreKind::other) return TaskKind::kernel;
  const std::string lower_type = to_lower(type);
  const std::string lower_name = to_lower(name);
  if (lower_type.find("memcpy") != std::string::npos || lower_name.find("memcpy") != std::string::npos ||
      lower_type == "pcie_dma_sqe" || lower_type == "sdma_sqe") {
    return TaskKind::copy;
  }
  if (!begins_with_one_of(lower_type, kKernelTypes)) return TaskKind::other;
  return begins_with_one_of(lower_name, kNoKernel) ? TaskKind::other : TaskKind::kernel;
}

std::string_view copy_kind(std::string_view type) {
  const std::string lower = to_lower(type);
  if (lower.find("pcie") != std::string::npos) return "pcie";
  if (lower.find("sdma") != std::string::npos) return "sdma";
  return "unknown";
}

std::string_view collective_kind(std::string_view name) {
  constexpr std::string_view kPrefix = "hcom_";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  return name.substr(0, name.find_first_of("_@"));
}

bool ends_on_all_together(std::string_view kind) {
  constexpr std::array<std::string_view, 6> kOthers = {"send",      "receive", "batchSendRecv",
                                                       "broadcast", "scatter", "reduce"};
  return std::find(kOthers.begin(), kOthers.end(), kind) == kOthers.end();
}

}  // namespace ms::profile
