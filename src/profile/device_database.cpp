#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "profile/device_readers.hpp"
#include "profile/device_tasks.hpp"
#include "profile/microseconds.hpp"
#include "profile/sqlite_query.hpp"

// ascend_pytorch_profiler_*.db, msprof_*.db and analysis.db. Times are nanoseconds and sizes bytes, but for
// analysis.db, which holds what step_trace_time.csv and communication.json do, in their units.
namespace ms::profile {
namespace {

constexpr double kMicrosecond = 1e-6;
constexpr double kMillisecond = 1e-3;
constexpr double kMegabyte = 1e6;
double seconds_between(std::int64_t start_ns, std::int64_t end_ns) {
  return static_cast<double>(end_ns - start_ns) / 1e9;
}

// Whether both are times since 1970, in this order: their sums and differences then fit.
bool are_times(std::optional<std::int64_t> start_ns, std::optional<std::int64_t> end_ns) {
  return start_ns && end_ns && *start_ns >= 0 && *start_ns <= *end_ns && *end_ns <= kMostNanoseconds;
}

class DatabaseReader {
 public:
  DatabaseReader(Input& input, Run& run, FileReport& report)
      : folder_(input.folder), run_(run), report_(report), file_(input.path) {}

  void read() {
    only_device_ = only_device();
    rank();
    kernels();
    copies();
    host_functions();
    ranges();
    frequency();
    memory();
    steps();
    communication_times();
    communication_links();
    matrix();
    if (report_.records == 0 && report_.bad_records == 0) {
      report_.note(
          {.en = "no table of this database holds a record that is known", .zh = "该数据库中没有已知的记录"});
    }
  }

 private:
  // The card of a device; rows that name none are of the only one there is.
  Card& card(std::optional<std::int64_t> device = std::nullopt) {
    constexpr std::int64_t kMostDevices = 1 << 20;
    if (!device) device = only_device_;
    const bool known = device && *device >= 0 && *device < kMostDevices;
    return run_.device.card(folder_, known ? std::optional(static_cast<int>(*device)) : std::nullopt,
                            CardOrigin::database);
  }

  bool has_column(const char* table, std::string_view column) const {
    const auto columns = file_.columns(table);
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }

  std::optional<std::int64_t> only_device() {
    if (!file_.has_table("TASK")) return std::nullopt;
    QueryRows rows(file_, "SELECT DISTINCT deviceId FROM TASK WHERE deviceId IS NOT NULL LIMIT 2");
    if (!rows.next()) return std::nullopt;
    const auto device = rows.integer(0);
    return rows.next() ? std::nullopt : device;
  }

  // Calls `on_row` for each row, which returns whether it could be used.
  template <class OnRow>
  void each(std::string_view table, const std::string& query, OnRow on_row) {
    if (!file_.has_table(std::string(table))) return;
    QueryRows rows(file_, query);
    std::uint64_t row = 0;
    while (rows.next()) {
      ++row;
      if (on_row(rows)) {
        ++report_.records;
      } else {
        report_.bad_at(fmt::format("{}: {} row {}", report_.path, table, row),
                       "a value that is needed is missing");
      }
    }
    if (!rows.failure().empty()) {
      report_.bad_at(fmt::format("{}: {} row {}", report_.path, table, row + 1), rows.failure());
    }
  }

  void rank() {
    each("RANK_DEVICE_MAP", "SELECT rankId, deviceId FROM RANK_DEVICE_MAP", [&](const QueryRows& row) {
      const auto number = row.integer(0);
      constexpr std::int64_t kMostRanks = 1 << 20;
      if (number && *number >= 0 && *number < kMostRanks)
        card(row.integer(1)).rank = static_cast<int>(*number);
      return number.has_value();
    });
  }

  // Kernels with what COMPUTE_TASK_INFO tells of them, and collectives, in order of their start.
  void kernels() {
    if (!file_.has_table("TASK") || !file_.has_table("COMPUTE_TASK_INFO")) return;
    const std::string_view block = has_column("COMPUTE_TASK_INFO", "blockNum") ? "blockNum" : "blockDim";
    std::string query = fmt::format(
        "SELECT t.startNs, t.endNs, t.deviceId, t.streamId, n.value, y.value, c.value, i.{} FROM TASK t"
        " JOIN COMPUTE_TASK_INFO i ON i.globalTaskId = t.globalTaskId LEFT JOIN STRING_IDS n ON n.id = i.name"
        " LEFT JOIN STRING_IDS y ON y.id = i.opType LEFT JOIN STRING_IDS c ON c.id = i.taskType",
        block);
    if (file_.has_table("COMMUNICATION_OP")) {
      const std::string_view device = has_column("COMMUNICATION_OP", "deviceId") ? "o.deviceId" : "NULL";
      query += fmt::format(
          " UNION ALL SELECT o.startNs, o.endNs, {}, NULL, n.value, 'N/A', 'HCCL', NULL FROM "
          "COMMUNICATION_OP o"
          " LEFT JOIN STRING_IDS n ON n.id = o.opName",
          device);
    }
    each("TASK", query + " ORDER BY 1", [&](const QueryRows& row) {
      const auto start_ns = row.integer(0);
      const auto end_ns = row.integer(1);
      if (!are_times(start_ns, end_ns)) return false;
      const std::string_view type = row.text(5);
      const std::string_view name = row.text(4);
      const bool typed = !type.empty() && type != "N/A";
      Kernel kernel;
      kernel.core = row.text(6);
      kernel.type = typed ? type : kernel.core == "HCCL" ? collective_kind(name) : name;
      kernel.stream = row.text(3);
      kernel.start_ns = start_ns;
      kernel.duration_ns = *end_ns - *start_ns;
      kernel.block_dim = row.integer(7);
      auto& place = card(row.integer(2)).kernels[static_cast<std::size_t>(KernelSource::database)];
      (place ? *place : place.emplace()).add(kernel);
      return true;
    });
  }

  void copies() {
    const bool sized = file_.has_table("MEMCPY_INFO") && file_.has_table("ENUM_MEMCPY_OPERATION");
    const std::string query = std::string("SELECT t.startNs, t.endNs, t.deviceId, s.value, ") +
                              (sized ? "m.size, e.name" : "NULL, NULL") +
                              " FROM TASK t JOIN STRING_IDS s ON s.id = t.taskType" +
                              (sized ? " LEFT JOIN MEMCPY_INFO m ON m.globalTaskId = t.globalTaskId"
                                       " LEFT JOIN ENUM_MEMCPY_OPERATION e ON e.id = m.memcpyOperation"
                                     : "") +
                              " WHERE s.value LIKE '%MEMCPY%' OR s.value IN ('PCIE_DMA_SQE', 'SDMA_SQE')";
    each("TASK", query, [&](const QueryRows& row) {
      const auto start_ns = row.integer(0);
      const auto end_ns = row.integer(1);
      if (!are_times(start_ns, end_ns)) return false;
      const std::string_view operation = row.text(5);
      CopySum& sum =
          named(card(row.integer(2)).copies, operation.empty() ? copy_kind(row.text(3)) : operation);
      sum.time.add(seconds_between(*start_ns, *end_ns));
      sum.bytes += row.number(4).value_or(0);
      return true;
    });
  }

  void host_functions() {
    each("CANN_API",
         "SELECT s.value, e.name, count(*), sum(endNs - startNs), max(endNs - startNs) FROM CANN_API a"
         " LEFT JOIN STRING_IDS s ON s.id = a.name LEFT JOIN ENUM_API_TYPE e ON e.id = a.type GROUP BY 1, 2",
         [&](const QueryRows& row) {
           const auto count = row.integer(2);
           const auto total_ns = row.number(3);
           if (!count || !total_ns) return false;
           ApiTime& api = named(card().api, row.text(0));
           api.level = row.text(1);
           api.time.count += static_cast<std::uint64_t>(*count);
           api.time.seconds += *total_ns / 1e9;
           api.time.max_seconds = std::max(api.time.max_seconds, row.number(4).value_or(0) / 1e9);
           return true;
         });
  }

  Timeline& timeline() {
    Card& place = card();
    return place.timeline ? *place.timeline : place.timeline.emplace();
  }

  void ranges() {
    each("MSTX_EVENTS",
         "SELECT s.value, startNs, endNs FROM MSTX_EVENTS m LEFT JOIN STRING_IDS s ON s.id = m.message",
         [&](const QueryRows& row) {
           const auto start_ns = row.integer(1);
           const auto end_ns = row.integer(2) ? row.integer(2) : start_ns;  // a mark has no end
           if (!are_times(start_ns, end_ns)) return false;
           named(timeline().ranges, row.text(0)).add(seconds_between(*start_ns, *end_ns));
           return true;
         });
    each("GC_RECORD", "SELECT startNs, endNs FROM GC_RECORD", [&](const QueryRows& row) {
      const auto start_ns = row.integer(0);
      const auto end_ns = row.integer(1);
      if (!are_times(start_ns, end_ns)) return false;
      timeline().garbage_collection.add(seconds_between(*start_ns, *end_ns));
      return true;
    });
  }

  void frequency() {
    each("AICORE_FREQ", "SELECT min(freq), max(freq) FROM AICORE_FREQ", [&](const QueryRows& row) {
      if (!row.number(0)) return true;  // an empty table
      timeline().min_frequency_mhz = row.number(0);
      timeline().max_frequency_mhz = row.number(1);
      return true;
    });
  }

  DeviceMemory& memory_of(Card& place) { return place.memory ? *place.memory : place.memory.emplace(); }

  void memory() {
    each("MEMORY_RECORD",
         "SELECT s.value, deviceId, max(totalAllocated), max(totalReserved), max(totalActive) FROM "
         "MEMORY_RECORD r"
         " LEFT JOIN STRING_IDS s ON s.id = r.component GROUP BY 1, 2",
         [&](const QueryRows& row) {
           auto& peak = named(memory_of(card(row.integer(1))).components, row.text(0));
           peak.allocated = std::max(peak.allocated, row.number(2).value_or(0));
           peak.reserved = std::max(peak.reserved, row.number(3).value_or(0));
           peak.active = std::max(peak.active, row.number(4).value_or(0));
           return true;
         });
    each("OP_MEMORY",
         fmt::format(
             "SELECT deviceId, count(*), sum(max(size, 0)), sum(duration IS NOT NULL AND duration < {}) FROM"
             " OP_MEMORY GROUP BY 1",
             DeviceMemory::kShortLivedSeconds * 1e9),
         [&](const QueryRows& row) {
           DeviceMemory& sum = memory_of(card(row.integer(0)));
           sum.allocations += static_cast<std::uint64_t>(row.integer(1).value_or(0));
           sum.allocated_bytes += row.number(2).value_or(0);
           sum.short_lived += static_cast<std::uint64_t>(row.integer(3).value_or(0));
           return true;
         });
    each("NPU_MODULE_MEM",
         "SELECT e.name, deviceId, max(totalReserved) FROM NPU_MODULE_MEM m LEFT JOIN ENUM_MODULE e ON e.id ="
         " m.moduleId GROUP BY 1, 2",
         [&](const QueryRows& row) {
           double& peak = named(memory_of(card(row.integer(1))).module_peaks, row.text(0));
           peak = std::max(peak, row.number(2).value_or(0));
           return true;
         });
  }

  void steps() {
    const std::string_view device = has_column("StepTraceTime", "deviceId") ? "deviceId" : "NULL";
    each("StepTraceTime",
         fmt::format(
             "SELECT step, computing, communication, communication_not_overlapped, overlapped, free, bubble,"
             " preparing, {} FROM StepTraceTime",
             device),
         [&](const QueryRows& row) {
           if (!row.number(1) || !row.number(3) || !row.number(5)) return false;
           const auto seconds = [&](int column) { return row.number(column).value_or(0) * kMicrosecond; };
           card(row.integer(8))
               .steps.push_back({.step = std::string(row.text(0)),
                                 .computing = seconds(1),
                                 .communication = seconds(2),
                                 .exposed_communication = seconds(3),
                                 .overlapped = seconds(4),
                                 .free = seconds(5),
                                 .bubble = seconds(6),
                                 .preparing = seconds(7)});
           return true;
         });
  }

  Communication& communication() {
    Card& place = card();
    return place.communication ? *place.communication : place.communication.emplace();
  }

  void communication_times() {
    each("CommAnalyzerTime",
         "SELECT hccl_op_name, elapse_time, transit_time, wait_time, synchronization_time, idle_time, step "
         "FROM"
         " CommAnalyzerTime WHERE hccl_op_name <> 'Total Op Info'",
         [&](const QueryRows& row) {
           const auto elapsed = row.number(1);
           if (!elapsed) return false;
           const auto seconds = [&](int column) { return row.number(column).value_or(0) * kMillisecond; };
           communication().add(row.text(6), row.text(0), *elapsed * kMillisecond);
           communication().transit_seconds += seconds(2);
           communication().wait_seconds += seconds(3);
           communication().synchronization_seconds += seconds(4);
           communication().idle_seconds += seconds(5);
           return true;
         });
  }

  // A row for each size of packets; size and time of the operation stand in each of its rows.
  void communication_links() {
    each("CommAnalyzerBandwidth",
         "SELECT transport_type, package_size, sum(count), sum(total_duration) FROM CommAnalyzerBandwidth "
         "WHERE"
         " hccl_op_name <> 'Total Op Info' AND package_size IS NOT NULL GROUP BY 1, 2",
         [&](const QueryRows& row) {
           const double count = row.number(2).value_or(0);
           constexpr double kMostPackets = 1e15;
           if (count < 0 || count > kMostPackets) return false;
           PacketSize& packet =
               named(communication().links, row.text(0)).packets[row.number(1).value_or(0) * kMegabyte];
           packet.count += static_cast<std::uint64_t>(count);
           packet.seconds += row.number(3).value_or(0) * kMillisecond;
           return true;
         });
    each("CommAnalyzerBandwidth",
         "SELECT transport_type, sum(size), sum(time), max(time) FROM (SELECT transport_type, "
         "max(transit_size) AS"
         " size, max(transit_time) AS time FROM CommAnalyzerBandwidth WHERE hccl_op_name <> 'Total Op Info' "
         "GROUP BY"
         " transport_type, hccl_op_name, group_name, step, type) GROUP BY 1",
         [&](const QueryRows& row) {
           LinkKind& link = named(communication().links, row.text(0));
           link.bytes += row.number(1).value_or(0) * kMegabyte;
           link.seconds += row.number(2).value_or(0) * kMillisecond;
           link.max_seconds = std::max(link.max_seconds, row.number(3).value_or(0) * kMillisecond);
           return true;
         });
  }

  void matrix() {
    each("CommAnalyzerMatrix",
         "SELECT src_rank, dst_rank, transport_type, sum(transit_size), sum(transit_time) FROM "
         "CommAnalyzerMatrix"
         " WHERE hccl_op_name <> 'Total Op Info' AND hccl_op_name NOT GLOB '*-top[0-9]*' AND hccl_op_name "
         "NOT GLOB"
         " '*-bottom[0-9]*' AND hccl_op_name NOT GLOB '*-middle*' GROUP BY 1, 2, 3",
         [&](const QueryRows& row) {
           LinkTraffic& sum = card().links[{.source = std::string(row.text(0)),
                                            .destination = std::string(row.text(1)),
                                            .transport = std::string(row.text(2))}];
           sum.bytes += row.number(3).value_or(0) * kMegabyte;
           sum.seconds += row.number(4).value_or(0) * kMillisecond;
           return true;
         });
  }

  std::string folder_;
  Run& run_;
  FileReport& report_;
  Database file_;
  std::optional<std::int64_t> only_device_;
};

}  // namespace

void read_device_database(Input& input, Run& run, FileReport& report) {
  DatabaseReader(input, run, report).read();
}

}  // namespace ms::profile
