#include <utility>
#include <vector>

#include "profile/kinds.hpp"
#include "profile/service_files.hpp"
#include "profile/service_tables.hpp"

namespace ms::profile {
namespace {

constexpr std::size_t kTables = 18;

template <std::size_t I>
bool recognise_table(const Head& head) {
  return service_tables()[I].recognise(head.header, head.name);
}

template <std::size_t I>
void read_table(Input& input, Run& run, FileReport& report) {
  CsvRows rows(input.bytes, report);
  service_tables()[I].read(rows, run.of(Origin::csv), report);
}

// A row for every table: what differs between the files is in the table of tables.
template <std::size_t... I>
void append_tables(std::vector<Kind>& kinds, std::index_sequence<I...>) {
  static std::vector<std::string> names;
  names.reserve(kTables);
  for (const ServiceTable& table : service_tables()) names.push_back("service." + std::string(table.name));
  (kinds.push_back({names[I], service_tables()[I].doc, recognise_table<I>, read_table<I>}), ...);
}

}  // namespace

std::span<const Kind> service_kinds() {
  static const std::vector<Kind> kinds = [] {
    std::vector<Kind> all = {
        {"service.profiler_db",
         {"database of a parsed profile", "解析后的数据库"},
         is_profiler_db,
         read_profiler_db},
        {"service.raw_db", {"events of one process", "单进程原始事件"}, is_raw_db, read_raw_db},
        {"service.trace",
         {"events for a trace viewer", "trace 视图事件"},
         is_service_trace,
         read_service_trace},
        {"service.events",
         {"events of the first versions", "早期版本事件表"},
         is_event_table,
         read_event_table},
        {"expert.load",
         {"tokens by layer and expert", "各层各专家 token 数"},
         is_expert_load,
         read_expert_load},
        {"expert.placement", {"experts by device", "专家部署"}, is_expert_placement, read_expert_placement},
    };
    append_tables(all, std::make_index_sequence<kTables>());
    all.push_back({"engine.log", {"log of the engine", "推理引擎日志"}, is_engine_log, read_engine_log});
    return all;
  }();
  return kinds;
}

}  // namespace ms::profile
