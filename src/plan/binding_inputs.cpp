#include "plan/binding_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "cel/cpu_list.hpp"
#include "cel/version.hpp"

namespace ms {
namespace {

constexpr const char* kBindsByDefaultSince = "0.18.0rc1";  // vLLM-Ascend, on Arm
constexpr const char* kVllmOff = R"(# with --additional-config '{"enable_cpu_binding": false}')";
constexpr const char* kBindsSince = "0.11.0";

const Json* known(const FactDocument& facts, std::string_view path) {
  const Json* value = facts.find(path);
  return value == nullptr || absent_reason(*value) ? nullptr : value;
}

std::optional<std::string> text_of(const FactDocument& facts, std::string_view path) {
  const Json* value = known(facts, path);
  return value != nullptr && value->is_string() ? std::optional(value->get<std::string>()) : std::nullopt;
}

std::optional<std::int64_t> int_of(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>())
                                                             : std::nullopt;
}

std::optional<CpuList> cpus_of(const Json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return cel::parse_cpu_list(found->get<std::string>());
}

CpuList without(const CpuList& cpus, const CpuList& other) {
  CpuList left;
  std::set_difference(cpus.begin(), cpus.end(), other.begin(), other.end(), std::back_inserter(left));
  return left;
}

std::string lowered_bus_id(const Json& device) {
  const auto found = device.find("bus_id");
  return found != device.end() && found->is_string() ? to_lower(found->get<std::string>()) : "";
}

class InputReader {
 public:
  InputReader(const FactDocument& facts, const BindOptions& options) : facts_(facts), options_(options) {}

  Reading<BindInputs> run() {
    if (const auto problem = read_nodes()) return Absent{*problem};
    read_usable();
    read_cores();
    read_npus();
    inputs_.request.instances = options_.instances;
    inputs_.request.cores_per_worker = options_.cores_per_worker;
    return std::move(inputs_);
  }

 private:
  void assume(std::string en, std::string zh) {
    inputs_.assumptions.push_back({std::move(en), std::move(zh)});
  }
  void warn(std::string en, std::string zh) { inputs_.warnings.push_back({std::move(en), std::move(zh)}); }

  std::optional<std::string> read_nodes() {
    const Json* nodes = facts_.find("cpu.numa_nodes");
    if (nodes == nullptr) return "the facts do not hold cpu.numa_nodes";
    if (const auto reason = absent_reason(*nodes)) return *reason;
    std::map<std::int64_t, std::vector<std::int64_t>> distances;
    if (const Json* rows = known(facts_, "cpu.numa_distances")) {
      for (const Json& row : *rows) {
        const auto node = int_of(row, "node");
        const auto list = row.find("distances");
        if (node && list != row.end() && list->is_array())
          distances[*node] = list->get<std::vector<std::int64_t>>();
      }
    }
    for (const Json& node : *nodes) {
      const auto id = int_of(node, "id");
      auto cpus = cpus_of(node, "cpus");
      if (!id || !cpus) continue;
      all_.insert(all_.end(), cpus->begin(), cpus->end());
      inputs_.request.nodes.push_back({.id = *id, .cpus = std::move(*cpus), .distances = distances[*id]});
    }
    std::sort(all_.begin(), all_.end());
    if (all_.empty()) return "cpu.numa_nodes holds no CPU";
    return std::nullopt;
  }

  void read_usable() {
    CpuList usable = all_;
    const auto allowed_text = text_of(facts_, "limits.cpus_allowed");
    const auto allowed = allowed_text ? cel::parse_cpu_list(*allowed_text) : std::nullopt;
    if (allowed) {
      const CpuList outside = without(all_, *allowed);
      if (!outside.empty()) {
        const std::string list = cel::format_cpu_list(outside);
        warn(fmt::format("CPUs {} are outside of the cpuset or affinity of this process and are left out",
                         list),
             fmt::format("CPU {} 不在本进程的 cpuset 或亲和范围内，不参与规划", list));
        usable = without(usable, outside);
      }
    } else {
      assume("which CPUs are allowed is not known: all of them are taken",
             "允许使用的 CPU 未知：按全部可用处理");
    }
    const auto isolated_text = text_of(facts_, "cpu.isolated");
    const auto isolated = isolated_text ? cel::parse_cpu_list(*isolated_text) : std::nullopt;
    if (isolated && !isolated->empty()) {
      warn(fmt::format(
               "CPUs {} are isolated (isolcpus): the scheduler does not spread threads over them, so they "
               "are left out",
               cel::format_cpu_list(*isolated)),
           fmt::format("CPU {} 已隔离（isolcpus）：调度器不会在其间均衡线程，不参与规划",
                       cel::format_cpu_list(*isolated)));
      usable = without(usable, *isolated);
    }
    const Json* limited = known(facts_, "limits.cpu_limited");
    const Json* cores = known(facts_, "limits.cpu_cores");
    if (limited != nullptr && *limited == true && cores != nullptr && cores->is_number() &&
        cores->get<double>() < static_cast<double>(usable.size())) {
      warn(fmt::format(
               "a CPU quota of {:g} cores holds for this process: it stops threads however they are bound",
               cores->get<double>()),
           fmt::format("本进程受 {:g} 核的 CPU 配额限制：无论如何绑核，配额都会使线程暂停",
                       cores->get<double>()));
    }
    inputs_.request.usable = std::move(usable);
  }

  void read_cores() {
    if (const Json* siblings = known(facts_, "cpu.thread_siblings")) {
      for (const Json& core : *siblings) {
        const auto cpus = core.is_string() ? cel::parse_cpu_list(core.get<std::string>()) : std::nullopt;
        if (cpus) inputs_.request.shared_cores.push_back(*cpus);
      }
      return;
    }
    const Json* threads = known(facts_, "cpu.threads_per_core");
    const Json* smt = known(facts_, "cpu.smt_active");
    if (threads != nullptr ? *threads == 1 : smt != nullptr && *smt == false) return;
    if (threads == nullptr && smt == nullptr) {
      assume("whether CPUs share cores is not known: every CPU is taken for a core",
             "是否存在 SMT 未知：每个 CPU 按一个物理核处理");
      return;
    }
    assume_siblings();
  }

  // The kernel numbers the second threads of a node's cores behind all first ones (x86), so that its list has
  // two ranges of one length, or beside them (Kunpeng).
  void assume_siblings() {
    assume(
        "which CPUs share a core is not known: two threads a core are taken, as such processors are numbered",
        "哪些 CPU 共享物理核未知：按常见编号方式假定每核两个线程");
    for (const BindNode& node : inputs_.request.nodes) {
      const std::size_t half = node.cpus.size() / 2;
      if (half == 0 || node.cpus.size() % 2 != 0) continue;
      const bool two_ranges = node.cpus[half] != node.cpus[half - 1] + 1;
      for (std::size_t i = 0; i < half; ++i) {
        inputs_.request.shared_cores.push_back(two_ranges ? CpuList{node.cpus[i], node.cpus[half + i]}
                                                          : CpuList{node.cpus[2 * i], node.cpus[2 * i + 1]});
      }
    }
  }

  std::vector<std::int64_t> nodes_of(const CpuList& cpus) const {
    std::vector<std::int64_t> nodes;
    for (const BindNode& node : inputs_.request.nodes) {
      const bool shares = std::any_of(cpus.begin(), cpus.end(), [&](std::int64_t cpu) {
        return std::binary_search(node.cpus.begin(), node.cpus.end(), cpu);
      });
      if (shares) nodes.push_back(node.id);
    }
    return nodes;
  }

  // By npu-smi's table, else by the PCI bus.
  void read_npus() {
    std::map<std::int64_t, BindNpu> found;
    if (const Json* devices = known(facts_, "npu.devices")) {
      for (const Json& device : *devices) {
        const auto id = int_of(device, "phy_id") ? int_of(device, "phy_id") : int_of(device, "id");
        if (!id) continue;
        BindNpu npu{.id = *id, .nodes = {}, .bus_id = lowered_bus_id(device), .near_source = ""};
        if (const auto node = int_of(device, "numa_node"); node && *node >= 0) {
          npu.nodes = {*node};
          npu.near_source = "PCI";
        }
        found.emplace(*id, std::move(npu));
      }
    } else if (const Json* pci = known(facts_, "npu.pci_devices"); pci != nullptr && !pci->empty()) {
      take_pci(*pci, found);
    }
    if (const Json* rows = known(facts_, "npu.cpu_affinity")) {
      for (const Json& row : *rows) {
        const auto id = int_of(row, "npu");
        const auto cpus = cpus_of(row, "cpus");
        if (!id || !cpus) continue;
        BindNpu& npu =
            found.try_emplace(*id, BindNpu{.id = *id, .nodes = {}, .bus_id = "", .near_source = ""})
                .first->second;
        if (auto nodes = nodes_of(*cpus); !nodes.empty()) {
          npu.nodes = std::move(nodes);
          npu.near_source = "npu-smi info -t topo";
        }
      }
    }
    if (options_.npus.empty()) {
      for (auto& [id, npu] : found) inputs_.request.npus.push_back(std::move(npu));
      return;
    }
    for (const std::int64_t id : options_.npus) {
      const auto npu = found.find(id);
      inputs_.request.npus.push_back(
          npu != found.end() ? npu->second : BindNpu{.id = id, .nodes = {}, .bus_id = "", .near_source = ""});
    }
  }

  void take_pci(const Json& pci, std::map<std::int64_t, BindNpu>& found) {
    assume(
        "npu-smi gave no NPUs: those of the PCI bus are numbered in its order, which boards do not always "
        "keep",
        "npu-smi 未给出 NPU：按 PCI 总线顺序编号，但有的单板顺序不同");
    std::int64_t id = 0;
    for (const Json& device : pci) {
      BindNpu npu{.id = id, .nodes = {}, .bus_id = lowered_bus_id(device), .near_source = ""};
      if (const auto node = int_of(device, "numa_node"); node && *node >= 0) {
        npu.nodes = {*node};
        npu.near_source = "PCI";
      }
      found.emplace(id++, std::move(npu));
    }
  }

  const FactDocument& facts_;
  const BindOptions& options_;
  BindInputs inputs_;
  CpuList all_;
};

bool at_least(const std::string& version, const char* least) {
  return cel::is_version(version) && cel::compare_versions(version, least) != std::strong_ordering::less;
}

std::optional<std::string> package(const FactDocument& facts, const char* name) {
  return text_of(facts, fmt::format("ascend.python_packages.{}", name));
}

Binder torch_npu_binder(const FactDocument& facts) {
  const auto value = text_of(facts, "env.CPU_AFFINITY_CONF");
  if (!value)
    return {.name = "torch_npu",
            .state = {"CPU_AFFINITY_CONF is not set: off", "未设置 CPU_AFFINITY_CONF：关闭"},
            .active = false,
            .turn_off = "unset CPU_AFFINITY_CONF"};
  const std::string_view mode = trim(std::string_view(*value).substr(0, value->find(',')));
  const bool off = mode == "0" || mode == "mode:0" || mode.empty();
  return {.name = "torch_npu",
          .state = {fmt::format("CPU_AFFINITY_CONF={}: {}", *value, off ? "off" : "on"),
                    fmt::format("CPU_AFFINITY_CONF={}：{}", *value, off ? "关闭" : "开启")},
          .active = !off,
          .turn_off = "unset CPU_AFFINITY_CONF"};
}

Binder mindie_binder(const FactDocument& facts) {
  const Json* installed = known(facts, "ascend.mindie.installed");
  const auto value = text_of(facts, "env.BIND_CPU");
  if (installed == nullptr || *installed != true) {
    return {.name = "MindIE",
            .state = {"not installed here", "此处未安装"},
            .active = false,
            .turn_off = "export BIND_CPU=0"};
  }
  if (!value)
    return {.name = "MindIE",
            .state = {"BIND_CPU is not set: on, its default", "未设置 BIND_CPU：默认开启"},
            .active = true,
            .turn_off = "export BIND_CPU=0"};
  return {.name = "MindIE",
          .state = {fmt::format("BIND_CPU={}", *value), fmt::format("BIND_CPU={}", *value)},
          .active = *value == "1",
          .turn_off = "export BIND_CPU=0"};
}

Binder vllm_binder(const FactDocument& facts) {
  const auto version = package(facts, "vllm_ascend");
  const auto arch = text_of(facts, "host.arch");
  if (!version)
    return {.name = "vLLM-Ascend",
            .state = {"not installed here", "此处未安装"},
            .active = false,
            .turn_off = kVllmOff};
  if (arch && *arch != "aarch64") {
    return {.name = "vLLM-Ascend",
            .state = {fmt::format("{} on {}: it binds on Arm only", *version, *arch),
                      fmt::format("{}，架构 {}：仅在 Arm 上绑核", *version, *arch)},
            .active = false,
            .turn_off = kVllmOff};
  }
  const bool on = at_least(*version, kBindsByDefaultSince);
  return {.name = "vLLM-Ascend",
          .state = {fmt::format("{}: enable_cpu_binding is {} unless additional_config says otherwise",
                                *version, on ? "on" : "off"),
                    fmt::format("{}：未在 additional_config 中指定时 enable_cpu_binding 为{}", *version,
                                on ? "开启" : "关闭")},
          .active = on,
          .turn_off = kVllmOff};
}

// "2-11", or nothing where the CPUs are not one range.
std::optional<std::string> one_range(const CpuList& cpus) {
  if (cpus.empty() || cpus.back() - cpus.front() + 1 != static_cast<std::int64_t>(cpus.size()))
    return std::nullopt;
  return fmt::format("{}-{}", cpus.front(), cpus.back());
}

BindAlternative by_hand(const BindPlan& plan) {
  BindAlternative way{
      .name = "taskset",
      .available = true,
      .note = {"children start with the CPUs of the service, so workers are moved once they run; "
               "PID is what npu-smi info shows on the NPU",
               "子进程会继承服务的 CPU 范围，worker 运行后再逐个调整；PID 见 npu-smi info 中该 NPU 的进程"},
      .lines = {}};
  for (const BindService& service : plan.services) {
    way.lines.push_back(fmt::format(
        "numactl --physcpubind={} --preferred={} SERVICE{}", cel::format_cpu_list(service.cpus), service.node,
        plan.services.size() > 1 ? fmt::format("  # instance {}", service.instance) : ""));
  }
  for (const BindWorker& worker : plan.workers) {
    way.lines.push_back(fmt::format("taskset -acp {} PID  # worker of NPU {}",
                                    cel::format_cpu_list(worker.cpus), worker.npu.id));
  }
  return way;
}

BindAlternative by_torch_npu(const BindPlan& plan) {
  BindAlternative way{
      .name = "torch_npu",
      .available = true,
      .note = {"sets workers only, and does nothing in a process whose affinity is set already",
               "仅绑定 worker；若进程已有亲和设置则不生效"},
      .lines = {}};
  std::string value = "1";
  for (const BindWorker& worker : plan.workers) {
    const auto range = one_range(worker.cpus);
    if (!range) {
      way.available = false;
      way.note = {fmt::format("CPU_AFFINITY_CONF takes one range for an NPU, and those of NPU {} are {}",
                              worker.npu.id, cel::format_cpu_list(worker.cpus)),
                  fmt::format("CPU_AFFINITY_CONF 每个 NPU 只能写一个连续区间，而 NPU {} 为 {}", worker.npu.id,
                              cel::format_cpu_list(worker.cpus))};
      return way;
    }
    value += fmt::format(",npu{}:{}", worker.npu.id, *range);
  }
  way.lines = {fmt::format("export CPU_AFFINITY_CONF={}", value)};
  return way;
}

BindAlternative by_vllm(const FactDocument& facts) {
  BindAlternative way{.name = "vLLM-Ascend", .available = true, .note = {}, .lines = {}};
  const auto arch = text_of(facts, "host.arch");
  const auto version = package(facts, "vllm_ascend");
  if (arch && *arch != "aarch64") {
    way.available = false;
    way.note = {fmt::format("it binds on Arm only, and this is {}", *arch),
                fmt::format("仅支持 Arm，而本机为 {}", *arch)};
    return way;
  }
  if (version && !at_least(*version, kBindsSince)) {
    way.available = false;
    way.note = {fmt::format("{} has no such switch; {} has", *version, kBindsSince),
                fmt::format("{} 没有该开关；{} 起提供", *version, kBindsSince)};
    return way;
  }
  way.note = {
      fmt::format("chooses CPUs itself, and moves memory and interrupts too; on by default from {} on",
                  kBindsByDefaultSince),
      fmt::format("自行选择 CPU，并迁移内存与中断；{} 起默认开启", kBindsByDefaultSince)};
  way.lines = {R"(vllm serve MODEL --additional-config '{"enable_cpu_binding": true}')"};
  return way;
}

BindAlternative by_mindie(const BindPlan& plan) {
  std::size_t least = plan.workers.front().cpus.size();
  for (const BindWorker& worker : plan.workers) least = std::min(least, worker.cpus.size());
  return {
      .name = "MindIE",
      .available = true,
      .note =
          {"chooses CPUs of the node of the NPU itself, and overrides taskset: BIND_CPU=0 for any other way",
           "在 NPU 所在节点自行选择 CPU，并会覆盖 taskset：采用其他方式时须设 BIND_CPU=0"},
      .lines = {fmt::format("export BIND_CPU=1 CPU_BINDING_NUM={}", least)}};
}

}  // namespace

const std::set<std::string, std::less<>>& binding_facts() {
  static const std::set<std::string, std::less<>> facts = {"host.name",
                                                           "host.arch",
                                                           "host.irqbalance_running",
                                                           "cpu.numa_nodes",
                                                           "cpu.numa_distances",
                                                           "cpu.isolated",
                                                           "cpu.thread_siblings",
                                                           "cpu.threads_per_core",
                                                           "cpu.smt_active",
                                                           "limits.cpus_allowed",
                                                           "limits.cpu_limited",
                                                           "limits.cpu_cores",
                                                           "npu.devices",
                                                           "npu.cpu_affinity",
                                                           "npu.pci_devices",
                                                           "ascend.mindie.installed",
                                                           "ascend.python_packages",
                                                           "env"};
  return facts;
}

Reading<BindInputs> binding_inputs(const FactDocument& facts, const BindOptions& options) {
  return InputReader(facts, options).run();
}

std::vector<Binder> find_binders(const FactDocument& facts) {
  return {torch_npu_binder(facts), mindie_binder(facts), vllm_binder(facts)};
}

std::vector<BindAlternative> binding_alternatives(const BindPlan& plan, const FactDocument& facts) {
  if (plan.workers.empty()) return {};
  std::vector<BindAlternative> ways = {by_hand(plan), by_torch_npu(plan), by_vllm(facts), by_mindie(plan)};
  for (BindAlternative& way : ways) {
    if (!way.available) continue;
    std::vector<std::string> off;
    for (const Binder& binder : find_binders(facts)) {
      if (binder.active && binder.name != way.name) off.push_back(binder.turn_off);
    }
    way.lines.insert(way.lines.begin(), off.begin(), off.end());
  }
  return ways;
}

BindVerdict judge_binding(std::optional<double> free_percent) {
  // Free time of a tenth of the run or more is what profilers call host bound. Source: docs/binding.md.
  constexpr double kHostBoundPercent = 10;
  if (!free_percent) return BindVerdict::experiment;
  return *free_percent >= kHostBoundPercent ? BindVerdict::worthwhile : BindVerdict::not_advised;
}

}  // namespace ms
