#include <algorithm>
#include <array>

#include "cel/cpu_list.hpp"
#include "report/binding.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msadvisor.binding/1";
constexpr std::array<std::string_view, 6> kRoleNames = {"unusable", "unassigned", "os",
                                                        "irq",      "worker",     "service"};
constexpr std::array<std::string_view, 3> kVerdictNames = {"experiment", "worthwhile", "not_advised"};

OrderedJson texts(const std::vector<Text>& lines, Lang lang) {
  OrderedJson list = OrderedJson::array();
  for (const Text& line : lines) list.push_back(line.in(lang));
  return list;
}

// The CPUs of a node by what they are for.
OrderedJson node_json(const BindNodePlan& node) {
  OrderedJson json = {{"id", node.id}, {"cores", node.cores.size()}};
  for (std::size_t role = 0; role < kRoleNames.size(); ++role) {
    CpuList cpus;
    for (const BindCore& core : node.cores) {
      if (static_cast<std::size_t>(core.role) == role)
        cpus.insert(cpus.end(), core.cpus.begin(), core.cpus.end());
    }
    json[std::string(kRoleNames[role])] = cel::format_cpu_list(cpus);
  }
  return json;
}

template <class T>
OrderedJson or_null(const std::optional<T>& value) {
  return value ? OrderedJson(*value) : OrderedJson();
}

}  // namespace

OrderedJson binding_json(const BindReport& report, Lang lang) {
  OrderedJson nodes = OrderedJson::array();
  for (const BindNodePlan& node : report.plan.nodes) nodes.push_back(node_json(node));
  OrderedJson services = OrderedJson::array();
  for (const BindService& service : report.plan.services) {
    services.push_back({{"instance", service.instance},
                        {"node", service.node},
                        {"cpus", cel::format_cpu_list(service.cpus)}});
  }
  OrderedJson workers = OrderedJson::array();
  for (const BindWorker& worker : report.plan.workers) {
    workers.push_back({{"npu", worker.npu.id},
                       {"instance", worker.instance},
                       {"node", worker.node},
                       {"cpus", cel::format_cpu_list(worker.cpus)},
                       {"irq_cpus", cel::format_cpu_list(worker.irq_cpus)},
                       {"near_nodes", worker.npu.nodes},
                       {"near_source", worker.npu.near_source},
                       {"bus_id", worker.npu.bus_id}});
  }
  OrderedJson binders = OrderedJson::array();
  for (const Binder& binder : report.binders) {
    binders.push_back({{"name", binder.name}, {"active", binder.active}, {"state", binder.state.in(lang)}});
  }
  const auto active = std::count_if(report.binders.begin(), report.binders.end(),
                                    [](const Binder& binder) { return binder.active; });
  OrderedJson alternatives = OrderedJson::array();
  for (const BindAlternative& way : report.alternatives) {
    alternatives.push_back({{"name", way.name},
                            {"available", way.available},
                            {"note", way.note.in(lang)},
                            {"lines", way.lines}});
  }
  const bool none = !report.plan.problem.en.empty();
  OrderedJson json = {{"schema", kSchema},
                      {"host", report.host.empty() ? OrderedJson() : OrderedJson(report.host)},
                      {"verdict", kVerdictNames[static_cast<std::size_t>(report.verdict)]},
                      {"free_percent", or_null(report.free_percent)},
                      {"problem", none ? OrderedJson(report.plan.problem.in(lang)) : OrderedJson()},
                      {"os_cpus", cel::format_cpu_list(report.plan.os_cpus)}};
  json["nodes"] = std::move(nodes);
  json["services"] = std::move(services);
  json["workers"] = std::move(workers);
  json["binders"] = std::move(binders);
  json["conflict"] = active > 1;
  json["irqbalance_running"] = or_null(report.irqbalance_running);
  json["alternatives"] = std::move(alternatives);
  json["warnings"] = texts(report.plan.warnings, lang);
  json["assumptions"] = texts(report.plan.assumptions, lang);
  json["exit"] = {{"status", none ? 3 : 0}};
  return json;
}

}  // namespace ms
