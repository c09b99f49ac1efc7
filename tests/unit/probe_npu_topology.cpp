#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "probe/npu_topology.hpp"

using namespace ms;

namespace {

// One PCIe server of four cards in two pairs.
constexpr const char* kPairs =
    "\t   NPU0       NPU1       NPU4       NPU5       CPU Affinity\n"
    "NPU0       X          HCCS       SYS        NA         144-167\n"
    "NPU1       HCCS       X          SYS        SYS        144-167,0-3\n"
    "NPU4       SYS        SYS        X          HCCS       0-23\n"
    "NPU5       NA         SYS        HCCS       X          0-23\n"
    "\n"
    "Legend:\n"
    "  X    = Self\n"
    "  SYS  = Path traversing PCIe and NUMA nodes.\n";

const NpuLink* link_of(const NpuTopology& topology, std::int64_t npu, std::int64_t peer) {
  for (const NpuLink& link : topology.links) {
    if (link.npu == npu && link.peer == peer) return &link;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("the topology matrix gives each pair of NPUs once, by their own numbers") {
  const NpuTopology topology = parse_npu_topology(kPairs);
  CHECK(topology.links.size() == 6);
  REQUIRE(link_of(topology, 4, 5) != nullptr);
  CHECK(*link_of(topology, 4, 5)->kind == "HCCS");
  CHECK(*link_of(topology, 1, 4)->kind == "SYS");
  CHECK(link_of(topology, 0, 5)->kind.reason() == "npu-smi info -t topo shows \"NA\"");
  REQUIRE(topology.affinity.size() == 4);
  CHECK(topology.affinity[1].cpus == "144-167,0-3");
  CHECK(topology.affinity[2].npu == 4);
}

TEST_CASE("a matrix without the column of CPUs has links and no affinity") {
  FakeHost host;
  host.command("npu-smi info -t topo", "   NPU0  NPU1\nNPU0  X  SIO\nNPU1  SIO  X\n");
  FactDocument facts;
  read_npu_topology(host, std::chrono::seconds(1), facts);
  CHECK(facts.find("npu.links")->at(0) == Json{{"npu", 0}, {"peer", 1}, {"kind", "SIO"}});
  CHECK(*absent_reason(*facts.find("npu.cpu_affinity")) ==
        "npu-smi info -t topo: has no column CPU Affinity");
}

TEST_CASE("a single NPU has an affinity and no links") {
  const NpuTopology topology = parse_npu_topology("     NPU0   CPU Affinity\nNPU0   X   0-63,128-191\n");
  CHECK(topology.links.empty());
  REQUIRE(topology.affinity.size() == 1);
  CHECK(topology.affinity[0].cpus == "0-63,128-191");
}

TEST_CASE("text that is no matrix says what it was") {
  CHECK(parse_npu_topology("").problem == "printed nothing");
  CHECK(parse_npu_topology("This device does not support querying topo.\n").problem ==
        "this device does not support the query");
  CHECK(parse_npu_topology("NPU0 NPU1\nNPU0 X\n").problem.starts_with("printed no matrix of NPUs but"));
}
