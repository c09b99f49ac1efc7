#include <doctest/doctest.h>

#include "base/units.hpp"
#include "probe/fake_host.hpp"
#include "probe/npu_pci.hpp"
#include "probe/npu_probe.hpp"

using namespace ms;

namespace {

constexpr const char* kOneA2 =
    "| npu-smi 25.5.1  Version: 25.5.2 |\n"
    "| 0     910B3 | OK | 90.0 40 0 / 0 |\n"
    "| 0           | 0000:C1:00.0 | 0 0 / 0 3400 / 65536 |\n";

void pci_device(FakeHost& host, const std::string& bus, const std::string& vendor, const std::string& device,
                const std::string& node = "0") {
  const std::string folder = "/sys/bus/pci/devices/" + bus;
  host.file(folder + "/vendor", vendor + "\n").file(folder + "/device", device + "\n");
  host.file(folder + "/numa_node", node + "\n");
}

FactDocument npu_facts(const Host& host) {
  FactDocument facts;
  read_npu_smi(host, std::chrono::seconds(1), facts);
  read_npu_pci(host, std::chrono::seconds(1), facts);
  return facts;
}

std::string reason(const FactDocument& facts, std::string_view path) {
  const Json* value = facts.find(path);
  REQUIRE(value != nullptr);
  const auto text = absent_reason(*value);
  return text ? *text : "present: " + value->dump();
}

}  // namespace

TEST_CASE("devices, versions, count and family come from npu-smi info") {
  FakeHost host;
  host.command("npu-smi info", kOneA2);
  const FactDocument facts = npu_facts(host);
  const Json& device = facts.find("npu.devices")->at(0);
  CHECK(device["name"] == "910B3");
  CHECK(device["hbm_total_bytes"] == 64 * kGiB);
  CHECK(*facts.find("npu.count") == 1);
  CHECK(*facts.find("npu.family") == "A2");
  CHECK(*facts.find("npu.smi_version") == "25.5.1");
  CHECK(*facts.find("npu.driver_version") == "25.5.2");
  CHECK(facts.provenance("npu.count")->source == "npu-smi info");
}

TEST_CASE("a cell without a value is an absent field of its device, with the reason") {
  FakeHost host;
  host.command("npu-smi info", "| 0  310P3 | OK | NA 40 0 / 0 |\n| 0 0 | 0000:01:00.0 | 0 5 / 21534 |\n");
  const Json device = npu_facts(host).find("npu.devices")->at(0);
  CHECK(absent_reason(device["power_watts"]) == "npu-smi info shows \"NA\" in column Power(W)");
  CHECK(device["temperature_celsius"] == 40.0);
}

TEST_CASE("the NUMA node of a device is that of its bus id in sysfs") {
  FakeHost host;
  host.command("npu-smi info", kOneA2);
  CHECK(absent_reason(npu_facts(host).find("npu.devices")->at(0)["numa_node"])->find("no such file") !=
        std::string::npos);
  pci_device(host, "0000:c1:00.0", "0x19e5", "0xd802", "6");
  CHECK(npu_facts(host).find("npu.devices")->at(0)["numa_node"] == 6);
  CHECK(*read_pci_numa_node(host, "00000000:C1:00.0") == 6);
}

TEST_CASE("without npu-smi the PCI bus tells count and family") {
  FakeHost host;
  pci_device(host, "0000:c1:00.0", "0x19e5", "0xd803", "6");
  pci_device(host, "0000:c2:00.0", "0x20e9", "0xd803", "-1");
  pci_device(host, "0000:7d:00.0", "0x19e5", "0xa222");
  pci_device(host, "0000:01:00.0", "0x8086", "0xd803");
  const FactDocument facts = npu_facts(host);
  CHECK(reason(facts, "npu.devices") == "npu-smi: not found on PATH");
  CHECK(*facts.find("npu.count") == 2);
  CHECK(*facts.find("npu.family") == "A3");
  CHECK(facts.provenance("npu.count")->source == "/sys/bus/pci/devices");
  const Json& pci = *facts.find("npu.pci_devices");
  REQUIRE(pci.size() == 2);
  CHECK(pci[0]["bus_id"] == "0000:c1:00.0");
  CHECK(pci[0]["device_id"] == "d803");
  CHECK(pci[0]["numa_node"] == 6);
  CHECK(absent_reason(pci[1]["numa_node"])->find("no NUMA node") != std::string::npos);
}

TEST_CASE("no npu-smi and no NPU on the bus is a known zero") {
  FakeHost host;
  pci_device(host, "0000:00:01.0", "0x1af4", "0x1041");
  const FactDocument facts = npu_facts(host);
  CHECK(*facts.find("npu.count") == 0);
  CHECK(facts.find("npu.pci_devices")->empty());
  CHECK(reason(facts, "npu.family") == "no NPU among the PCI devices");
}

TEST_CASE("without npu-smi and without a PCI bus the count is unknown") {
  const FactDocument facts = npu_facts(FakeHost());
  CHECK(reason(facts, "npu.count").find("/sys/bus/pci/devices: no such directory") != std::string::npos);
}

TEST_CASE("an npu-smi that fails does not become a zero when the bus shows no NPU") {
  FakeHost host;
  host.command("npu-smi info", "dcmi module initialize failed. ret is -8005\n", 255);
  pci_device(host, "0000:00:01.0", "0x1af4", "0x1041");
  const FactDocument facts = npu_facts(host);
  CHECK(reason(facts, "npu.devices")
            .starts_with("npu-smi info: the driver's management interface did not start"));
  CHECK(reason(facts, "npu.devices").ends_with("(status 255)"));
  CHECK(reason(facts, "npu.count").find("no NPU among the PCI devices") != std::string::npos);
}

TEST_CASE("npu-smi outside PATH is found where the driver puts it") {
  FakeHost host;
  host.file("/usr/local/sbin/npu-smi", "").command("/usr/local/sbin/npu-smi info", kOneA2);
  CHECK(*npu_facts(host).find("npu.count") == 1);
}

TEST_CASE("the name of an NPU tells its family") {
  CHECK(npu_family_of_name("910B4-1", false) == "A2");
  CHECK(npu_family_of_name("910B2C", false) == "A2");
  CHECK(npu_family_of_name("910A", false) == "A1");
  CHECK(npu_family_of_name("910ProB", false) == "A1");
  CHECK(npu_family_of_name("Ascend910_9391", false) == "A3");
  CHECK(npu_family_of_name("Ascend910", true) == "A3");
  CHECK_FALSE(npu_family_of_name("Ascend910", false));
  CHECK(npu_family_of_name("310P3", false) == "310P");
  CHECK(npu_family_of_name("310", false) == "310");
  CHECK(npu_family_of_name("Ascend950PR", false) == "950");
  CHECK_FALSE(npu_family_of_name("xxx", false));
}

TEST_CASE("a name that does not tell the family leaves it to the PCI id") {
  FakeHost host;
  host.command("npu-smi info",
               "| 0  xxx | OK | 70.0 40 0 / 0 |\n| 0 | 0000:C1:00.0 | 0 882 / 15169 0 / 32768 |\n");
  CHECK(reason(npu_facts(host), "npu.family") == "the name 'xxx' does not tell it");
  pci_device(host, "0000:c1:00.0", "0x19e5", "0xd801");
  CHECK(*npu_facts(host).find("npu.family") == "A1");
}

TEST_CASE("NPUs of several families have no single family") {
  FakeHost host;
  pci_device(host, "0000:c1:00.0", "0x19e5", "0xd802");
  pci_device(host, "0000:c2:00.0", "0x19e5", "0xd500");
  CHECK(reason(npu_facts(host), "npu.family") == "the host has NPUs of several families: 310P, A2");
}
