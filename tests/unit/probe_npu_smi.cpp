#include <doctest/doctest.h>

#include "base/units.hpp"
#include "probe/npu_smi.hpp"

using namespace ms;

namespace {

constexpr std::string_view kA2 = R"(
+------------------------------------------------------------------------------------------------+
| npu-smi 25.0.rc1                 Version: 25.0.rc1.b010                                        |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 4     910B4               | Warning       | 93.5        41                3    / 12            |
| 0                         | 0000:81:00.0  | 27          0    / 0          30812/ 32768         |
+===========================+===============+====================================================+
| 6     910B4               | OK            | 90.1        38                0    / 0             |
| 0                         | 0000:82:00.0  | 0           0    / 0          1640 / 32768         |
+===========================+===============+====================================================+
+---------------------------+---------------+----------------------------------------------------+
| NPU     Chip              | Process id    | Process name             | Process memory(MB)      |
+===========================+===============+====================================================+
| 4       0                 | 2622374       | python                   | 28007                   |
| 4       0                 | 2622375       |                          | 110                     |
+===========================+===============+====================================================+
| No running processes found in NPU 6                                                            |
+===========================+===============+====================================================+
)";

// The rows of one device, as a table without captions.
std::string rows(const std::string& first, const std::string& second) {
  return first + "\n" + second + "\n";
}

}  // namespace

TEST_CASE("a row pair of npu-smi info is one device, with all that a person reads in it") {
  const NpuSmiInfo info = parse_npu_smi_info(kA2);
  CHECK(*info.smi_version == "25.0.rc1");
  CHECK(*info.driver_version == "25.0.rc1.b010");
  REQUIRE(info.devices.size() == 2);
  const NpuDevice& npu = info.devices[0];
  CHECK(*npu.id == 4);
  CHECK(*npu.chip == 0);
  CHECK(*npu.name == "910B4");
  CHECK(*npu.health == "Warning");
  CHECK(*npu.bus_id == "0000:81:00.0");
  CHECK(*npu.power_watts == doctest::Approx(93.5));
  CHECK(*npu.temperature_celsius == doctest::Approx(41));
  CHECK(*npu.aicore_ratio == doctest::Approx(0.27));
  CHECK(*npu.hugepages_used == 3);
  CHECK(*npu.hugepages_total == 12);
  CHECK(*npu.memory_total_bytes == 0);
  CHECK(*npu.hbm_used_bytes == 30812 * kMiB);
  CHECK(*npu.hbm_total_bytes == 32 * kGiB);
  CHECK_FALSE(npu.phy_id);
  CHECK(info.problem.empty());
  CHECK(info.broken_rows == 0);
}

TEST_CASE("processes belong to the device that they run on, with or without a name") {
  const NpuSmiInfo info = parse_npu_smi_info(kA2);
  REQUIRE(info.devices[0].processes);
  REQUIRE(info.devices[0].processes->size() == 2);
  const NpuProcess& named = (*info.devices[0].processes)[0];
  CHECK(named.pid == 2622374);
  CHECK(*named.name == "python");
  CHECK(*named.memory_bytes == 28007 * kMiB);
  const NpuProcess& nameless = (*info.devices[0].processes)[1];
  CHECK_FALSE(nameless.name);
  CHECK(nameless.name.reason().find("another container") != std::string::npos);
  REQUIRE(info.devices[1].processes);
  CHECK(info.devices[1].processes->empty());
}

TEST_CASE("processes are unknown, not none, where the table says nothing about a device") {
  const std::string text(kA2);
  const auto idle_line = text.find("| No running");
  const NpuSmiInfo cut = parse_npu_smi_info(text.substr(0, idle_line));
  CHECK(cut.devices[0].processes);
  REQUIRE_FALSE(cut.devices[1].processes);
  CHECK(cut.devices[1].processes.reason() == "npu-smi info says nothing about processes of NPU 6");

  const NpuSmiInfo no_table = parse_npu_smi_info(text.substr(0, text.find("| NPU     Chip")));
  REQUIRE_FALSE(no_table.devices[0].processes);
  CHECK(no_table.devices[0].processes.reason() == "npu-smi info printed no table of processes");
}

TEST_CASE("the dies of a package are devices of their own, told apart by chip and physical id") {
  const NpuSmiInfo info = parse_npu_smi_info(R"(
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip  Phy-ID              | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 6     Ascend910           | OK            | 163.0       44                0    / 0             |
| 0     12                  | 0000:85:00.0  | 0           0    / 0          47897/ 65536         |
+------------------------------------------------------------------------------------------------+
| 6     Ascend910           | OK            | -           44                0    / 0             |
| 1     13                  | 0000:87:00.0  | 0           0    / 0          47600/ 65536         |
+===========================+===============+====================================================+
| NPU     Chip              | Process id    | Process name             | Process memory(MB)      |
+===========================+===============+====================================================+
| 6       0                 | 31416         |                          | 44759                   |
| 6       1                 | 31417         |                          | 44762                   |
| 6       1                 | 31418         |                          | 136                     |
)");
  REQUIRE(info.devices.size() == 2);
  CHECK(info.has_chip_ids);
  CHECK(*info.devices[1].id == 6);
  CHECK(*info.devices[1].chip == 1);
  CHECK(*info.devices[1].phy_id == 13);
  CHECK(*info.devices[0].power_watts == doctest::Approx(163.0));
  REQUIRE_FALSE(info.devices[1].power_watts);
  CHECK(info.devices[1].power_watts.reason() == "npu-smi info shows \"-\" in column Power(W)");
  CHECK(info.devices[0].processes->size() == 1);
  CHECK(info.devices[1].processes->size() == 2);
}

TEST_CASE("the memory of a chip without HBM is what models are placed in") {
  const NpuSmiInfo info = parse_npu_smi_info(R"(
| NPU     Name                  | Health          | Power(W)     Temp(C)           Hugepages-Usage(page) |
| Chip    Device                | Bus-Id          | AICore(%)    Memory-Usage(MB)                        |
+===============================+=================+======================================================+
| 32896   310P3                 | OK              | NA           82                0     / 0             |
| 1       7                     | 0000:84:00.0    | 0            1265 / 43693                            |
)");
  REQUIRE(info.devices.size() == 1);
  CHECK(*info.devices[0].id == 32896);
  CHECK(*info.devices[0].phy_id == 7);
  CHECK_FALSE(info.devices[0].power_watts);
  CHECK(*info.devices[0].memory_total_bytes == 43693 * kMiB);
  CHECK(*info.devices[0].hbm_total_bytes == 43693 * kMiB);
  CHECK(*info.devices[0].hbm_used_bytes == 1265 * kMiB);
}

TEST_CASE("a 910A has both host memory and HBM, and they are not mixed up") {
  const NpuSmiInfo info = parse_npu_smi_info(
      rows("| 2     910ProB        | OK            | 81.1        39                0    / 0             |",
           "| 0                    | 0000:41:00.0  | 0           2322 / 15137      1    / 32768         |"));
  REQUIRE(info.devices.size() == 1);
  CHECK(*info.devices[0].memory_total_bytes == 15137 * kMiB);
  CHECK(*info.devices[0].hbm_used_bytes == 1 * kMiB);
  CHECK(*info.devices[0].hbm_total_bytes == 32768 * kMiB);
}

TEST_CASE("a 950 has its name in a cell of its own and no chips") {
  const NpuSmiInfo info = parse_npu_smi_info(R"(
| NPU ID | Name             | Health        | Power(W)    Temp(C)           Hugepages-Usage(page) |
|        |                  | Bus-Id        | NPU Util(%) Memory-Usage(MB)  HBM-Usage(MB)         |
+========+==================+===============+=====================================================+
| 7      | Ascend950PR      | OK            | 293.6       58                0     / 0             |
|        |                  | 0000:84:00.0  | 16          0    / 0          106378/ 114688        |
+========+==================+===============+=====================================================+
| NPU ID                    | Process id    | Process name             | Process memory(MB)       |
+===========================+===============+=====================================================+
| 7                         | 2645958       | VLLMWorker_DP            | 100738                  |
)");
  REQUIRE(info.devices.size() == 1);
  CHECK(*info.devices[0].name == "Ascend950PR");
  CHECK(*info.devices[0].chip == 0);
  CHECK(*info.devices[0].aicore_ratio == doctest::Approx(0.16));
  CHECK(*info.devices[0].hbm_total_bytes == 112 * kGiB);
  REQUIRE(info.devices[0].processes);
  CHECK(*info.devices[0].processes->at(0).name == "VLLMWorker_DP");
}

TEST_CASE("the id inside a container, which npu-smi 26 adds, is not taken for memory") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| 4     910B4-1  | OK | 89.3 40 0 / 0 |\n"
      "| 0              | 0000:01:00.0 | 0 0 / 0 3464 / 65536 |\n"
      "| NPU     Chip   | Process id | Process name | Process memory(MB) | Process id in container |\n"
      "| 4       0      | 2729616    |              | 110                | 233937                  |\n");
  REQUIRE(info.devices[0].processes);
  CHECK(*info.devices[0].processes->at(0).memory_bytes == 110 * kMiB);
}

TEST_CASE("process memory in bytes is told by the header") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| 0     910A  | OK | 72.0 39 0 / 0 |\n"
      "| 0           | 0000:C1:00.0 | 0 938 / 15137 3 / 32768 |\n"
      "| NPU     Chip | Process id | Process name | Process memory(B) |\n"
      "| 0       0    | 77         | python       | 4096              |\n");
  CHECK(*info.devices[0].processes->at(0).memory_bytes == 4096);
}

TEST_CASE("a device whose second line is missing stays, with what its first line says") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| 0     910B4  | OK | 85.0 36 0 / 0 |\n"
      "| 1     910B4  | Alarm | 84.0 35 0 / 0 |\n"
      "| 0            | 0000:C2:00.0 | 0 0 / 0 2000 / 32768 |\n");
  REQUIRE(info.devices.size() == 2);
  CHECK(info.broken_rows == 1);
  CHECK(*info.devices[0].health == "OK");
  CHECK(info.devices[0].hbm_total_bytes.reason() ==
        "npu-smi info: the second line of this device is missing");
  CHECK(*info.devices[1].hbm_total_bytes == 32768 * kMiB);
}

TEST_CASE("a broken cell costs its own field and no other") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| Chip | Bus-Id | AICore(%) Memory-Usage(MB) HBM-Usage(MB) |\n"
      "| 0     910B4  | OK | 85.0 36 0 / 0 |\n"
      "| 0            | 0000:C1:00.0 | 0 4 / 5.s 30759/ 32768 |\n"
      "| 1     910B4  | OK | 85.0 hot 0 / 0 |\n"
      "| 0            | 0000:C2:00.0 | 0 0 / 0 |\n");
  REQUIRE(info.devices.size() == 2);
  CHECK(*info.devices[0].memory_used_bytes == 4 * kMiB);
  CHECK(info.devices[0].memory_total_bytes.reason() ==
        "npu-smi info shows \"5.s\" in column Memory-Usage(MB)");
  CHECK(*info.devices[0].hbm_used_bytes == 30759 * kMiB);
  CHECK(info.devices[1].temperature_celsius.reason() == "npu-smi info shows \"hot\" in column Temp(C)");
  CHECK(*info.devices[1].hugepages_total == 0);
  CHECK(info.devices[1].hbm_total_bytes.reason() == "npu-smi info shows nothing in column HBM-Usage(MB)");
}

TEST_CASE("a number that is left out does not move the others into its column") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| 0  910B4 | OK | 0 / 7 |\n"
      "| 0        | 0000:C1:00.0 | 3 / 4 1640 / 32768 |\n");
  REQUIRE(info.devices.size() == 1);
  CHECK(info.devices[0].power_watts.reason() == "npu-smi info shows nothing in column Power(W)");
  CHECK_FALSE(info.devices[0].temperature_celsius);
  CHECK(*info.devices[0].hugepages_total == 7);
  CHECK_FALSE(info.devices[0].aicore_ratio);
  CHECK(*info.devices[0].memory_total_bytes == 4 * kMiB);
  CHECK(*info.devices[0].hbm_used_bytes == 1640 * kMiB);
}

TEST_CASE("a second line without a first makes no device and is counted") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| 0        | 0000:C0:00.0 | 0 0 / 0 1640 / 32768 |\n"
      "| 1  910B4 | OK | 85.0 36 0 / 0 |\n"
      "| 0        | 0000:C1:00.0 | 0 0 / 0 1640 / 32768 |\n");
  CHECK(info.devices.size() == 1);
  CHECK(info.broken_rows == 1);
}

TEST_CASE("an amount that no memory has is not a number") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| 0  910B4 | OK | 85.0 36 0 / 0 |\n"
      "| 0        | 0000:C1:00.0 | 0 0 / 0 9223372036854775807 / -5 |\n");
  CHECK_FALSE(info.devices[0].hbm_used_bytes);
  CHECK_FALSE(info.devices[0].hbm_total_bytes);
}

TEST_CASE("a process of a device that is not in the table is counted as lost") {
  const NpuSmiInfo info = parse_npu_smi_info(
      "| 0  910B4 | OK | 85.0 36 0 / 0 |\n| 0 | 0000:C1:00.0 | 0 0 / 0 5 / 32768 |\n| 3  0 | 17 | python | 9 "
      "|\n");
  CHECK(info.lost_processes == 1);
}

TEST_CASE("text that is no table gives no device and says what it was") {
  CHECK(parse_npu_smi_info("").problem == "printed nothing");
  CHECK(parse_npu_smi_info("segmentation fault\n").problem ==
        "printed no table of devices but \"segmentation fault\"");
  const NpuSmiInfo captions = parse_npu_smi_info("| npu-smi 24.1.rc1   Version: 24.1.rc1   |\n");
  CHECK(captions.problem.starts_with("printed a table without a device"));
}

TEST_CASE("a failure of the driver's interface says what it means and what to do") {
  const auto known = explain_npu_smi_failure("dcmi module initialize failed. ret is -8005\n");
  REQUIRE(known);
  CHECK(known->find("dcmi -8005") != std::string::npos);
  CHECK(known->find("reboot") != std::string::npos);
  CHECK(known->find("/dev/davinci_manager") != std::string::npos);
  CHECK(explain_npu_smi_failure("dcmi model initialized failed, because the device is used. ret is -8020")
            ->find("another container or process") != std::string::npos);
  CHECK(*explain_npu_smi_failure("dcmi module initialize failed. ret is -8999") ==
        "the driver's management interface did not start (dcmi -8999)");
  CHECK(explain_npu_smi_failure("npu-smi: error while loading shared libraries: libdrvdsmi_host.so")
            ->find("LD_LIBRARY_PATH") != std::string::npos);
  CHECK_FALSE(explain_npu_smi_failure("| 0 910B4 |"));
}
