#include <array>

#include "profile/device_readers.hpp"
#include "profile/kinds.hpp"

namespace ms::profile {
namespace {

bool is_device_timeline(const Head& head) {
  if (head.first_byte() != '[' && !head.has_member("traceEvents")) return false;
  if (!head.has_member("ph")) return false;
  if (head.name.ends_with("trace_view.json") || head.name.starts_with("msprof_")) return true;
  for (const std::string_view word :
       {"\"cpu_op\"", "Ascend Hardware", "AscendCL@", "\"Task Type\"", "\"async_npu\""}) {
    if (head.text.find(word) != std::string::npos) return true;
  }
  return false;
}

bool is_device_database(const Head& head) {
  const bool named = head.name.starts_with("ascend_pytorch_profiler") || head.name.starts_with("analysis.") ||
                     head.name.starts_with("msprof_");
  // One that is damaged or empty is reported, not passed over.
  if (named && head.name.ends_with(".db")) return true;
  if (!head.text.starts_with("SQLite format 3")) return false;
  return named || head.text.find("CREATE TABLE COMPUTE_TASK_INFO") != std::string::npos ||
         head.text.find("CREATE TABLE StepTraceTime") != std::string::npos;
}

}  // namespace

std::span<const Kind> device_kinds() {
  // What has more columns of its own comes before what has fewer.
  static const std::array kTable = {
      Kind{"device.kernel_details",
           {.en = "kernels, one a row", .zh = "算子明细"},
           [](const Head& head) {
             return head.has_columns({"Name", "Accelerator Core", "Duration(us)"});
           },
           read_kernel_details},
      Kind{"device.op_summary",
           {.en = "kernels, one a row (msprof)", .zh = "算子明细（msprof）"},
           [](const Head& head) {
             return head.has_columns({"Op Name", "Task Duration(us)"});
           },
           read_op_summary},
      Kind{"device.task_time",
           {.en = "tasks of the device, one a row", .zh = "设备任务明细"},
           [](const Head& head) {
             return head.has_columns({"kernel_type", "task_time(us)"});
           },
           read_task_time},
      Kind{"device.step_trace_time",
           {.en = "computing, communication and free time of each step", .zh = "每步的计算、通信与空闲时间"},
           [](const Head& head) {
             return head.has_columns({"Computing", "Communication(Not Overlapped)", "Free"});
           },
           read_step_trace_time},
      Kind{"device.op_statistic",
           {.en = "kernels by type", .zh = "按类型汇总的算子"},
           [](const Head& head) {
             return head.has_columns({"OP Type", "Count", "Total Time(us)"});
           },
           read_op_statistic},
      Kind{"device.api_statistic",
           {.en = "functions of CANN by name", .zh = "按名称汇总的 CANN 接口"},
           [](const Head& head) {
             return head.has_columns({"Level", "API Name", "Time(us)", "Count"});
           },
           read_api_statistic},
      Kind{"device.operator_details",
           {.en = "operators of the framework, on host and device", .zh = "框架算子的主机与设备耗时"},
           [](const Head& head) {
             return head.has_columns({"Name", "Host Self Duration(us)"});
           },
           read_operator_details},
      Kind{"device.operator_memory",
           {.en = "allocations of device memory, one a row", .zh = "设备内存申请明细"},
           [](const Head& head) {
             return head.has_columns({"Name", "Size(KB)", "Allocation Time(us)"});
           },
           read_operator_memory},
      Kind{"device.memory_record",
           {.en = "device memory over time", .zh = "设备内存随时间的变化"},
           [](const Head& head) {
             return head.has_columns({"Component", "Total Reserved(MB)", "Device Type"});
           },
           read_memory_record},
      Kind{"device.module_memory",
           {.en = "device memory of components of CANN", .zh = "CANN 组件占用的设备内存"},
           [](const Head& head) {
             return head.has_columns({"Component", "Timestamp(us)"}) &&
                    (head.has_columns({"Total Reserved(MB)"}) || head.has_columns({"Total Reserved(KB)"}));
           },
           read_module_memory},
      Kind{"device.npu_memory",
           {.en = "device memory of the process and the device", .zh = "进程与设备的内存"},
           [](const Head& head) {
             return head.has_columns({"event", "hbm(KB)", "timestamp(us)"});
           },
           read_npu_memory},
      Kind{"device.static_memory",
           {.en = "memory of operators in static graphs", .zh = "静态图算子内存"},
           [](const Head& head) {
             return head.has_columns({"Op Name", "Graph ID", "Size(KB)"});
           },
           read_static_memory},
      Kind{"device.l2_cache",
           {.en = "L2 cache hits by kernel", .zh = "算子的 L2 缓存命中率"},
           [](const Head& head) {
             return head.has_columns({"Stream Id", "Hit Rate", "Op Name"});
           },
           read_l2_cache},
      Kind{"device.timeline",
           {.en = "timeline of host and device", .zh = "主机与设备时间线"},
           is_device_timeline,
           read_timeline},
      Kind{"device.communication",
           {.en = "collectives: time and bandwidth", .zh = "集合通信的耗时与带宽"},
           [](const Head& head) { return head.has_member("Communication Time Info"); },
           read_communication},
      Kind{"device.communication_matrix",
           {.en = "traffic between ranks", .zh = "卡间通信量"},
           [](const Head& head) { return head.has_member("Transport Type"); },
           read_communication_matrix},
      Kind{"device.profiler_info",
           {.en = "settings of the profiler", .zh = "采集配置"},
           [](const Head& head) { return head.has_member("experimental_config"); },
           read_profiler_info},
      Kind{"device.profiler_metadata",
           {.en = "environment of the profiled process", .zh = "被采集进程的环境变量"},
           [](const Head& head) { return head.has_member("ENV_VARIABLES"); },
           read_profiler_metadata},
      Kind{"device.communication_group",
           {.en = "groups of ranks that communicate", .zh = "通信域"},
           [](const Head& head) {
             return head.name.find("communication_group") != std::string::npos &&
                    head.has_member("collective");
           },
           read_communication_group},
      Kind{"device.database",
           {.en = "database of a profiler of devices", .zh = "设备性能数据库"},
           is_device_database,
           read_device_database},
  };
  return kTable;
}

}  // namespace ms::profile
