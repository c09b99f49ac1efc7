#include <doctest/doctest.h>

#include <chrono>
#include <map>

#include "base/subprocess.hpp"
#include "captures.hpp"
#include "probe/collect.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/numa_probe.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;

namespace {

// Unpacks a recorded host and gives the folder that stands for "/": the only one in the archive.
std::string unpack(const std::string& archive, const TemporaryFolder& tree) {
  const auto output = run_command({"tar", "xjf", archive, "-C", tree.path()}, std::chrono::seconds(120));
  REQUIRE_MESSAGE(output, output.reason());
  REQUIRE_MESSAGE(output->status == 0, output->text);
  return std::filesystem::directory_iterator(tree.path())->path().string();
}

}  // namespace

TEST_CASE("recorded topologies have the NUMA nodes that their kernels list") {
  // Nodes and online CPUs, by hand from the files in the archives.
  const std::map<std::string, std::pair<std::size_t, std::size_t>> expected = {
      {"128arm-2pa2n8cluster4co", {4, 128}}, {"32amd64-4s2n4c-cgroup2", {8, 32}},
      {"48amd64-4pa2n6c-sparse", {8, 48}},   {"memorysidecaches", {4, 80}},
      {"nvidia-dgx-gb10", {1, 20}},
  };
  for (const auto& entry : expected) {
    const auto& [name, counts] = entry;
    INFO(entry.first);
    const TemporaryFolder tree;
    const auto host =
        rooted_host(unpack((ms::captures_folder() / "10_proc/sysfs" / (name + ".tar.bz2")).string(), tree));
    const auto online = read_online_cpus(*host);
    REQUIRE(online);
    CHECK(online->cpus.size() == counts.second);
    const auto nodes = read_numa_nodes(*host);
    const auto listed = read_numa_node_files(*host);
    REQUIRE(nodes);
    REQUIRE(listed);
    REQUIRE(nodes->size() == counts.first);
    REQUIRE(listed->size() == counts.first);
    for (std::size_t i = 0; i < counts.first; ++i) {
      CHECK(nodes->at(i).id == listed->at(i).id);
      // The kernel and hwloc write ranges the same way; single CPUs are compared as numbers.
      CHECK(*parse_cpu_list(nodes->at(i).cpus) == *parse_cpu_list(listed->at(i).cpus));
      CHECK(nodes->at(i).memory_total_bytes == listed->at(i).memory_total_bytes);
    }
  }
}

TEST_CASE("a recorded Kunpeng 920 of 128 cores has all that its record holds") {
  const TemporaryFolder tree;
  const auto host = rooted_host(
      unpack((ms::captures_folder() / "10_proc/sysfs/128arm-2pa2n8cluster4co.tar.bz2").string(), tree));
  const FactDocument facts = collect(*host, load_probes());
  CHECK(*facts.find("cpu.count") == 128);
  CHECK(*facts.find("cpu.model") == "Kunpeng-920");
  CHECK(*facts.find("host.arch") == "aarch64");
  CHECK(facts.find("cpu.numa_nodes")->at(1)["cpus"] == "32-63");
  // 128arm-2pa2n8cluster4co.console: Package P#36 and another, 128 cores of one thread.
  CHECK(*facts.find("cpu.sockets") == 2);
  CHECK(*facts.find("cpu.cores") == 128);
  CHECK(*facts.find("cpu.threads_per_core") == 1);
  CHECK(facts.find("memory.nodes")->size() == 4);
  CHECK(absent_reason(*facts.find("npu.devices")));
}
