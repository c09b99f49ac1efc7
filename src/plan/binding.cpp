#include "plan/binding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "cel/cpu_list.hpp"

namespace ms {
namespace {

// From this many cores on, two are left to the operating system instead of one.
constexpr std::size_t kLargeHostCores = 32;
// Of its cores a worker gives two to interrupts where it has this many, one where it has at least half.
constexpr std::size_t kCoresForTwoIrqs = 6;
// vLLM-Ascend refuses to bind with fewer CPUs for an NPU.
constexpr std::size_t kFewCpus = 5;

bool contains(const CpuList& cpus, std::int64_t cpu) {
  return std::binary_search(cpus.begin(), cpus.end(), cpu);
}

void add(std::vector<Text>& texts, std::string en, std::string zh) {
  texts.push_back({std::move(en), std::move(zh)});
}

// The cores of one node; a core of which not all CPUs may be used is parted into those that may and the rest.
BindNodePlan cores_of(const BindNode& node, const BindRequest& request) {
  std::map<std::int64_t, std::size_t> core_of;
  for (std::size_t i = 0; i < request.shared_cores.size(); ++i) {
    for (const std::int64_t cpu : request.shared_cores[i]) core_of[cpu] = i + 1;
  }
  std::map<std::tuple<std::int64_t, bool>, CpuList> cores;  // CPUs without siblings by their negated number
  for (const std::int64_t cpu : node.cpus) {
    const auto shared = core_of.find(cpu);
    const std::int64_t key = shared == core_of.end() ? -1 - cpu : static_cast<std::int64_t>(shared->second);
    cores[{key, contains(request.usable, cpu)}].push_back(cpu);
  }
  BindNodePlan plan{.id = node.id, .cores = {}};
  for (auto& [key, cpus] : cores) {
    plan.cores.push_back({.cpus = std::move(cpus),
                          .role = std::get<bool>(key) ? BindRole::unassigned : BindRole::unusable,
                          .owner = 0});
  }
  std::sort(plan.cores.begin(), plan.cores.end(),
            [](const BindCore& a, const BindCore& b) { return a.cpus.front() < b.cpus.front(); });
  return plan;
}

class Planner {
 public:
  explicit Planner(const BindRequest& request) : request_(request) {}

  BindPlan run() {
    for (const BindNode& node : request_.nodes) plan_.nodes.push_back(cores_of(node, request_));
    sets_.resize(request_.nodes.size());
    if (total_free() == 0) {
      plan_.problem = {"no CPU may be used: none is both allowed to this process and not isolated",
                       "没有可用的 CPU：本进程允许且未隔离的 CPU 为空"};
      return std::move(plan_);
    }
    reserve_for_os();
    place_npus();
    place_services();
    divide();
    return std::move(plan_);
  }

 private:
  // What is put on a node.
  struct NodeSet {
    std::vector<std::size_t> npus;
    std::vector<int> services;
  };

  std::size_t free_cores(std::size_t node) const {
    const auto& cores = plan_.nodes[node].cores;
    return static_cast<std::size_t>(std::count_if(
        cores.begin(), cores.end(), [](const BindCore& core) { return core.role == BindRole::unassigned; }));
  }

  std::size_t total_free() const {
    std::size_t total = 0;
    for (std::size_t node = 0; node < plan_.nodes.size(); ++node) total += free_cores(node);
    return total;
  }

  // Gives the next free cores of a node a purpose.
  CpuList take(std::size_t node, std::size_t count, BindRole role, std::int64_t owner) {
    CpuList cpus;
    for (BindCore& core : plan_.nodes[node].cores) {
      if (count == 0) break;
      if (core.role != BindRole::unassigned) continue;
      core.role = role;
      core.owner = owner;
      cpus.insert(cpus.end(), core.cpus.begin(), core.cpus.end());
      --count;
    }
    std::sort(cpus.begin(), cpus.end());
    return cpus;
  }

  // The kernel does its own work on the first CPUs.
  void reserve_for_os() {
    std::size_t first = 0;
    std::optional<std::int64_t> lowest;
    for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
      for (const BindCore& core : plan_.nodes[node].cores) {
        if (core.role == BindRole::unassigned && (!lowest || core.cpus.front() < *lowest)) {
          lowest = core.cpus.front();
          first = node;
        }
      }
    }
    plan_.os_cpus = take(first, total_free() > kLargeHostCores ? 2 : 1, BindRole::os, 0);
  }

  std::vector<std::size_t> nodes_with_cores() const {
    std::vector<std::size_t> nodes;
    for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
      if (free_cores(node) > 0) nodes.push_back(node);
    }
    return nodes;
  }

  std::int64_t distance(std::size_t from, std::size_t to) const {
    const auto& distances = request_.nodes[from].distances;
    if (to < distances.size()) return distances[to];
    return std::abs(static_cast<std::int64_t>(from) - static_cast<std::int64_t>(to));
  }

  double npus_per_core(std::size_t node) const {
    return static_cast<double>(sets_[node].npus.size()) / static_cast<double>(free_cores(node));
  }

  void place_npus() {
    const std::vector<std::size_t> nodes = nodes_with_cores();
    if (nodes.empty()) return;
    std::vector<std::int64_t> spread;
    for (std::size_t i = 0; i < request_.npus.size(); ++i) {
      const BindNpu& npu = request_.npus[i];
      std::vector<std::size_t> near;
      for (std::size_t node = 0; node < request_.nodes.size(); ++node) {
        const bool is_near =
            std::find(npu.nodes.begin(), npu.nodes.end(), request_.nodes[node].id) != npu.nodes.end();
        if (is_near) near.push_back(node);
      }
      std::size_t chosen = nodes[i * nodes.size() / request_.npus.size()];
      if (near.empty()) {
        spread.push_back(npu.id);
      } else {
        chosen = *std::min_element(nodes.begin(), nodes.end(), [&](std::size_t a, std::size_t b) {
          return std::tuple(distance_to(near, a), npus_per_core(a)) <
                 std::tuple(distance_to(near, b), npus_per_core(b));
        });
        if (std::find(near.begin(), near.end(), chosen) == near.end()) warn_remote(npu, near.front(), chosen);
      }
      sets_[chosen].npus.push_back(i);
    }
    if (!spread.empty()) {
      const std::string list = cel::format_cpu_list(spread);
      add(plan_.assumptions,
          fmt::format(
              "which node is near is not known of NPU {}: they are spread over the nodes evenly, in order",
              list),
          fmt::format("NPU {} 靠近哪个节点未知：按顺序均匀分布到各节点", list));
    }
  }

  std::int64_t distance_to(const std::vector<std::size_t>& near, std::size_t node) const {
    if (std::find(near.begin(), near.end(), node) != near.end()) return -1;
    std::int64_t least = distance(near.front(), node);
    for (const std::size_t other : near) least = std::min(least, distance(other, node));
    return least;
  }

  void warn_remote(const BindNpu& npu, std::size_t near, std::size_t chosen) {
    add(plan_.warnings,
        fmt::format("NPU {} is near node {}, of which no core may be used; its worker is put on node {}",
                    npu.id, request_.nodes[near].id, request_.nodes[chosen].id),
        fmt::format("NPU {} 靠近节点 {}，但该节点没有可用核；其 worker 放在节点 {}", npu.id,
                    request_.nodes[near].id, request_.nodes[chosen].id));
  }

  int instance_of(std::size_t npu) const {
    return static_cast<int>(npu * static_cast<std::size_t>(request_.instances) / request_.npus.size());
  }

  // The node of the first worker of an instance.
  std::size_t home_of(int instance) const {
    std::size_t home = 0;
    std::size_t first = request_.npus.size();
    for (std::size_t node = 0; node < sets_.size(); ++node) {
      for (const std::size_t npu : sets_[node].npus) {
        if (instance_of(npu) != instance || npu >= first) continue;
        first = npu;
        home = node;
      }
    }
    return home;
  }

  // Nodes without NPUs first, those that serve fewest, then the nearest.
  void place_services() {
    const std::vector<std::size_t> nodes = nodes_with_cores();
    if (nodes.empty()) return;
    for (int instance = 0; instance < request_.instances; ++instance) {
      const std::size_t home = home_of(instance);
      const auto cost = [&](std::size_t node) {
        return std::tuple(sets_[node].npus.empty() ? 0 : 1, sets_[node].services.size(), distance(home, node),
                          node);
      };
      const auto best = std::min_element(nodes.begin(), nodes.end(),
                                         [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
      sets_[*best].services.push_back(instance);
    }
  }

  // A service beside workers has a quarter of the node; where there are no workers, all of it.
  std::size_t service_cores(std::size_t node) const {
    const std::size_t cores = free_cores(node);
    const std::size_t services = sets_[node].services.size();
    if (services == 0) return 0;
    if (sets_[node].npus.empty()) return cores / services;
    return std::max<std::size_t>(1, cores / 4 / services);
  }

  // How many cores each worker on a node has, those of its interrupts included.
  std::size_t worker_cores(std::size_t node) const {
    const std::size_t npus = sets_[node].npus.size();
    const std::size_t taken = service_cores(node) * sets_[node].services.size();
    return npus == 0 || taken > free_cores(node) ? 0 : (free_cores(node) - taken) / npus;
  }

  void divide() {
    std::vector<std::size_t> shares(sets_.size());
    std::optional<std::size_t> least;
    for (std::size_t node = 0; node < sets_.size(); ++node) {
      const bool has_workers = !sets_[node].npus.empty();
      shares[node] = worker_cores(node);
      if ((has_workers && shares[node] == 0) || (!sets_[node].services.empty() && service_cores(node) == 0)) {
        return too_few(node);
      }
      if (has_workers) least = std::min(least.value_or(shares[node]), shares[node]);
    }
    if (!least) {
      plan_.problem = {"no core is left for the workers", "没有剩余的核可分配给 worker"};
      return;
    }
    if (request_.cores_per_worker) {
      const auto wanted = static_cast<std::size_t>(*request_.cores_per_worker);
      if (wanted > *least) {
        throw InputError("--cores-per-worker",
                         fmt::format("{} are more than there are: at most {} with these NPUs and services",
                                     wanted, *least));
      }
      std::fill(shares.begin(), shares.end(), wanted);
    }
    assign(shares);
  }

  void too_few(std::size_t node) {
    const std::int64_t id = request_.nodes[node].id;
    plan_.problem = {
        fmt::format("node {} has too few cores ({}) for its workers ({}) and services ({}) to have some of "
                    "their own; leave placement to the scheduler",
                    id, free_cores(node), sets_[node].npus.size(), sets_[node].services.size()),
        fmt::format(
            "节点 {} 可分配 {} 个核，需放置 {} 个 worker 与 {} 个服务：不足以各自独占，请交由调度器安排", id,
            free_cores(node), sets_[node].npus.size(), sets_[node].services.size())};
  }

  void assign(const std::vector<std::size_t>& shares) {
    plan_.workers.resize(request_.npus.size());
    for (std::size_t node = 0; node < sets_.size(); ++node) {
      const std::size_t each = service_cores(node);
      const std::size_t share = shares[node];
      const std::size_t irqs = share >= kCoresForTwoIrqs ? 2 : share >= kCoresForTwoIrqs / 2 ? 1 : 0;
      for (const std::size_t npu : sets_[node].npus) {
        const std::int64_t id = request_.npus[npu].id;
        BindWorker worker{.npu = request_.npus[npu],
                          .instance = instance_of(npu),
                          .node = request_.nodes[node].id,
                          .cpus = {},
                          .irq_cpus = take(node, irqs, BindRole::irq, id)};
        worker.cpus = take(node, share - irqs, BindRole::worker, id);
        plan_.workers[npu] = std::move(worker);
      }
      for (const int instance : sets_[node].services) {
        plan_.services.push_back({.instance = instance,
                                  .node = request_.nodes[node].id,
                                  .cpus = take(node, each, BindRole::service, instance)});
      }
    }
    std::sort(plan_.services.begin(), plan_.services.end(),
              [](const BindService& a, const BindService& b) { return a.instance < b.instance; });
    say_what_is_short();
  }

  void say_what_is_short() {
    std::size_t least = kFewCpus;
    std::vector<std::int64_t> without_irqs;
    for (const BindWorker& worker : plan_.workers) {
      least = std::min(least, worker.cpus.size() + worker.irq_cpus.size());
      if (worker.irq_cpus.empty()) without_irqs.push_back(worker.npu.id);
    }
    if (!without_irqs.empty()) {
      const std::string list = cel::format_cpu_list(without_irqs);
      add(plan_.warnings,
          fmt::format("too few cores to keep some for the interrupts of NPU {}: they stay where they are",
                      list),
          fmt::format("核数不足，无法为 NPU {} 的中断单独预留：中断保持现状", list));
    }
    if (least < kFewCpus) {
      add(plan_.warnings,
          fmt::format("a worker has {} CPUs; vLLM-Ascend binds from {} an NPU on", least, kFewCpus),
          fmt::format("有 worker 仅有 {} 个 CPU；vLLM-Ascend 要求每个 NPU 至少 {} 个才绑核", least,
                      kFewCpus));
    }
    if (request_.nodes.size() == 1) {
      add(plan_.warnings,
          "there is one NUMA node, so no memory is far away: binding can only keep threads from moving",
          "只有一个 NUMA 节点，不存在远端内存：绑核只能减少线程迁移");
    }
  }

  const BindRequest& request_;
  BindPlan plan_;
  std::vector<NodeSet> sets_;
};

}  // namespace

BindPlan plan_binding(const BindRequest& request) {
  if (request.npus.empty()) {
    BindPlan plan;
    plan.problem = {"no NPU is known here; --npus 0,1 names them",
                    "此处没有已知的 NPU；可用 --npus 0,1 指定"};
    return plan;
  }
  if (request.npus.size() % static_cast<std::size_t>(request.instances) != 0) {
    throw InputError("--instances", fmt::format("{} NPUs cannot be divided among {} instances evenly",
                                                request.npus.size(), request.instances));
  }
  return Planner(request).run();
}

}  // namespace ms
