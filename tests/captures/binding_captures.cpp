#include <doctest/doctest.h>

#include <chrono>

#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "captures.hpp"
#include "plan/binding_inputs.hpp"
#include "probe/collect.hpp"
#include "probe/lscpu.hpp"
#include "probe/npu_topology.hpp"
#include "support/binding_check.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

namespace {

// Plans for 1, 2, 4, 8 and 16 NPUs of unknown place, in one and two instances; gives how many plans there
// were.
int check_hosts(const FactDocument& facts) {
  int plans = 0;
  for (const std::int64_t count : {1, 2, 4, 8, 16}) {
    for (const int instances : {1, 2}) {
      if (count % instances != 0) continue;
      BindOptions options{.instances = instances, .npus = {}, .cores_per_worker = std::nullopt};
      for (std::int64_t npu = 0; npu < count; ++npu) options.npus.push_back(npu);
      const auto inputs = binding_inputs(facts, options);
      REQUIRE_MESSAGE(inputs, inputs.reason());
      const BindPlan plan = plan_binding(inputs->request);
      if (!plan.problem.en.empty()) continue;
      check_plan(inputs->request, plan);
      ++plans;
    }
  }
  return plans;
}

FactDocument lscpu_facts(const std::string& file) {
  FactDocument facts;
  facts.set("env", Json::object(), "test");
  set_lscpu_facts(facts, parse_lscpu(*read_file(file)), file);
  return facts;
}

}  // namespace

TEST_CASE("every recorded lscpu with NUMA nodes gives valid plans for 1 to 16 NPUs") {
  int hosts = 0;
  for (const std::string& file : capture_files("02_lscpu")) {
    CAPTURE(file);
    const FactDocument facts = lscpu_facts(file);
    if (!binding_inputs(facts, {})) continue;
    CHECK(check_hosts(facts) > 0);
    ++hosts;
  }
  CHECK(hosts >= 15);
  MESSAGE(hosts, " recorded hosts planned");
}

TEST_CASE("every recorded npu-smi topology puts the workers of 192 cores on the nodes that it names") {
  FactDocument facts;
  facts.set("env", Json::object(), "test");
  Json nodes = Json::array();
  for (int node = 0; node < 8; ++node) {
    nodes.push_back({{"id", node},
                     {"cpus", std::to_string(24 * node) + "-" + std::to_string(24 * node + 23)},
                     {"memory_total_bytes", 1}});
  }
  facts.set("cpu.numa_nodes", nodes, "test");
  for (const std::string& file : capture_files("01_npu_smi/topo")) {
    CAPTURE(file);
    const NpuTopology topology = parse_npu_topology(*read_file(file));
    REQUIRE(topology.affinity.size() == 8);
    Json rows = Json::array();
    for (const NpuAffinity& row : topology.affinity) rows.push_back({{"npu", row.npu}, {"cpus", row.cpus}});
    facts.set("npu.cpu_affinity", rows, file);
    const auto inputs = binding_inputs(facts, {});
    REQUIRE(inputs);
    const BindPlan plan = plan_binding(inputs->request);
    check_plan(inputs->request, plan);
    CHECK(plan.warnings.empty());
    for (const BindWorker& worker : plan.workers) {
      // All three boards have NPUs on even nodes, and "144-167" is node 144 / 24 = 6.
      CHECK(worker.node % 2 == 0);
      CHECK(worker.node == std::stoll(topology.affinity[static_cast<std::size_t>(worker.npu.id)].cpus) / 24);
    }
    CHECK(plan.services.front().node % 2 == 1);
  }
}

TEST_CASE("every recorded /sys gives valid plans, with its own siblings and distances") {
  for (const std::string& archive : capture_files("10_proc/sysfs")) {
    if (!archive.ends_with(".tar.bz2")) continue;
    CAPTURE(archive);
    const TemporaryFolder tree;
    const auto output = run_command({"tar", "xjf", archive, "-C", tree.path()}, std::chrono::seconds(120));
    REQUIRE(output);
    const auto host = rooted_host(std::filesystem::directory_iterator(tree.path())->path().string());
    CollectOptions options;
    options.needed = binding_facts();
    CHECK(check_hosts(collect(*host, load_probes(), options)) > 0);
  }
}
