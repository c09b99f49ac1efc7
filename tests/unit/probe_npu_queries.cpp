#include <doctest/doctest.h>

#include "base/units.hpp"
#include "probe/fake_host.hpp"
#include "probe/npu_queries.hpp"

using namespace ms;

namespace {

constexpr const char* kMapping =
    "NPU ID  Chip ID  Chip Logic ID  Chip Phy-ID  Chip Name\n"
    "0       0        0              0            Ascend910\n"
    "0       1        1              1            Ascend910\n"
    "4       0        2              8            Ascend910\n"
    "4       1        3              9            Ascend910\n";

constexpr const char* kOneChip = "NPU ID  Chip ID  Chip Logic ID  Chip Name\n2  0  0  Ascend 910B3\n";

// usages: the number of a chip closes its block.
constexpr const char* kUsages =
    "\tNPU ID                         : 0\n\tChip Count                     : 2\n\n"
    "\tHBM Capacity(MB)               : 65536\n\tHBM Usage Rate(%)              : 4\n"
    "\tAicore Usage Rate(%)           : 0\n\tChip ID                        : 0\n\n"
    "\tHBM Capacity(MB)               : 65536\n\tHBM Usage Rate(%)              : 91\n"
    "\tAicore Usage Rate(%)           : NA\n\tChip ID                        : 1\n";

std::string reason(const Json& value) {
  const auto text = absent_reason(value);
  return text ? *text : "present: " + value.dump();
}

}  // namespace

TEST_CASE("usages tell the memory and the load of each die") {
  FakeHost host;
  host.command("npu-smi info -m", kMapping).command("npu-smi info -t usages -i 0", kUsages);
  host.command("npu-smi info -t usages -i 4", "dcmi module initialize failed. ret is -8020\n", 255);
  FactDocument facts;
  read_npu_usage(host, std::chrono::seconds(5), facts);
  const Json& usage = *facts.find("npu.usage");
  REQUIRE(usage.size() == 4);
  CHECK(usage[0]["hbm_total_bytes"] == 64 * kGiB);
  CHECK(usage[0]["hbm_ratio"] == 0.04);
  CHECK(usage[1]["chip"] == 1);
  CHECK(usage[1]["hbm_ratio"] == 0.91);
  CHECK(reason(usage[1]["aicore_ratio"]) ==
        "npu-smi info -t usages -i 0: shows \"NA\" for \"Aicore Usage Rate(%)\"");
  CHECK(reason(usage[1]["aivector_ratio"]) ==
        "npu-smi info -t usages -i 0: prints no \"Aivector Usage Rate(%)\"");
  // The card that failed costs its own dies.
  CHECK(usage[2]["npu"] == 4);
  CHECK(reason(usage[2]["hbm_ratio"]).find("held by another container") != std::string::npos);
  CHECK(reason(usage[3]["hbm_ratio"]).ends_with("(status 255)"));
}

TEST_CASE("common opens each block with the number of the chip, and the management chip is none") {
  FakeHost host;
  host.command("npu-smi info -m", kOneChip);
  host.command(
      "npu-smi info -t common -i 2",
      "NPU ID : 2\nChip Count : 1\n\nChip ID : 0\nAicore Usage Rate(%) : 30\nAicore Freq(MHZ) : 1800\n"
      "Aicore curFreq(MHZ) : 800\nAicore Count : 24\nTemperature(C) : 46\n"
      "NPU Real-time Power(W) : 93.4\n\nChip Name : mcu\nTemperature(C) : 38\n");
  FactDocument facts;
  read_npu_common(host, std::chrono::seconds(5), facts);
  const Json& common = facts.find("npu.common")->at(0);
  CHECK(common["temperature_celsius"] == 46.0);
  CHECK(common["power_watts"] == 93.4);
  CHECK(common["aicore_mhz"] == 800.0);
  CHECK(common["aicore_rated_mhz"] == 1800.0);
  CHECK(common["aicore_count"] == 24);
  CHECK(common["aicore_ratio"] == 0.3);
}

TEST_CASE("a text that does not number its chips speaks of the only one") {
  FakeHost host;
  host.command("npu-smi info -m", kOneChip);
  host.command("npu-smi info -t memory -i 2",
               "DDR Capacity(MB) : 0\nHBM Capacity(MB) : 65536\nHBM Clock Speed(MHz) : 1600\n"
               "HBM Temperature (C) : 52\nHBM Manufacturer ID : 0x56\n");
  FactDocument facts;
  read_npu_memory(host, std::chrono::seconds(5), facts);
  const Json& memory = facts.find("npu.memory")->at(0);
  CHECK(memory["hbm_total_bytes"] == 64 * kGiB);
  CHECK(memory["ddr_total_bytes"] == 0);
  CHECK(memory["hbm_mhz"] == 1600.0);
  CHECK(memory["hbm_temperature_celsius"] == 52.0);
  CHECK(memory["hbm_manufacturer_id"] == "0x56");

  // Of two dies it might be either.
  Json element;
  add_chip_fields({0, "HBM Capacity(MB) : 65536\n"}, "npu-smi info -t memory -i 0", 1, 2,
                  npu_queries()[2].fields, element);
  CHECK(reason(element["hbm_total_bytes"]) == "npu-smi info -t memory -i 0: prints nothing of chip 1");
}

TEST_CASE("boards are asked once a card and once a chip") {
  FakeHost host;
  host.command("npu-smi info -m", kMapping);
  for (const char* npu : {"0", "4"}) {
    const std::string card = std::string("npu-smi info -t board -i ") + npu;
    host.command(card,
                 "NPU ID : 0\nSoftware Version : 25.2.1\nFirmware Version : 7.7.0.6.236\n"
                 "Compatibility : NOK\nPCIe Bus Info : 0000:9D:00.0\nSlot ID : 0\nClass ID : NA\n"
                 "PCI Device ID : 0xD803\nChip Count : 2\n");
    host.command(card + " -c 0", "Chip Name : Ascend910\nNPU Name : 9392\nFirmware Version : 7.7.0.6.236\n");
  }
  host.command("npu-smi info -t board -i 0 -c 1", "This device does not support querying board.\n");
  FactDocument facts;
  read_npu_boards(host, std::chrono::seconds(5), facts);
  read_npu_chip_boards(host, std::chrono::seconds(5), facts);
  const Json& boards = *facts.find("npu.boards");
  REQUIRE(boards.size() == 2);
  CHECK(boards[1]["npu"] == 4);
  CHECK(boards[1]["software_version"] == "25.2.1");
  CHECK(boards[1]["compatibility"] == "NOK");
  CHECK(boards[1]["chips"] == 2);
  const Json& chips = *facts.find("npu.chip_boards");
  REQUIRE(chips.size() == 4);
  CHECK(chips[0]["npu_name"] == "9392");
  CHECK(reason(chips[1]["chip_name"]) ==
        "npu-smi info -t board -i 0 -c 1: this device does not support the query");
  CHECK(chips[2]["npu"] == 4);
  CHECK(reason(chips[3]["chip_name"]) == "npu-smi: not found on PATH");
}

TEST_CASE("a query that no card answers is absent as a whole") {
  FakeHost host;
  host.command("npu-smi info -m", kMapping);
  FactDocument facts;
  read_npu_usage(host, std::chrono::seconds(5), facts);
  CHECK(reason(*facts.find("npu.usage")) == "npu-smi: not found on PATH");
  host.command("npu-smi info -m", "");
  read_npu_usage(host, std::chrono::seconds(5), facts);
  CHECK(reason(*facts.find("npu.usage")) == "npu-smi info -m: printed nothing");
}

TEST_CASE("values that are none are absent fields") {
  const LabelledBlock block = labelled_lines("A : -7\nB :\nC : 9223372036854775807\nD : 0x\nE : maybe\n");
  const auto value = [&](const char* label, LabelKind kind) {
    const auto reading = labelled_value(block, {"field", label, kind}, "command");
    return reading ? reading->dump() : reading.reason();
  };
  CHECK(value("A", LabelKind::integer) == "command: shows \"-7\" for \"A\"");
  CHECK(value("B", LabelKind::text) == "command: shows nothing for \"B\"");
  CHECK(value("C", LabelKind::mebibytes).find("shows") != std::string::npos);
  CHECK(value("D", LabelKind::flags).find("shows") != std::string::npos);
  CHECK(value("E", LabelKind::presence).find("shows") != std::string::npos);
  CHECK(value("F", LabelKind::text) == "command: prints no \"F\"");
}
