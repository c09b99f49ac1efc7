#include <doctest/doctest.h>

#include <map>

#include "base/file.hpp"
#include "base/text.hpp"
#include "captures.hpp"
#include "probe/collect.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/fake_host.hpp"
#include "probe/npu_topology.hpp"
#include "probe/recording.hpp"

using namespace ms;

namespace {

const ProbeSet& probes() {
  static const ProbeSet set = load_probes();
  return set;
}

Json fact(const Host& host, const std::string& path) {
  CollectOptions options;
  options.needed = {path};
  return *collect(host, probes(), options).find(path);
}

std::string capture(const std::string& name) {
  const auto text = ms::read_file(ms::captures_folder() / name);
  REQUIRE_MESSAGE(text, name);
  return *text;
}

}  // namespace

TEST_CASE("version files of the captures give the version that stands in them") {
  FakeHost host;
  host.file("/usr/local/Ascend/driver/version.info", capture("03_versions/driver_version.info_23.0.7"));
  host.file("/usr/local/Ascend/firmware/version.info", capture("03_versions/firmware_version.info_23.0.7"));
  CHECK(fact(host, "ascend.driver.version") == "23.0.7");
  CHECK(fact(host, "ascend.firmware.version") == "7.1.0.11.220");

  // By hand from the files, two of which end in what was pasted around them.
  const std::map<std::string, std::string> toolkits = {
      {"ascend_toolkit_install.info_7.0.T10", "7.0.T10"},
      {"issue_10001.ascend_toolkit_install.info", "9.1.0"},
      {"issue_10068.ascend_toolkit_install.info", "8.5.1"},
      {"issue_1155.ascend_toolkit_install.info", "8.1.RC1"},
      {"issue_6063.ascend_toolkit_install.info", "8.2.RC1"},
      {"issue_6299.ascend_toolkit_install.info", "8.3.RC2"},
      {"issue_9666.ascend_toolkit_install.info", "8.5.1"},
      {"issue_9716.ascend_toolkit_install.info", "9.0.0-beta.1"},
      {"issue_9959.ascend_toolkit_install.info", "9.0.0"}};
  for (const auto& entry : toolkits) {
    const auto& [file, version] = entry;
    INFO(entry.first);
    FakeHost other;
    other.env("ASCEND_TOOLKIT_HOME", "/opt/cann");
    other.file("/opt/cann/aarch64-linux/ascend_toolkit_install.info", capture("03_versions/" + file));
    CHECK(fact(other, "ascend.cann.version") == version);
  }
}

TEST_CASE("topology matrices of the captures have all pairs and the affinity of every NPU") {
  // The affinity of NPU 0 and NPU 7, by hand from the files.
  const std::map<std::string, std::pair<std::string, std::string>> expected = {
      {"910B1_8p_topo_arthur.txt", {"144-167", "48-71"}},
      {"910B3_8p_topo_msswift.txt", {"144-167", "48-71"}},
      {"910B_8p_topo_yuanrong.txt", {"144-167", "48-71"}}};
  for (const auto& entry : expected) {
    const auto& [file, ends] = entry;
    INFO(entry.first);
    const NpuTopology topology = parse_npu_topology(capture("01_npu_smi/topo/" + file));
    CHECK(topology.links.size() == 28);
    for (const NpuLink& link : topology.links) CHECK(*link.kind == "HCCS");
    REQUIRE(topology.affinity.size() == 8);
    CHECK(topology.affinity.front().cpus == ends.first);
    CHECK(topology.affinity.back().cpus == ends.second);
  }
  // The vendor's examples of a 950, one after the other in one file: the first matrix counts its NPUs.
  const NpuTopology bad = parse_npu_topology(capture("01_npu_smi/bad/topo_not_supported.txt"));
  CHECK(bad.problem == "this device does not support the query");
}

TEST_CASE("memory files of the captures give total and huge pages") {
  FakeHost host;
  host.file("/proc/meminfo", capture("10_proc/meminfo/kunpeng_oe2203sp3_1G_hugepages.txt"));
  CHECK(fact(host, "memory.hugepages.size_bytes") == std::int64_t{1} << 30);
  host.file("/proc/meminfo", capture("10_proc/meminfo/kunpeng920_128c_hwloc.txt"));
  CHECK(fact(host, "memory.total_bytes") == std::int64_t{527031224} * 1024);
  CHECK(fact(host, "memory.available_bytes") == std::int64_t{478155232} * 1024);
  CHECK(fact(host, "memory.swap_total_bytes") == 0);
}

TEST_CASE("the processors of a recorded Kunpeng 920 are counted and named") {
  FakeHost host;
  host.file("/proc/cpuinfo", capture("10_proc/cpuinfo_kunpeng920_128c_hwloc.txt"));
  CHECK(fact(host, "cpu.count") == 128);
  CHECK(fact(host, "cpu.model") == "Kunpeng-920");
}

TEST_CASE("environments of the captures keep every variable") {
  for (const std::string& file : capture_files("10_proc/env")) {
    CAPTURE(file);
    const std::string text = *ms::read_file(file);
    std::size_t assignments = 0;
    for (const std::string_view line : split_lines(text)) {
      const auto equals = line.find('=');
      if (equals != line.npos && equals > 0 && line.find_first_of(" \t/") > equals) ++assignments;
    }
    CHECK(parse_environment(text).size() <= assignments);
    CHECK(parse_environment(text).size() + 3 >= assignments);
  }
}
