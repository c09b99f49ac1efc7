#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "probe/npu_chips.hpp"

using namespace ms;

namespace {

// The columns of a 910C, as MindCluster's reader of `npu-smi info -m` counts them: two dies of a package, and
// the chip that manages it.
constexpr const char* kTwoDies =
    "\tNPU ID        Chip ID       Chip Logic ID    Chip Phy-ID   Chip Name\n"
    "\t0             0             0                0             Ascend910\n"
    "\t0             1             1                1             Ascend910\n"
    "\t0             2             -                -             Mcu\n"
    "\t5             0             2                10            Ascend910\n";

FactDocument facts_of(const FakeHost& host) {
  FactDocument facts;
  read_npu_chips(host, std::chrono::seconds(1), facts);
  read_npu_cards(host, std::chrono::seconds(1), facts);
  return facts;
}

}  // namespace

TEST_CASE("the mapping gives each die its numbers, and leaves the management chip out") {
  const NpuMapping mapping = parse_npu_mapping(kTwoDies);
  REQUIRE(mapping.chips.size() == 3);
  CHECK(mapping.chips[1].npu == 0);
  CHECK(mapping.chips[1].chip == 1);
  CHECK(*mapping.chips[2].logic_id == 2);
  CHECK(*mapping.chips[2].phy_id == 10);
  CHECK(*mapping.chips[2].name == "Ascend910");
}

TEST_CASE("a column that a version does not print is absent, and a name may hold blanks") {
  const auto a2 = parse_npu_mapping(
      "NPU ID   Chip ID   Chip Logic ID   Chip Name\n3        0         1               Ascend 910B3\n");
  REQUIRE(a2.chips.size() == 1);
  CHECK(*a2.chips[0].name == "Ascend 910B3");
  CHECK(a2.chips[0].phy_id.reason() == "npu-smi info -m has no column Chip Phy-ID");

  // Ascend 950: a slot, and no logical number.
  const auto a5 =
      parse_npu_mapping("NPU ID  Slot ID  Chip ID  Chip Phy-ID  Chip Name\n2  9  0  4  Ascend950PR\n");
  REQUIRE(a5.chips.size() == 1);
  CHECK(a5.chips[0].npu == 2);
  CHECK(a5.chips[0].chip == 0);
  CHECK(*a5.chips[0].phy_id == 4);
  CHECK(a5.chips[0].logic_id.reason() == "npu-smi info -m has no column Chip Logic ID");
}

TEST_CASE("a mapping that is no mapping says what it was, and a broken row costs itself") {
  CHECK(parse_npu_mapping("").problem == "printed nothing");
  CHECK(parse_npu_mapping("NPU ID  Chip ID  Chip Logic ID  Chip Name\n").problem ==
        "printed a table without a chip");
  CHECK(parse_npu_mapping("NPU 编号  芯片编号  名称\n0  0  Ascend 910B4\n")
            .problem.starts_with("printed no table of chips but"));
  CHECK(parse_npu_mapping("dcmi module initialize failed. ret is -8005").problem.find("dcmi -8005") !=
        std::string::npos);
  CHECK(parse_npu_mapping("NPU ID  Chip ID  Chip Logic ID  Chip Name\n0  0\nx  0  0  A\n1  0  1  B\n")
            .chips.size() == 1);
}

TEST_CASE("cards are listed with what their product prints of them") {
  FakeHost host;
  host.command("npu-smi info -m", kTwoDies);
  // A package of two dies; an Ascend 950 instead prints product and number.
  host.command("npu-smi info -l",
               "\tTotal Count   : 2\n\n\tNPU ID        : 0\n\tChip Count    : 2\n\n"
               "\tNPU ID        : 5\n\tProduct Name  : A5 PCIe Card\n\tSerial Number : EXAMPLE1\n");
  const FactDocument facts = facts_of(host);
  CHECK(facts.find("npu.chips")->size() == 3);
  CHECK(facts.find("npu.chips")->at(1)["logic_id"] == 1);
  const Json& cards = *facts.find("npu.cards");
  REQUIRE(cards.size() == 2);
  CHECK(cards[0]["npu"] == 0);
  CHECK(cards[0]["chips"] == 2);
  CHECK(absent_reason(cards[0]["product"]) == "npu-smi info -l: prints no \"Product Name\"");
  CHECK(cards[1]["npu"] == 5);
  CHECK(cards[1]["serial_number"] == "EXAMPLE1");
}

TEST_CASE("without npu-smi chips and cards are absent, with the reason") {
  const FactDocument facts = facts_of(FakeHost());
  CHECK(absent_reason(*facts.find("npu.chips")) == "npu-smi: not found on PATH");
  FakeHost host;
  host.command("npu-smi info -l", "", 3);
  CHECK(absent_reason(*facts_of(host).find("npu.cards")) == "npu-smi info -l: printed nothing (status 3)");
}
