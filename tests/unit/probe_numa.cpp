#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "probe/numa_probe.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

namespace {

// A host of 2 nodes with 2 CPUs each, as a kernel with full topology shows it.
void write_topology(const TemporaryFolder& tree, bool with_cpus) {
  tree.write("sys/devices/system/cpu/online", "0-3\n");
  tree.write("sys/devices/system/node/online", "0-1\n");
  for (int node = 0; node < 2; ++node) {
    const std::string folder = "sys/devices/system/node/node" + std::to_string(node);
    tree.write(folder + "/cpulist", node == 0 ? "0-1\n" : "2-3\n");
    tree.write(folder + "/cpumap", node == 0 ? "3\n" : "c\n");
    tree.write(folder + "/meminfo", "Node " + std::to_string(node) + " MemTotal:  1048576 kB\n");
    tree.write(folder + "/distance", node == 0 ? "10 20\n" : "20 10\n");
  }
  for (int cpu = 0; with_cpus && cpu < 4; ++cpu) {
    const std::string folder = "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology";
    tree.write(folder + "/core_cpus", std::to_string(1 << cpu) + "\n");
    tree.write(folder + "/core_id", std::to_string(cpu % 2) + "\n");
    tree.write(folder + "/package_cpus", cpu < 2 ? "3\n" : "c\n");
    tree.write(folder + "/physical_package_id", std::to_string(cpu / 2) + "\n");
  }
}

void check_two_nodes(const Reading<std::vector<NumaNode>>& nodes) {
  REQUIRE(nodes);
  REQUIRE(nodes->size() == 2);
  CHECK(nodes->at(0).id == 0);
  CHECK(nodes->at(0).cpus == "0-1");
  CHECK(nodes->at(1).cpus == "2-3");
  CHECK(nodes->at(1).memory_total_bytes == std::int64_t{1} << 30);
}

}  // namespace

TEST_CASE("a recorded host has its own NUMA nodes, by hwloc and by the files of the nodes alike") {
  const TemporaryFolder tree;
  write_topology(tree, true);
  const auto host = rooted_host(tree.path());
  check_two_nodes(read_numa_nodes(*host));
  check_two_nodes(read_numa_node_files(*host));
}

TEST_CASE("a record without the topology of its CPUs still has its own nodes") {
  const TemporaryFolder tree;
  write_topology(tree, false);
  check_two_nodes(read_numa_nodes(*rooted_host(tree.path())));
}

TEST_CASE("a record without nodes never answers for the machine that reads it") {
  const TemporaryFolder tree;
  const auto nodes = read_numa_nodes(*rooted_host(tree.path()));
  REQUIRE_FALSE(nodes);
  CHECK(nodes.reason() == tree.path() + "/sys/devices/system/node: no such directory");
}

TEST_CASE("NUMA nodes are read from a host without files of its own") {
  FakeHost host;
  host.file("/sys/devices/system/node/node2/cpulist", "48-71\n");
  host.file("/sys/devices/system/node/node2/meminfo", "Node 2 MemTotal:       2097152 kB\n");
  const auto nodes = read_numa_nodes(host);
  REQUIRE(nodes);
  CHECK(nodes->at(0).id == 2);
  CHECK(nodes->at(0).cpus == "48-71");
  host.file("/sys/devices/system/node/node2/cpulist", "what\n");
  CHECK(read_numa_nodes(host).reason() ==
        "/sys/devices/system/node/node2/cpulist: expected CPU numbers like 0-3,8, found \"what\"");
}

TEST_CASE("reading the topology leaves the environment as it was") {
  ::setenv("HWLOC_FSROOT", "/somewhere", 1);
  ::unsetenv("HWLOC_PLUGINS_PATH");
  const TemporaryFolder tree;
  write_topology(tree, true);
  check_two_nodes(read_numa_nodes(*rooted_host(tree.path())));
  CHECK(std::string(std::getenv("HWLOC_FSROOT")) == "/somewhere");
  CHECK(std::getenv("HWLOC_PLUGINS_PATH") == nullptr);
  ::unsetenv("HWLOC_FSROOT");
}

TEST_CASE("this machine has at least one node, and both ways of reading agree on it") {
  const auto host = live_host(false);
  const auto by_files = read_numa_node_files(*host);
  if (!by_files) return;  // a kernel without NUMA
  const auto nodes = read_numa_nodes(*host);
  REQUIRE(nodes);
  REQUIRE(nodes->size() == by_files->size());
  for (std::size_t i = 0; i < nodes->size(); ++i) {
    CHECK(nodes->at(i).id == by_files->at(i).id);
    CHECK(nodes->at(i).cpus == by_files->at(i).cpus);
    CHECK(nodes->at(i).memory_total_bytes == by_files->at(i).memory_total_bytes);
  }
}
