#include <doctest/doctest.h>

#include <set>

#include "base/units.hpp"
#include "probe/collect.hpp"

using namespace ms;

namespace {

const ProbeSet& probes() {
  static const ProbeSet set = load_probes();
  return set;
}

FactDocument read_example(const std::string& name) {
  return collect(*rooted_host(MS_SOURCE_DIR "/tests/data/hosts/" + name), probes());
}

const std::set<std::string_view> kNotRecorded = {
    "cpu.boost",  // kernels of Arm servers have neither of these
    "cpu.smt_active",
    "container.devices_allowed",  // its cgroups are of version 2
    "cpu.sockets",                // two files for each of 96 CPUs; the other example has them
    "cpu.cores",
    "cpu.threads_per_core",
    "cpu.thread_siblings",
};

}  // namespace

TEST_CASE("the healthy example host has every fact, and shows eight idle NPUs") {
  const FactDocument facts = read_example("healthy-800i-a2");
  for (const Probe& probe : probes().probes()) {
    CAPTURE(probe.fact);
    if (probe.fact.starts_with("stress.")) continue;  // measured on request, on a live host
    CHECK(absent_reason(*facts.find(probe.fact)).has_value() == kNotRecorded.contains(probe.fact));
  }
  CHECK(*facts.find("npu.count") == 8);
  CHECK(*facts.find("npu.family") == "A2");
  for (const Json& npu : *facts.find("npu.devices")) {
    CHECK(npu["health"] == "OK");
    CHECK(npu["hbm_total_bytes"] == 32 * kGiB);
    CHECK(npu["hbm_used_bytes"].get<double>() / (32.0 * kGiB) == doctest::Approx(0.05).epsilon(0.01));
    CHECK(npu["processes"].empty());
  }
  for (const Json& cpu : *facts.find("cpu.governors")) CHECK(cpu["governor"] == "performance");
  CHECK(*facts.find("cpu.count") == 96);
  CHECK(facts.find("cpu.numa_nodes")->size() == 4);
  CHECK(*facts.find("cpu.model") == "Kunpeng-920");
  CHECK(*facts.find("host.arch") == "aarch64");
  CHECK(*facts.find("host.virtual.detected") == false);
  CHECK(*facts.find("memory.thp.mode") == "always");
  CHECK(*facts.find("env.HCCL_OP_EXPANSION_MODE") == "AIV");
  CHECK(*facts.find("env.NPU_MEMORY_FRACTION") == "0.96");
  CHECK(*facts.find("ascend.driver.version") == "25.0.rc1.1");
  CHECK(*facts.find("ascend.cann.version") == "8.2.RC1");
  CHECK(*facts.find("ascend.mindie.version") == "2.1.RC1");
  CHECK(*facts.find("ascend.atb.version") == "8.2.RC1");
  CHECK(*facts.find("ascend.atb_models.version") == "2.1.RC1");
  CHECK(*facts.find("ascend.python_packages.torch_npu") == "2.1.0.post13");
  CHECK(facts.find("npu.links")->size() == 28);
  CHECK(facts.find("npu.cpu_affinity")->at(7) == Json{{"npu", 7}, {"cpus", "24-47"}});
  CHECK(facts.find("npu.device_files")->size() == 11);
  for (const char* fact : {"npu.chips", "npu.cards", "npu.usage", "npu.common", "npu.memory", "npu.boards",
                           "npu.chip_boards", "npu.network", "npu.traffic", "npu.optics", "npu.irqs"}) {
    CAPTURE(fact);
    CHECK(facts.find(fact)->size() == 8);
  }
  // The processor's own list for NPU 7, read by topology and by the interrupts of its bus.
  CHECK(facts.find("npu.devices")->at(7)["numa_node"] == 1);
  CHECK(facts.find("npu.irqs")->at(3)["bus_id"] == "0000:42:00.0");
  CHECK(facts.find("npu.irqs")->at(3)["cpus"] == "24-47");
  CHECK(facts.find("memory.nodes")->size() == 4);
  CHECK(*facts.find("limits.cpu_cores") == 96.0);
  CHECK(*facts.find("limits.cpu_limited") == false);
  CHECK(*facts.find("container.detected") == false);
  CHECK(*facts.find("cpu.isolated") == "");
}

TEST_CASE("the badly set example host shows what is wrong with it, NPU by NPU and CPU by CPU") {
  const FactDocument facts = read_example("badly-set-800i-a2");
  for (const Json& cpu : *facts.find("cpu.governors")) {
    CHECK(cpu["governor"] == (cpu["cpu"].get<int>() < 16 ? "performance" : "powersave"));
  }
  const Json& npu = facts.find("npu.devices")->at(3);
  CHECK(npu["health"] == "Warning");
  CHECK(npu["hbm_used_bytes"] == 28 * kGiB);
  CHECK(npu["processes"].at(0)["name"] == "python");
  CHECK(*facts.find("ascend.driver.version") == "23.0.7");
  CHECK(facts.find("host.kernel.release")->get<std::string>().starts_with("4.19.90"));
  CHECK(*facts.find("host.page_size_bytes") == 65536);
  CHECK(*facts.find("env.ASCEND_LAUNCH_BLOCKING") == "1");
  CHECK(*facts.find("memory.thp.mode") == "madvise");
  CHECK(*facts.find("cpu.isolated") == "8-15");
}

TEST_CASE("the example host without a driver still counts its NPUs, and says why it knows no more") {
  const FactDocument facts = read_example("no-driver");
  CHECK(*facts.find("npu.count") == 8);
  CHECK(*facts.find("npu.family") == "A2");
  CHECK(absent_reason(*facts.find("npu.devices"))->find("not recorded") != std::string::npos);
  CHECK(absent_reason(*facts.find("ascend.driver.version"))
            ->ends_with("/usr/local/Ascend/driver/version.info"));
  CHECK(*facts.find("ascend.mindie.installed") == false);
  CHECK(*facts.find("host.arch") == "x86_64");
}
