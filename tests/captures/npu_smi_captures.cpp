#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "base/units.hpp"
#include "captures.hpp"
#include "probe/npu_smi.hpp"

namespace {

using ms::Json;

// What the script reads in the same files.
Json second_reading(const std::vector<std::string>& files) {
  std::vector<std::string> argv = {"python3", MS_SOURCE_DIR "/tests/captures/npu_smi_read.py"};
  argv.insert(argv.end(), files.begin(), files.end());
  const auto output = ms::run_command(argv, std::chrono::seconds(60));
  REQUIRE_MESSAGE(output, output.reason());
  REQUIRE_MESSAGE(output->status == 0, output->text);
  return ms::parse_json(output->text, "npu_smi_read.py");
}

template <class T>
Json or_null(const ms::Reading<T>& reading) {
  return reading ? Json(*reading) : Json();
}

Json mebibytes(const ms::Reading<std::int64_t>& bytes) {
  return bytes ? Json(*bytes / ms::kMiB) : Json();
}

// What the parser reads, in the words of the script.
Json first_reading(const ms::NpuSmiInfo& info) {
  Json devices = Json::array();
  for (const ms::NpuDevice& device : info.devices) {
    devices.push_back({{"id", or_null(device.id)},
                       {"name", or_null(device.name)},
                       {"health", or_null(device.health)},
                       {"bus_id", or_null(device.bus_id)},
                       {"hbm_used", mebibytes(device.hbm_used_bytes)},
                       {"hbm_total", mebibytes(device.hbm_total_bytes)}});
  }
  Json processes = Json::array();
  for (const ms::NpuDevice& device : info.devices) {
    if (!device.processes) continue;
    for (const ms::NpuProcess& process : *device.processes) {
      processes.push_back({{"npu", process.npu},
                           {"pid", process.pid},
                           {"name", process.name ? *process.name : std::string()},
                           {"memory", mebibytes(process.memory_bytes)}});
    }
  }
  return {{"devices", devices}, {"processes", processes}};
}

void compare(const std::string& folder, int& devices, int& processes) {
  const auto files = capture_files(folder);
  REQUIRE(!files.empty());
  const Json expected = second_reading(files);
  for (const std::string& file : files) {
    CAPTURE(file);
    const auto text = ms::read_file(file);
    REQUIRE(text);
    const Json read = first_reading(ms::parse_npu_smi_info(*text));
    CHECK(read["devices"] == expected[file]["devices"]);
    // The order of processes is that of the devices here and that of the lines there.
    std::multiset<std::string> here;
    std::multiset<std::string> there;
    for (const Json& process : read["processes"]) here.insert(process.dump());
    for (const Json& process : expected[file]["processes"]) there.insert(process.dump());
    CHECK(here == there);
    devices += static_cast<int>(read["devices"].size());
    processes += static_cast<int>(read["processes"].size());
  }
}

}  // namespace

TEST_CASE("every npu-smi table of the captures is read as a second reading reads it") {
  int devices = 0;
  int processes = 0;
  compare("01_npu_smi/info", devices, processes);
  CHECK(devices > 200);
  CHECK(processes > 150);
  MESSAGE("devices: " << devices << ", processes: " << processes);
}

TEST_CASE("a table inside a whole report, or among other outputs of npu-smi, is found and read the same") {
  int devices = 0;
  int processes = 0;
  compare("00_collect_env", devices, processes);
  CHECK(devices > 150);
  compare("01_npu_smi/sub", devices, processes);
  MESSAGE("devices: " << devices << ", processes: " << processes);
}

TEST_CASE("broken npu-smi tables keep every device that a second reading finds") {
  int devices = 0;
  int processes = 0;
  compare("01_npu_smi/bad", devices, processes);
  CHECK(devices >= 10);
}

TEST_CASE("the tables of the captures lose no row and no process") {
  for (const std::string& file : capture_files("01_npu_smi/info")) {
    CAPTURE(file);
    const auto info = ms::parse_npu_smi_info(*ms::read_file(file));
    // One capture ends after the first line of its only device.
    const bool cut = file.find("24.1.rc1.3_verify") != std::string::npos;
    CHECK(info.broken_rows == (cut ? 1 : 0));
    CHECK(info.lost_processes == 0);
    CHECK(info.smi_version);
    CHECK(info.driver_version);
  }
}

TEST_CASE("a capture of an npu-smi that failed gives the reason in words") {
  struct Case {
    const char* file;
    const char* words;
  };
  for (const Case& one : {Case{"dcmi_8005_plain.txt", "dcmi -8005"}, Case{"dcmi_8005_ret4.txt", "dcmi -8005"},
                          Case{"dcmi_8005_g_conLogLevel.txt", "reboot"},
                          Case{"invalid_card_id.txt", "a card that is not there"},
                          Case{"topo_not_supported.txt", "does not support"},
                          Case{"yuanrong_error_param.txt", "does not know the arguments"}}) {
    CAPTURE(one.file);
    const auto text = ms::read_file(ms::captures_folder() / "01_npu_smi/bad" / one.file);
    REQUIRE(text);
    const auto info = ms::parse_npu_smi_info(*text);
    CHECK(info.devices.empty());
    CHECK(info.problem.find(one.words) != std::string::npos);
  }
}
