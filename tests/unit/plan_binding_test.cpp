#include <doctest/doctest.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cel/cpu_list.hpp"
#include "facts/document.hpp"
#include "plan/binding.hpp"
#include "plan/binding_inputs.hpp"
#include "report/binding.hpp"
#include "support/binding_check.hpp"

using namespace ms;

namespace {

CpuList cpus(std::string_view list) {
  return *cel::parse_cpu_list(list);
}

std::string list(const CpuList& numbers) {
  return cel::format_cpu_list(numbers);
}

// Nodes of equally many CPUs, numbered through.
BindRequest host(std::int64_t nodes, std::int64_t cpus_per_node) {
  BindRequest request;
  for (std::int64_t node = 0; node < nodes; ++node) {
    BindNode entry{.id = node, .cpus = {}, .distances = {}};
    for (std::int64_t i = 0; i < cpus_per_node; ++i) entry.cpus.push_back(node * cpus_per_node + i);
    request.usable.insert(request.usable.end(), entry.cpus.begin(), entry.cpus.end());
    request.nodes.push_back(std::move(entry));
  }
  return request;
}

void npus(BindRequest& request, const std::vector<std::vector<std::int64_t>>& nodes) {
  for (const auto& near : nodes) {
    request.npus.push_back({.id = static_cast<std::int64_t>(request.npus.size()),
                            .nodes = near,
                            .bus_id = "",
                            .near_source = "test"});
  }
}

// 4 x Kunpeng 920 of 48 cores with 8 NPUs on the even nodes, as 910B3_8p_topo_msswift.txt has them.
BindRequest kunpeng_192() {
  BindRequest request = host(8, 24);
  npus(request, {{6}, {6}, {4}, {4}, {0}, {0}, {2}, {2}});
  return request;
}

BindPlan checked(const BindRequest& request) {
  const BindPlan plan = plan_binding(request);
  REQUIRE_MESSAGE(plan.problem.en.empty(), plan.problem.en);
  check_plan(request, plan);
  return plan;
}

FactDocument facts_of(const std::string& nodes_of_cpus) {
  FactDocument facts;
  Json nodes = Json::array();
  std::int64_t id = 0;
  for (const std::string_view part : split(nodes_of_cpus, ';')) {
    nodes.push_back({{"id", id++}, {"cpus", std::string(part)}, {"memory_total_bytes", 1}});
  }
  facts.set("cpu.numa_nodes", std::move(nodes), "test");
  facts.set("env", Json::object(), "test");
  return facts;
}

}  // namespace

TEST_CASE(
    "192 cores: two workers share an even node, the service has an odd one, the system the first cores") {
  const BindPlan plan = checked(kunpeng_192());
  CHECK(list(plan.os_cpus) == "0-1");
  // Node 6 has 24 cores for NPU 0 and 1: 12 each, two of them for interrupts.
  CHECK(list(plan.workers[0].irq_cpus) == "144-145");
  CHECK(list(plan.workers[0].cpus) == "146-155");
  CHECK(list(plan.workers[1].irq_cpus) == "156-157");
  CHECK(list(plan.workers[1].cpus) == "158-167");
  // Node 0 has 22 left behind the system's: 11 each.
  CHECK(list(plan.workers[4].irq_cpus) == "2-3");
  CHECK(list(plan.workers[4].cpus) == "4-12");
  CHECK(list(plan.workers[5].irq_cpus) == "13-14");
  CHECK(list(plan.workers[5].cpus) == "15-23");
  // Nodes 5 and 7 are next to node 6, where NPU 0 is.
  REQUIRE(plan.services.size() == 1);
  CHECK(plan.services[0].node == 5);
  CHECK(list(plan.services[0].cpus) == "120-143");
  CHECK(plan.warnings.empty());
  CHECK(plan.assumptions.empty());
}

TEST_CASE("two instances have the NPUs in halves, and a service each near its own") {
  BindRequest request = kunpeng_192();
  request.instances = 2;
  const BindPlan plan = checked(request);
  CHECK(plan.workers[3].instance == 0);
  CHECK(plan.workers[4].instance == 1);
  CHECK(plan.services[0].node == 5);
  CHECK(plan.services[1].node == 1);  // beside node 0, where NPU 4 is
}

TEST_CASE("the distances of the host say which node is next, not the numbers") {
  BindRequest request = host(4, 8);
  npus(request, {{0}, {0}});
  // Node 3 is the neighbour of node 0.
  request.nodes[0].distances = {10, 30, 20, 12};
  CHECK(checked(request).services[0].node == 3);
}

TEST_CASE("16 threads of 8 cores: siblings stay together, the service has a quarter of the only node") {
  BindRequest request = host(1, 16);
  for (std::int64_t core = 0; core < 8; ++core) request.shared_cores.push_back({core, core + 8});
  npus(request, {{0}, {0}});
  const BindPlan plan = checked(request);
  CHECK(list(plan.os_cpus) == "0,8");
  // 7 cores are left: 7 / 4 = 1 for the service, (7 - 1) / 2 = 3 for each worker, one of them for interrupts.
  CHECK(list(plan.workers[0].irq_cpus) == "1,9");
  CHECK(list(plan.workers[0].cpus) == "2-3,10-11");
  CHECK(list(plan.workers[1].irq_cpus) == "4,12");
  CHECK(list(plan.workers[1].cpus) == "5-6,13-14");
  CHECK(list(plan.services[0].cpus) == "7,15");
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].en.starts_with("there is one NUMA node"));
}

TEST_CASE("640 CPUs and 16 NPUs of unknown place: two to a node, said as an assumption") {
  BindRequest request = host(8, 80);
  npus(request, std::vector<std::vector<std::int64_t>>(16));
  const BindPlan plan = checked(request);
  for (std::size_t npu = 0; npu < 16; ++npu)
    CHECK(plan.workers[npu].node == static_cast<std::int64_t>(npu / 2));
  // No node is without NPUs: the service is beside NPU 0 and has (80 - 2) / 4 = 19 cores; NPU 0 and 1 have
  // (78 - 19) / 2 = 29 each, all others 80 / 2 = 40.
  CHECK(plan.services[0].node == 0);
  CHECK(plan.services[0].cpus.size() == 19);
  CHECK(plan.workers[0].cpus.size() + plan.workers[0].irq_cpus.size() == 29);
  CHECK(plan.workers[2].cpus.size() + plan.workers[2].irq_cpus.size() == 40);
  CHECK(plan.workers[15].cpus.size() + plan.workers[15].irq_cpus.size() == 40);
  REQUIRE(plan.assumptions.size() == 1);
  CHECK(plan.assumptions[0].en.find("NPU 0-15") != std::string::npos);
}

TEST_CASE("an NPU near several nodes goes where there is more room") {
  BindRequest request = host(2, 8);
  npus(request, {{0, 1}, {0, 1}});
  const BindPlan plan = checked(request);
  CHECK(plan.workers[0].node == 0);
  CHECK(plan.workers[1].node == 1);  // node 0 has one already
}

TEST_CASE("what a container may not use and what is isolated is nobody's") {
  BindRequest request = kunpeng_192();
  request.usable = cpus("0-3,144-155");
  request.npus.resize(2);
  const BindPlan plan = checked(request);
  CHECK(list(plan.os_cpus) == "0");
  CHECK(plan.workers[0].node == 6);
  CHECK(plan.services[0].node == 0);
  CHECK(list(plan.services[0].cpus) == "1-3");
  CHECK(list(plan.workers[1].cpus) == "152-155");
}

TEST_CASE("an NPU whose node may not be used has its worker on the nearest node, with a warning") {
  BindRequest request = host(4, 8);
  npus(request, {{1}, {3}});
  request.nodes[1].distances = {20, 10, 12, 30};
  request.usable = cpus("0-7,16-31");
  const BindPlan plan = checked(request);
  CHECK(plan.workers[0].node == 2);
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].en.starts_with("NPU 0 is near node 1, of which no core may be used"));
}

TEST_CASE("of a core that may be used in part only that part is given away") {
  BindRequest request = host(1, 16);
  for (std::int64_t core = 0; core < 8; ++core) request.shared_cores.push_back({core, core + 8});
  request.usable = cpus("0-7,8-11");  // the second threads of cores 4 to 7 are another's
  npus(request, {{0}});
  checked(request);
}

TEST_CASE("cores of a worker can be fixed, but not above what there is") {
  BindRequest request = kunpeng_192();
  request.cores_per_worker = 5;
  const BindPlan plan = checked(request);
  CHECK(list(plan.workers[0].irq_cpus) == "144");
  CHECK(list(plan.workers[0].cpus) == "145-148");
  request.cores_per_worker = 12;  // node 0 has 11
  CHECK_THROWS_WITH_AS(
      plan_binding(request),
      "--cores-per-worker: 12 are more than there are: at most 11 with these NPUs and services", InputError);
}

TEST_CASE("what cannot be divided is an error, what is too small has no plan") {
  BindRequest request = kunpeng_192();
  request.instances = 3;
  CHECK_THROWS_WITH_AS(plan_binding(request),
                       "--instances: 8 NPUs cannot be divided among 3 instances evenly", InputError);
  BindRequest small = host(1, 2);
  npus(small, {{0}});
  CHECK(plan_binding(small).problem.en.starts_with("node 0 has too few cores (1)"));
  BindRequest one = host(1, 1);
  npus(one, {{0}});
  CHECK_FALSE(plan_binding(one).problem.en.empty());
  CHECK(plan_binding(host(2, 8)).problem.en.starts_with("no NPU is known here"));
  BindRequest none = kunpeng_192();
  none.usable.clear();
  CHECK(plan_binding(none).problem.en.starts_with("no CPU may be used"));
}

TEST_CASE("the table of npu-smi counts before the PCI bus, and phy_id before id") {
  FactDocument facts = facts_of("0-7;8-15");
  facts.set("npu.devices",
            Json::array({{{"id", 0}, {"phy_id", 4}, {"numa_node", 0}, {"bus_id", "0000:C1:00.0"}},
                         {{"id", 0}, {"phy_id", 5}, {"numa_node", 1}}}),
            "npu-smi info");
  facts.set("npu.cpu_affinity", Json::array({{{"npu", 4}, {"cpus", "8-15"}}}), "npu-smi info -t topo");
  const auto inputs = binding_inputs(facts, {});
  REQUIRE(inputs);
  REQUIRE(inputs->request.npus.size() == 2);
  CHECK(inputs->request.npus[0].id == 4);
  CHECK(inputs->request.npus[0].nodes == std::vector<std::int64_t>{1});
  CHECK(inputs->request.npus[0].bus_id == "0000:c1:00.0");
  CHECK(inputs->request.npus[0].near_source == "npu-smi info -t topo");
  CHECK(inputs->request.npus[1].nodes == std::vector<std::int64_t>{1});
  CHECK(inputs->request.npus[1].near_source == "PCI");
}

TEST_CASE("siblings that are not known are taken as processors number them") {
  FactDocument facts = facts_of("0-3,8-11;4-7,12-15");
  facts.set("cpu.smt_active", Json(true), "lscpu");
  const auto x86 = binding_inputs(facts, {});
  REQUIRE(x86);
  CHECK(x86->request.shared_cores.front() == CpuList{0, 8});
  CHECK(x86->request.shared_cores.back() == CpuList{7, 15});
  FactDocument beside = facts_of("0-7");
  beside.set("cpu.smt_active", Json(true), "lscpu");
  CHECK(binding_inputs(beside, {})->request.shared_cores.front() == CpuList{0, 1});
  beside.set("cpu.thread_siblings", Json::array({"0,4"}), "/sys");
  CHECK(binding_inputs(beside, {})->request.shared_cores == std::vector<CpuList>{{0, 4}});
}

TEST_CASE("without NUMA nodes there is nothing to plan with") {
  FactDocument facts;
  CHECK(binding_inputs(facts, {}).reason() == "the facts do not hold cpu.numa_nodes");
  facts.set_absent("cpu.numa_nodes", "no such directory", "/sys");
  CHECK(binding_inputs(facts, {}).reason() == "no such directory");
}

TEST_CASE("who binds already is told, with two of them in conflict") {
  FactDocument facts = facts_of("0-7");
  facts.set("host.arch", Json("aarch64"), "test");
  facts.set("ascend.mindie.installed", Json(true), "test");
  facts.set("ascend.python_packages", Json{{"vllm_ascend", "0.17.0"}}, "test");
  const auto active = [&] {
    std::string names;
    for (const Binder& binder : find_binders(facts)) names += binder.active ? binder.name + " " : "";
    return names;
  };
  CHECK(active() == "MindIE ");
  facts.set("ascend.python_packages", Json{{"vllm_ascend", "0.18.0rc1"}}, "test");
  CHECK(active() == "MindIE vLLM-Ascend ");
  facts.set("host.arch", Json("x86_64"), "test");
  facts.set("env", Json{{"CPU_AFFINITY_CONF", "1,npu0:0-3"}, {"BIND_CPU", "0"}}, "test");
  CHECK(active() == "torch_npu ");
  facts.set("env", Json{{"CPU_AFFINITY_CONF", "0"}, {"BIND_CPU", "0"}}, "test");
  CHECK(active().empty());
}

TEST_CASE("CPU_AFFINITY_CONF has one range for an NPU, and is not offered where there are two") {
  FactDocument facts = facts_of("0-23");
  facts.set("host.arch", Json("x86_64"), "test");
  const auto ways = binding_alternatives(checked(kunpeng_192()), facts);
  REQUIRE(ways.size() == 4);
  CHECK(ways[0].lines.front() == "numactl --physcpubind=120-143 --preferred=5 SERVICE");
  CHECK(ways[0].lines[1] == "taskset -acp 146-155 PID  # worker of NPU 0");
  CHECK(ways[1].lines.front().starts_with("export CPU_AFFINITY_CONF=1,npu0:146-155,npu1:158-167,npu2:"));
  CHECK_FALSE(ways[2].available);  // x86
  BindRequest threads = host(1, 16);
  for (std::int64_t core = 0; core < 8; ++core) threads.shared_cores.push_back({core, core + 8});
  npus(threads, {{0}});
  CHECK_FALSE(binding_alternatives(checked(threads), facts)[1].available);
}

TEST_CASE("a way to bind turns off those that bind already") {
  FactDocument facts = facts_of("0-23");
  facts.set("ascend.mindie.installed", Json(true), "test");
  const auto ways = binding_alternatives(checked(kunpeng_192()), facts);
  CHECK(ways[1].lines.front() == "export BIND_CPU=0");
  CHECK(ways[3].lines.front() ==
        "export BIND_CPU=1 CPU_BINDING_NUM=9");  // node 0 has 11 a worker, 2 for interrupts
}

TEST_CASE("binding is advised only where the NPU waits for the host") {
  CHECK(judge_binding(std::nullopt) == BindVerdict::experiment);
  CHECK(judge_binding(16) == BindVerdict::worthwhile);
  CHECK(judge_binding(3) == BindVerdict::not_advised);
}

TEST_CASE("the picture fits its width on every host") {
  for (const std::int64_t nodes : {1, 2, 4, 8}) {
    for (const std::int64_t width : {4, 24, 80, 192}) {
      BindRequest request = host(nodes, width);
      npus(request, {{}});
      const BindPlan plan = plan_binding(request);
      for (const Lang lang : {Lang::en, Lang::zh}) {
        const std::string drawn = binding_picture(plan, lang, 100);
        for (const std::string_view line : split_lines(drawn)) {
          CHECK_MESSAGE(display_width(line) <= 100, line);
        }
      }
    }
  }
  const auto picture = binding_picture(checked(kunpeng_192()), Lang::en, 100);
  CHECK(split_lines(picture).front() == "node 0  0-23     oo!!4444 44444!!5 55555555");
}

TEST_CASE("what a bus id from outside holds does not get into the script") {
  BindReport report;
  BindRequest request = kunpeng_192();
  request.npus[0].bus_id = "0000:c1:00.0";
  request.npus[1].bus_id = "$(reboot)";
  report.plan = checked(request);
  const std::string script = binding_script(report, Lang::en);
  CHECK(script.find("bind_interrupts 0000:c1:00.0 144-145  # NPU 0\n") != std::string::npos);
  CHECK(script.find("reboot") == std::string::npos);
  CHECK(script.find("\"worker 0\") bind_process \"$3\" 146-155 ;;") != std::string::npos);
}
