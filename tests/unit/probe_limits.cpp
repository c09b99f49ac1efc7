#include <doctest/doctest.h>

#include "probe/cgroup.hpp"
#include "probe/container_probe.hpp"
#include "probe/fake_host.hpp"
#include "probe/memory_probe.hpp"
#include "probe/python_probe.hpp"

using namespace ms;

namespace {

constexpr std::chrono::milliseconds kTimeout{1000};

// 8 CPUs and 64 GiB.
FakeHost machine() {
  FakeHost host;
  host.file("/sys/devices/system/cpu/online", "0-7\n").file("/proc/meminfo", "MemTotal:  67108864 kB\n");
  return host;
}

FactDocument limits(const Host& host) {
  FactDocument facts;
  read_cgroup_limits(host, kTimeout, facts);
  return facts;
}

std::string runtime(const Host& host) {
  const auto container = detect_container(host);
  return container ? container->runtime : "absent: " + container.reason();
}

}  // namespace

TEST_CASE("the cgroups of a process are read from both versions' lines") {
  const CgroupPaths v2 = parse_cgroup("0::/user.slice/session-4.scope\n");
  CHECK(*v2.unified == "/user.slice/session-4.scope");
  CHECK_FALSE(v2.cpu);
  const CgroupPaths v1 = parse_cgroup("4:memory:/docker/ab\n3:cpu,cpuacct:/docker/cd\n1:name=systemd:/x\n");
  CHECK(*v1.cpu == "/docker/cd");
  CHECK(*v1.memory == "/docker/ab");
  CHECK_FALSE(v1.unified);
  CHECK_FALSE(parse_cgroup("garbage\n:::\n1:cpu\n").cpu);
}

TEST_CASE("the least limit of a cgroup and of those above it counts") {
  FakeHost host = machine();
  host.file("/proc/self/cgroup", "0::/kubepods/pod1/ctr\n");
  host.file("/sys/fs/cgroup/kubepods/pod1/ctr/cpu.max", "max 100000\n");
  host.file("/sys/fs/cgroup/kubepods/pod1/cpu.max", "250000 100000\n");
  host.file("/sys/fs/cgroup/kubepods/cpu.max", "600000 100000\n");
  host.file("/sys/fs/cgroup/kubepods/pod1/ctr/memory.max", "34359738368\n");
  host.file("/sys/fs/cgroup/kubepods/pod1/memory.max", "max\n");
  const FactDocument facts = limits(host);
  CHECK(*facts.find("limits.cpu_limited") == true);
  CHECK(*facts.find("limits.cpu_cores") == 2.5);
  CHECK(facts.provenance("limits.cpu_cores")->source == "/sys/fs/cgroup/kubepods/pod1/cpu.max");
  CHECK(*facts.find("limits.memory_bytes") == std::int64_t{32} << 30);
}

TEST_CASE("version 1 is read where its trees are mounted, also from inside a container") {
  FakeHost host = machine();
  host.file("/proc/self/cgroup", "4:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n");
  host.file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "400000\n");
  host.file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  host.file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  const FactDocument facts = limits(host);
  CHECK(*facts.find("limits.cpu_cores") == 4.0);
  CHECK(*facts.find("limits.memory_limited") == false);
  CHECK(*facts.find("limits.memory_bytes") == std::int64_t{64} << 30);
}

TEST_CASE("without a limit, or with one above the machine, the whole machine is to be had") {
  FakeHost host = machine();
  host.file("/proc/self/cgroup", "0::/\n");
  CHECK(*limits(host).find("limits.cpu_limited") == false);
  CHECK(*limits(host).find("limits.cpu_cores") == 8.0);
  host.file("/sys/fs/cgroup/cpu.max", "1600000 100000\n");
  CHECK(*limits(host).find("limits.cpu_limited") == false);
  CHECK(*limits(host).find("limits.cpu_cores") == 8.0);
}

TEST_CASE("a host whose cgroups are not to be read has unknown limits") {
  const FactDocument facts = limits(machine());
  CHECK(*absent_reason(*facts.find("limits.cpu_cores")) == "/proc/self/cgroup: no such file");
}

TEST_CASE("a container is told by its runtime's marks") {
  FakeHost docker;
  docker.file("/.dockerenv", "");
  CHECK(runtime(docker) == "docker");
  FakeHost pod;
  pod.env("KUBERNETES_SERVICE_HOST", "10.0.0.1");
  CHECK(runtime(pod) == "kubernetes");
  FakeHost old;
  old.file("/proc/self/cgroup", "3:cpu:/kubepods/burstable/pod1/ab\n");
  CHECK(runtime(old) == "kubernetes");
  FakeHost layers;
  layers.file("/proc/self/cgroup", "0::/\n");
  layers.file("/proc/self/mountinfo",
              "639 527 0:53 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/x/1\n");
  CHECK(runtime(layers) == "unknown");
  FakeHost metal;
  metal.file("/proc/self/cgroup", "0::/user.slice\n");
  metal.file("/proc/self/mountinfo",
             "29 1 8:2 / / rw - ext4 /dev/sda2 rw\n30 29 0:5 / /dev/shm rw - tmpfs t rw\n");
  CHECK(runtime(metal) == "none");
  CHECK(runtime(FakeHost()).starts_with("absent: /proc/self/cgroup: no such file"));
}

TEST_CASE("the driver's files in /dev are listed, and others are not") {
  FakeHost host;
  for (const char* name :
       {"davinci0", "davinci12", "davinci_manager", "devmm_svm", "hisi_hdc", "davinci_x", "null"}) {
    host.file(std::string("/dev/") + name, "");
  }
  FactDocument facts;
  read_npu_device_files(host, kTimeout, facts);
  CHECK(*facts.find("npu.device_files") ==
        Json{"davinci0", "davinci12", "davinci_manager", "devmm_svm", "hisi_hdc"});
}

TEST_CASE("each NUMA node has its memory, and a field that is missing is absent by itself") {
  FakeHost host;
  const std::string folder = "/sys/devices/system/node/";
  host.file(folder + "node0/meminfo",
            "Node 0 MemTotal:  1024 kB\nNode 0 MemFree:  512 kB\nNode 0 HugePages_Total:  4\nNode 0 "
            "HugePages_Free:  1\n");
  host.file(folder + "node10/meminfo", "Node 10 MemTotal:  2048 kB\n");
  host.file(folder + "node9/meminfo", "").file(folder + "possible", "0-10\n");
  FactDocument facts;
  read_memory_nodes(host, kTimeout, facts);
  const Json& nodes = *facts.find("memory.nodes");
  REQUIRE(nodes.size() == 3);
  CHECK(nodes[0] == Json{{"id", 0},
                         {"total_bytes", 1048576},
                         {"free_bytes", 524288},
                         {"hugepages_total", 4},
                         {"hugepages_free", 1}});
  CHECK(nodes[1]["id"] == 9);
  CHECK(absent_reason(nodes[1]["total_bytes"]));
  CHECK(nodes[2]["total_bytes"] == 2097152);
  CHECK(absent_reason(nodes[2]["free_bytes"]));
}

TEST_CASE(
    "versions of Python packages come from the names of their metadata folders, the environment's own "
    "first") {
  FakeHost host;
  host.env("VIRTUAL_ENV", "/opt/venv");
  host.file("/opt/venv/lib/python3.11/site-packages/torch_npu-2.5.1.post1.dist-info/METADATA", "");
  host.file("/opt/venv/lib/python3.11/site-packages/vllm_ascend-0.9.1rc2.dev3+g12ab.dist-info/METADATA", "");
  host.file("/usr/local/lib/python3.11/site-packages/torch_npu-2.1.0.dist-info/METADATA", "");
  host.file("/usr/local/lib/python3.11/site-packages/triton-ascend-3.2.0.egg-info/PKG-INFO", "");
  host.file("/usr/local/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA", "");
  FactDocument facts;
  read_python_packages(host, kTimeout, facts);
  CHECK(*facts.find("ascend.python_packages") == Json{{"torch_npu", "2.5.1.post1"},
                                                      {"vllm_ascend", "0.9.1rc2.dev3+g12ab"},
                                                      {"triton_ascend", "3.2.0"}});
  FactDocument none;
  read_python_packages(FakeHost(), kTimeout, none);
  CHECK(absent_reason(*none.find("ascend.python_packages")));
}
