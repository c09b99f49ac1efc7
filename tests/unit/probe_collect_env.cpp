#include <doctest/doctest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "probe/collect_env.hpp"
#include "probe/lscpu.hpp"

using namespace ms;

namespace {

const ProbeSet& probes() {
  static const ProbeSet set = load_probes();
  return set;
}

std::string issue() {
  return read_document(std::string(MS_SOURCE_DIR) + "/tests/data/reports/issue.md");
}

ImportedReport import(std::string_view text, const std::set<std::string, std::less<>>& variables = {}) {
  return import_collect_env(text, "issue.md", probes(), variables);
}

std::string reason(const FactDocument& facts, const std::string& path) {
  const Json* value = facts.find(path);
  return value == nullptr ? "not there" : absent_reason(*value).value_or("a value");
}

std::string error_of(std::string_view text) {
  try {
    import(text);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

std::string without(std::string text, std::string_view from, std::string_view to) {
  const auto first = text.find(from);
  return text.erase(first, text.find(to, first) - first);
}

}  // namespace

TEST_CASE("a report becomes facts, each with the line that it stands in") {
  const ImportedReport imported = import(issue());
  const FactDocument& facts = imported.facts;
  // Read by a person from tests/data/reports/issue.md.
  const std::tuple<const char*, Json, const char*> expected[] = {
      {"host.os.id", "ubuntu", "issue.md:13"},
      {"host.os.version", "22.04", "issue.md:13"},
      {"host.os.name", "Ubuntu 22.04.5 LTS", "issue.md:13"},
      {"host.libc.version", "2.35", "issue.md:14"},
      {"host.python.version", "3.11.13", "issue.md:16"},
      {"host.kernel.release", "5.10.0-182.0.0.95.aarch64", "issue.md:17"},
      {"host.arch", "aarch64", "issue.md:20"},
      {"cpu.count", 192, "issue.md:22"},
      {"cpu.model", "Kunpeng-920", "issue.md:23"},
      {"cpu.smt_active", false, "issue.md:24"},
      {"cpu.boost", false, "issue.md:25"},
      {"ascend.python_packages.torch", "2.7.1+cpu", "issue.md:31"},
      {"ascend.python_packages.torch_npu", "2.7.1", "issue.md:32"},
      {"ascend.python_packages.transformers", "4.53.3", "issue.md:33"},
      {"ascend.python_packages.vllm", "0.10.1", "issue.md:35"},
      {"ascend.python_packages.vllm_ascend", "0.10.1rc1", "issue.md:36"},
      {"ascend.vllm_ascend.installed", true, "issue.md:36"},
      {"env.ATB_WORKSPACE_MEM_ALLOC_ALG_TYPE", "1", "issue.md:40"},
      {"npu.count", 2, "issue.md:45"},
      {"npu.family", "A2", "issue.md:45"},
      {"npu.driver_version", "25.2.0", "issue.md:45"},
      {"ascend.cann.version", "8.2.RC1", "issue.md:67"},
  };
  for (const auto& entry : expected) {
    const char* path = std::get<0>(entry);
    INFO(path);
    REQUIRE(facts.contains(path));
    CHECK(*facts.find(path) == std::get<1>(entry));
    CHECK(facts.provenance(path)->source == std::get<2>(entry));
  }
  const Json& nodes = *facts.find("cpu.numa_nodes");
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[1]["cpus"] == "96-191");
  CHECK(absent_reason(nodes[1]["memory_total_bytes"]) == "lscpu does not print it");
  CHECK((*facts.find("npu.devices"))[1]["health"] == "Warning");
  CHECK(imported.missing.empty());
  CHECK(imported.notes ==
        std::vector<std::string>{"issue.md:34: torch_npu is also said to be 2.7.0; 2.7.1 in line 32 counts"});
}

TEST_CASE("what a report does not hold is absent, and so is a variable that collect_env does not print") {
  const FactDocument facts = import(issue(), {"HCCL_BUFFSIZE", "ASCEND_LAUNCH_BLOCKING"}).facts;
  CHECK(reason(facts, "memory.thp.mode") == "the report does not hold memory.thp.mode");
  CHECK(reason(facts, "ascend.mindie.installed") == "the report does not hold ascend.mindie.installed");
  // It stands in the script below the report, which is not the environment.
  CHECK(reason(facts, "env.HCCL_BUFFSIZE") == "collect_env does not print this variable");
  // This one it would print.
  CHECK(facts.find("env.ASCEND_LAUNCH_BLOCKING") == nullptr);
  const FactDocument less = import(without(issue(), "ENV Variables:", "NPU:")).facts;
  CHECK(reason(less, "env") == "the report does not hold env");
}

TEST_CASE("line ends of Windows, quoting and retyped labels change nothing") {
  std::string windows;
  std::string quoted;
  for (const char c : issue()) {
    if (c == '\n') windows += '\r';
    windows += c;
    if (quoted.empty() || quoted.back() == '\n') quoted += "> ";
    quoted += c;
  }
  const Json expected = import(issue()).facts.to_json();
  CHECK(import(windows).facts.to_json() == expected);
  CHECK(import(quoted).facts.to_json() == expected);
  const FactDocument retyped =
      import(
          "PyTorch version              : 2.7.1\nOS                : openEuler 24.03 (LTS-SP2)\n"
          "NPU: 8 × 910B2C\n")
          .facts;
  CHECK(*retyped.find("host.os.id") == "openEuler");
  CHECK(*retyped.find("host.os.version") == "24.03");
  CHECK(*retyped.find("npu.count") == 8);
  CHECK(*retyped.find("npu.family") == "A2");
}

TEST_CASE("a table that is cut off does not count its NPUs") {
  const std::string text = issue();
  const auto middle = text.find("| 1     910B4");
  const ImportedReport cut = import(text.substr(0, middle));
  CHECK(reason(cut.facts, "npu.count") == "the table may be cut off behind 1 devices");
  CHECK(cut.facts.find("npu.devices")->size() == 1);
  CHECK(*cut.facts.find("cpu.count") == 192);
  CHECK(cut.notes.back().starts_with("issue.md:45: the table of npu-smi has no processes"));
  CHECK(reason(import(text.substr(0, text.find("NUMA node1"))).facts, "cpu.numa_nodes") ==
        "1 of 2 NUMA nodes are listed");
}

TEST_CASE("only the first of two reports is read") {
  const ImportedReport imported = import(issue() + without(issue(), "ENV Variables:", "NPU:"));
  CHECK(imported.facts.to_json() == import(issue()).facts.to_json());
  CHECK(imported.notes.front() == "issue.md:90: another report begins here; the first one is read");
}

TEST_CASE("what is no report is refused with what was expected") {
  const std::string expected = "issue.md: holds no report of collect_env: expected lines such as";
  CHECK(error_of("").starts_with(expected));
  CHECK(error_of("the server hangs\n").starts_with(expected));
  CHECK(error_of("{\"schema\": \"msprecheck.facts/1\"}").starts_with(expected));
  CHECK(error_of("\x80\xff\xfe\x01").starts_with(expected));
  CHECK(error_of(std::string_view("PyTorch version: 2\0", 19)) == "issue.md: is not a text");
}

TEST_CASE("lscpu is read in Chinese") {
  const auto lines = parse_lscpu(
      "架构：                          aarch64\n"
      "CPU:                             8\n"
      "在线 CPU 列表：                  0-5\n"
      "离线 CPU 列表：                  6,7\n"
      "每个核的线程数：                 2\n"
      "NUMA 节点：                      2\n"
      "型号名称：                       Kunpeng-920\n"
      "超管理器厂商：                   KVM\n"
      "NUMA 节点0 CPU：                 0-3\n"
      "NUMA 节点1 CPU：                 4-7\n");
  FactDocument facts;
  set_lscpu_facts(facts, lines, "f");
  CHECK(*facts.find("host.arch") == "aarch64");
  CHECK(*facts.find("cpu.count") == 6);
  CHECK(*facts.find("cpu.offline") == "6,7");
  CHECK(*facts.find("cpu.smt_active") == true);
  CHECK(*facts.find("cpu.model") == "Kunpeng-920");
  CHECK(*facts.find("host.virtual.kind") == "kvm");
  CHECK((*facts.find("cpu.numa_nodes"))[1]["cpus"] == "4-7");
  CHECK(facts.provenance("cpu.count")->source == "f:3");
}
