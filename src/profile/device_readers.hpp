#pragma once

#include "profile/input.hpp"
#include "profile/run.hpp"

/// Readers of what the Ascend PyTorch profiler and msprof write, one for each kind of file. Each adds to the
/// card that the file or its rows belong to.
namespace ms::profile {

/// Names that are kept apart at most: a file of more is a mistake or an attack.
inline constexpr std::size_t kMaxNames = 50'000;

/// What belongs to a name. Names beyond `most` share one entry.
template <class Map>
typename Map::mapped_type& named(Map& map, std::string_view name, std::size_t most = kMaxNames) {
  const auto found = map.find(name);
  if (found != map.end()) return found->second;
  return map[std::string(map.size() < most ? name : "(further names)")];
}

void read_kernel_details(Input& input, Run& run, FileReport& report);
void read_op_summary(Input& input, Run& run, FileReport& report);
void read_task_time(Input& input, Run& run, FileReport& report);

void read_step_trace_time(Input& input, Run& run, FileReport& report);
void read_op_statistic(Input& input, Run& run, FileReport& report);
void read_api_statistic(Input& input, Run& run, FileReport& report);
void read_operator_details(Input& input, Run& run, FileReport& report);
void read_l2_cache(Input& input, Run& run, FileReport& report);

void read_memory_record(Input& input, Run& run, FileReport& report);
void read_operator_memory(Input& input, Run& run, FileReport& report);
void read_module_memory(Input& input, Run& run, FileReport& report);
void read_npu_memory(Input& input, Run& run, FileReport& report);
void read_static_memory(Input& input, Run& run, FileReport& report);

void read_timeline(Input& input, Run& run, FileReport& report);

void read_communication(Input& input, Run& run, FileReport& report);
void read_communication_matrix(Input& input, Run& run, FileReport& report);

void read_profiler_info(Input& input, Run& run, FileReport& report);
void read_profiler_metadata(Input& input, Run& run, FileReport& report);
void read_communication_group(Input& input, Run& run, FileReport& report);

void read_device_database(Input& input, Run& run, FileReport& report);

}  // namespace ms::profile
