#include <doctest/doctest.h>
#include <fmt/format.h>

#include "probe/container_probe.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/fake_host.hpp"
#include "probe/file_system_probe.hpp"
#include "probe/process.hpp"
#include "probe/process_probe.hpp"

using namespace ms;

namespace {

constexpr std::chrono::milliseconds kTimeout{1000};

// Fields of proc(5), all but those that are read as 0.
std::string stat_line(int pid, const std::string& name, int parent, int user_ticks, int system_ticks,
                      int pages) {
  return fmt::format("{} ({}) S {} 0 0 0 -1 0 0 0 0 0 {} {} 0 0 20 0 1 0 300 0 {} 0 0\n", pid, name, parent,
                     user_ticks, system_ticks, pages);
}

template <class Probe>
FactDocument read(Probe probe, const Host& host) {
  FactDocument facts;
  probe(host, kTimeout, facts);
  return facts;
}

}  // namespace

TEST_CASE("a line of /proc/PID/stat has times in ticks and memory in pages") {
  const auto process = parse_process_stat(stat_line(4711, "a) S 1 (b", 1, 250, 50, 12));
  REQUIRE(process);
  CHECK(process->name == "a) S 1 (b");
  CHECK(process->cpu_seconds == 3.0);  // (250 + 50) ticks of 10 ms
  CHECK(process->resident_pages == 12);
}

TEST_CASE("threads of the kernel are no processes, and irqbalance is found among the rest") {
  FakeHost host;
  host.file("/proc/1/stat", stat_line(1, "systemd", 0, 10, 10, 100));
  host.file("/proc/2/stat", stat_line(2, "kthreadd", 0, 0, 0, 0));
  host.file("/proc/40/stat", stat_line(40, "ksoftirqd/0", 2, 0, 0, 0));
  FactDocument facts = read(read_processes, host);
  CHECK(*facts.find("host.process_count") == 1);
  CHECK(*facts.find("host.irqbalance_running") == false);
  CHECK(facts.find("host.processes")->at(0)["memory_bytes"] == 409600);  // 100 pages of 4096

  host.file("/proc/900/stat", stat_line(900, "irqbalance", 1, 1, 1, 5));
  host.file("/proc/901/stat", "garbage");
  facts = read(read_processes, host);
  CHECK(*facts.find("host.irqbalance_running") == true);
  CHECK(*facts.find("host.process_count") == 2);
}

TEST_CASE("inside a container nobody can say whether the host runs irqbalance") {
  FakeHost host;
  host.file("/proc/1/stat", stat_line(1, "bash", 0, 1, 1, 5));
  const FactDocument facts = read(read_processes, host);
  CHECK(absent_reason(*facts.find("host.irqbalance_running")));
  CHECK(*facts.find("host.process_count") == 1);
}

TEST_CASE("the largest processes are listed by memory and by time") {
  FakeHost host;
  for (int pid = 10; pid < 110; ++pid) {
    host.file(fmt::format("/proc/{}/stat", pid), stat_line(pid, "p", 1, 1000 - pid, 0, pid));
  }
  const FactDocument facts = read(read_processes, host);
  const Json& list = *facts.find("host.processes");
  CHECK(list.size() == 40);
  CHECK(list.front()["pid"] == 109);  // most memory
  CHECK(list.back()["pid"] == 10);    // least memory, most time
}

TEST_CASE("df is read in any language, with odd names and sizes that are not there") {
  const auto systems = parse_df(
      "文件系统         1024-块      已用     可用 容量 挂载点\n"
      "/dev/sda2        1000 400 600      40% /\n"
      "tmpfs            65536 0 65536       0% /dev/shm\n"
      "//nas/my share   2000 2000 0     100% /mnt/my share\n"
      "overlay          - - -       - /broken\n"
      "df: /mnt/gone: Stale file handle\n");
  REQUIRE(systems.size() == 3);
  CHECK(systems[0].mount == "/");
  CHECK(systems[0].total_bytes == 1024000);
  CHECK(systems[0].free_bytes == 614400);
  CHECK(systems[1].mount == "/dev/shm");
  CHECK(systems[2].source == "//nas/my share");
  CHECK(systems[2].mount == "/mnt/my share");
  CHECK(parse_df("").empty());
}

TEST_CASE("the size of /dev/shm is that of its own file system or none") {
  FakeHost host;
  host.command("df -P -k", "tmpfs 65536 1024 64512 2% /dev/shm\n");
  FactDocument facts = read(read_file_systems, host);
  CHECK(*facts.find("memory.shm.total_bytes") == 64 << 20);
  CHECK(*facts.find("memory.shm.free_bytes") == 63 << 20);
  host.command("df -P -k", "/dev/sda2 65536 1024 64512 2% /\n");
  facts = read(read_file_systems, host);
  CHECK(absent_reason(*facts.find("memory.shm.total_bytes")));
  CHECK(facts.find("host.file_systems")->size() == 1);
  host.no_command("df -P -k", "df: no answer within 5 s");
  CHECK(absent_reason(*read(read_file_systems, host).find("host.file_systems")) ==
        "df: no answer within 5 s");
}

TEST_CASE("sockets, cores and threads are counted from what CPUs share") {
  FakeHost host;
  host.file("/sys/devices/system/cpu/online", "0-7\n");
  for (int cpu = 0; cpu < 8; ++cpu) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu{}/topology/", cpu);
    host.file(folder + "physical_package_id", cpu % 4 < 2 ? "36\n" : "3181\n");
    host.file(folder + "thread_siblings_list", fmt::format("{},{}\n", cpu % 4, cpu % 4 + 4));
  }
  const FactDocument facts = read(read_cpu_topology, host);
  CHECK(*facts.find("cpu.sockets") == 2);
  CHECK(*facts.find("cpu.cores") == 4);
  CHECK(*facts.find("cpu.threads_per_core") == 2);
  CHECK(absent_reason(*read(read_cpu_topology, FakeHost()).find("cpu.sockets")));
}

TEST_CASE("frequencies are in Hz, and a CPU without one is absent by itself") {
  FakeHost host;
  host.file("/sys/devices/system/cpu/online", "0-1\n");
  host.file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "2600000\n");
  const Json list = *read(read_cpu_frequencies, host).find("cpu.frequencies");
  CHECK(list[0]["max_hz"] == 2600000000);
  CHECK(absent_reason(list[0]["min_hz"]));
  CHECK(absent_reason(list[1]["max_hz"]));
}

TEST_CASE("distances are a row for each node, in order of the nodes") {
  FakeHost host;
  host.file("/sys/devices/system/node/node10/distance", "24 10\n");
  host.file("/sys/devices/system/node/node9/distance", "10 24\n");
  const Json rows = *read(read_numa_distances, host).find("cpu.numa_distances");
  CHECK(rows == Json::parse(R"([{"node": 9, "distances": [10, 24]}, {"node": 10, "distances": [24, 10]}])"));
  host.file("/sys/devices/system/node/node9/distance", "10 far\n");
  CHECK(absent_reason(*read(read_numa_distances, host).find("cpu.numa_distances")));
}

TEST_CASE("the mounts of the driver and the devices of the cgroup are listed") {
  FakeHost host;
  host.file("/proc/self/mountinfo",
            "10 1 0:1 / / rw - overlay overlay rw\n"
            "11 10 8:2 /x /usr/local/Ascend/driver ro,relatime - ext4 /dev/sda2 rw\n"
            "12 10 8:2 /y /usr/local/bin/npu-smi rw - ext4 /dev/sda2 rw\n"
            "13 10 8:2 /z /data rw - ext4 /dev/sda2 rw\nbroken\n");
  CHECK(*read(read_driver_mounts, host).find("container.driver_mounts") ==
        Json::parse(R"([{"path": "/usr/local/Ascend/driver", "read_only": true},
                        {"path": "/usr/local/bin/npu-smi", "read_only": false}])"));
  host.file("/sys/fs/cgroup/devices/devices.list", "c 236:* rw\nc 1:3 rwm\n?\n");
  CHECK(*read(read_allowed_devices, host).find("container.devices_allowed") ==
        Json::parse(R"([{"kind": "c", "numbers": "236:*", "access": "rw"},
                        {"kind": "c", "numbers": "1:3", "access": "rwm"}])"));
  FakeHost unified;
  unified.file("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
  CHECK(absent_reason(*read(read_allowed_devices, unified).find("container.devices_allowed"))
            ->starts_with("cgroup version 2"));
}
