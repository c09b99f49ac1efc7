#include <doctest/doctest.h>

#include "probe/collect.hpp"
#include "probe/fake_host.hpp"

using namespace ms;

namespace {

std::string reason(const FactDocument& facts, std::string_view path) {
  const Json* value = facts.find(path);
  if (value == nullptr) return "not asked for";
  const auto text = absent_reason(*value);
  return text ? *text : "present: " + value->dump();
}

ProbeSet one_probe(const std::string& how) {
  ProbeSet set;
  set.add(parse_toml("[[probe]]\nfact = \"test.value\"\ndoc = { en = \"A test.\", zh = \"测试。\" }\n" + how,
                     "test.toml"),
          ProbeLayer::site);
  return set;
}

}  // namespace

TEST_CASE("of several files the first that exists counts, and is the provenance") {
  const ProbeSet set = one_probe("type = \"string\"\nfile = [\"${A_HOME}/v\", \"/b\", \"/c\"]\n");
  FakeHost host;
  host.file("/c", "see").env("A_HOME", "/a");
  const FactDocument facts = collect(host, set);
  CHECK(*facts.find("test.value") == "see");
  CHECK(facts.provenance("test.value")->source == "/c");
  host.file("/a/v", "ay");
  CHECK(*collect(host, set).find("test.value") == "ay");
}

TEST_CASE("a file that is there and not understood does not give way to the next") {
  const ProbeSet set = one_probe("type = \"int\"\nfile = [\"/b\", \"/c\"]\n");
  FakeHost host;
  host.file("/b", "what").file("/c", "7");
  CHECK(reason(collect(host, set), "test.value") == "/b: expected an integer, found \"what\"");
}

TEST_CASE("a fact whose files are not there says where it was looked for") {
  CHECK(reason(collect(FakeHost(), one_probe("type = \"int\"\nfile = [\"/b\", \"/c\", \"/b\"]\n")),
               "test.value") == "no such file: /b, /c");
  CHECK(reason(collect(FakeHost(), one_probe("type = \"int\"\nfile = [\"/1\", \"/2\", \"/3\", \"/4\"]\n")),
               "test.value") == "no such file: /1, /2, /3 and 1 other places");
  CHECK(reason(collect(FakeHost(), one_probe("type = \"int\"\nfile = \"${NO_HOME}/b\"\n")), "test.value") ==
        "NO_HOME is not set");
}

TEST_CASE("whether a path exists is known both ways") {
  const ProbeSet set = one_probe("type = \"bool\"\nexists = [\"/opt/*/mindie\", \"/b\"]\n");
  CHECK(*collect(FakeHost(), set).find("test.value") == false);
  FakeHost host;
  host.file("/opt/ascend/mindie/file", "");
  const FactDocument facts = collect(host, set);
  CHECK(*facts.find("test.value") == true);
  CHECK(facts.provenance("test.value")->source == "/opt/ascend/mindie");
}

TEST_CASE("every declared fact ends as a value or as absent with a reason, on a host without anything") {
  const ProbeSet set = load_probes();
  const FactDocument facts = collect(FakeHost(), set);
  for (const Probe& probe : set.probes()) {
    CAPTURE(probe.fact);
    const Json* value = facts.find(probe.fact);
    REQUIRE(value != nullptr);
    const auto why = absent_reason(*value);
    if (why) CHECK(why->size() > 8);
    REQUIRE(facts.provenance(probe.fact) != nullptr);
    CHECK_FALSE(facts.provenance(probe.fact)->source.empty());
  }
}

TEST_CASE("only what is needed is read, by path in either direction") {
  const ProbeSet set = load_probes();
  CollectOptions options;
  options.needed = {"memory.hugepages", "env.TASK_QUEUE_ENABLE"};
  std::vector<ProbeCost> costs;
  FakeHost host;
  host.env("TASK_QUEUE_ENABLE", "2");
  const FactDocument facts = collect(host, set, options, &costs);
  CHECK(*facts.find("env.TASK_QUEUE_ENABLE") == "2");
  CHECK(facts.contains("memory.hugepages.free"));
  CHECK_FALSE(facts.contains("memory.swappiness"));
  CHECK_FALSE(facts.contains("npu"));
  std::set<std::string> names;
  for (const ProbeCost& cost : costs) names.insert(cost.name);
  CHECK(names == std::set<std::string>{"environment", "memory.hugepages.total", "memory.hugepages.free",
                                       "memory.hugepages.size_bytes"});
}

TEST_CASE("an empty file stands for what the probe says, where it says so") {
  FakeHost host;
  host.file("/sys/devices/system/cpu/isolated", "\n");
  const ProbeSet set = load_probes();
  CHECK(*collect(host, set).find("cpu.isolated") == "");
  host.file("/sys/devices/system/cpu/isolated", "8-15\n");
  CHECK(*collect(host, set).find("cpu.isolated") == "8-15");
  host.file("/proc/sys/vm/swappiness", "");
  CHECK(reason(collect(host, set), "memory.swappiness").ends_with("is empty; expected an integer"));
}

TEST_CASE("version files of the Ascend stack are read in each of their forms") {
  const ProbeSet set = load_probes();
  FakeHost host;
  host.env("MINDIE_LLM_HOME_PATH", "/home/user/Ascend/mindie/latest/mindie-llm");
  host.file("/home/user/Ascend/mindie/latest/mindie-llm/../version.info",
            "Ascend-mindie : MindIE 2.0.T3.B010\nmindie-rt: 2.0.T3.B010\nPlatform : aarch64\n");
  host.file(
      "/usr/local/Ascend/nnal/atb/latest/version.info",
      "    Ascend-cann-atb : 8.2.RC1\n    Ascend-cann-atb Version : 8.2.RC1.B150\n    Platform : aarch64\n");
  host.file("/usr/local/Ascend/atb-models/version.info",
            "MindIE-ATB Tag/Branch : master\nMindIE-ATB Version : \nATB-Models Version : 2.0.T3.B010\n");
  host.file("/usr/local/Ascend/cann/version.cfg",
            "# version: 1.0\nruntime_running_version=[7.7.0.1.238:8.2.RC1]\nruntime_upgrade_version=[x:y]\n");
  const FactDocument facts = collect(host, set);
  CHECK(*facts.find("ascend.mindie.version") == "2.0.T3.B010");
  CHECK(*facts.find("ascend.atb.version") == "8.2.RC1");
  CHECK(*facts.find("ascend.atb_models.version") == "2.0.T3.B010");
  CHECK(*facts.find("ascend.cann.version") == "8.2.RC1");
  // A version that was left out is not the word that comes next.
  host.file("/usr/local/Ascend/atb-models/version.info", "ATB-Models Version :\nCommit id : 8a0bb889\n");
  CHECK(absent_reason(*collect(host, set).find("ascend.atb_models.version")));
}

TEST_CASE("a needed path wants whole names, not beginnings of them") {
  CollectOptions options;
  options.needed = {"npu.device"};
  CHECK_FALSE(is_needed("npu.devices", options));
  CHECK(is_needed("npu", options));
  CHECK(is_needed("npu.device", options));
  CHECK(is_needed("npu.device.name", options));
}

TEST_CASE("a builtin counts once in the costs, whatever facts it gives") {
  std::vector<ProbeCost> costs;
  collect(FakeHost(), load_probes(), {}, &costs);
  int smi = 0;
  for (const ProbeCost& cost : costs) smi += cost.name == "npu_smi" ? 1 : 0;
  CHECK(smi == 1);
}

TEST_CASE("when the time of the run is over, what is left is absent and says so") {
  CollectOptions options;
  options.run_timeout = std::chrono::milliseconds(0);
  const ProbeSet set = load_probes();
  const FactDocument facts = collect(FakeHost(), set, options);
  CHECK(reason(facts, "memory.swappiness") == "not read: the 0 s for the whole run were over");
  CHECK(reason(facts, "npu.devices") == "not read: the 0 s for the whole run were over");
}

TEST_CASE("a probe that throws costs its own facts and no other") {
  class ThrowingHost : public FakeHost {
   public:
    Reading<std::string> machine() const override { throw std::runtime_error("no memory"); }
    Reading<std::map<std::string, std::string>> environment() const override {
      throw std::runtime_error("no env");
    }
  };
  ThrowingHost host;
  host.file("/proc/sys/vm/swappiness", "10\n");
  host.file("/proc/cpuinfo", "processor : 0\nmodel name : Some CPU\n");
  const FactDocument facts = collect(host, load_probes());
  CHECK(reason(facts, "host.arch") == "the probe 'arch' failed: no memory");
  CHECK(reason(facts, "env") == "the probe 'environment' failed: no env");
  CHECK(*facts.find("cpu.model") == "Some CPU");
}
