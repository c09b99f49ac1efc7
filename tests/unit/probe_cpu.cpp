#include <doctest/doctest.h>

#include "probe/cpu_probe.hpp"
#include "probe/fake_host.hpp"

using namespace ms;

namespace {

using Cpus = std::vector<std::int64_t>;
constexpr std::chrono::milliseconds kTimeout{1000};

Json governors(const Host& host) {
  FactDocument facts;
  read_cpu_governors(host, kTimeout, facts);
  return *facts.find("cpu.governors");
}

std::string governor_file(int cpu) {
  return "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_governor";
}

}  // namespace

TEST_CASE("a kernel list of CPUs is its numbers, once each and in order") {
  CHECK(*parse_cpu_list("0-3,8\n") == Cpus{0, 1, 2, 3, 8});
  CHECK(*parse_cpu_list("8,0-1,1") == Cpus{0, 1, 8});
  CHECK(parse_cpu_list("\n")->empty());
  for (const char* wrong : {"3-1", "a", "0-", "-1", "0,,1", "0-99999999", "1.5"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_cpu_list(wrong));
  }
}

TEST_CASE("the online CPUs come from sysfs, otherwise from cpuinfo") {
  FakeHost host;
  host.file("/proc/cpuinfo", "processor\t: 0\n\nprocessor\t: 1\n\nprocessor\t: 4\n");
  CHECK(read_online_cpus(host)->cpus == Cpus{0, 1, 4});
  host.file("/sys/devices/system/cpu/online", "0-2\n");
  CHECK(read_online_cpus(host)->cpus == Cpus{0, 1, 2});
  host.file("/sys/devices/system/cpu/online", "garbage");
  CHECK(read_online_cpus(host)->cpus == Cpus{0, 1, 4});
  CHECK_FALSE(read_online_cpus(FakeHost()));
}

TEST_CASE("a processor has the name that its kernel writes, or that of its part") {
  CHECK(*cpu_model("processor\t: 0\nmodel name\t: Intel(R) Xeon(R) Gold 6430\nprocessor\t: 1\n") ==
        "Intel(R) Xeon(R) Gold 6430");
  CHECK(*cpu_model("CPU implementer\t: 0x48\nCPU part\t: 0xd01\n") == "Kunpeng-920");
  CHECK(*cpu_model("CPU implementer\t: 0x48\nCPU part\t: 0xfff\n") == "implementer 0x48, part 0xfff");
  CHECK_FALSE(cpu_model("nothing of the kind"));
}

TEST_CASE("every online CPU has its governor, and one that cannot be read is absent by itself") {
  FakeHost host;
  host.file("/sys/devices/system/cpu/online", "0-2\n");
  host.file(governor_file(0), "performance\n").file(governor_file(2), "powersave\n");
  host.unreadable(governor_file(1), "permission denied");
  const Json list = governors(host);
  REQUIRE(list.size() == 3);
  CHECK(list[0] == Json{{"cpu", 0}, {"governor", "performance"}});
  CHECK(list[1]["cpu"] == 1);
  CHECK(absent_reason(list[1]["governor"]) == governor_file(1) + ": permission denied");
  CHECK(list[2]["governor"] == "powersave");
}

TEST_CASE("a host without cpufreq has no governors, which is not a wrong governor") {
  FakeHost host;
  host.file("/sys/devices/system/cpu/online", "0-1\n");
  CHECK(absent_reason(governors(host)) ==
        "no cpufreq in /sys (a virtual machine, or frequency scaling is off)");
}
