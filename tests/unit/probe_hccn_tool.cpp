// The forms of hccn_tool's output: link, ip, net_health, stat, optical as MindCluster's guide to collecting
// logs shows them; tls as HCCL's page on error EI0006 does; "Fault" from MindCluster's guide to link faults.
#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "probe/hccn_tool.hpp"

using namespace ms;

namespace {

constexpr const char* kOptical =
    "optical info:\n"
    "present              : present\n"
    "temperature          : 47 C\n"
    "vendor name          : EXAMPLE\n"
    "vendor part number   : PART-1\n"
    "Tx Power0            : 1.1035 mW\n"
    "Rx Power0            : 1.0189 mW\n"
    "Tx Power1            : 1.2968 mW\n"
    "Rx Power1            : 0.0054 mW\n"
    "Temp High Thres      : 70 C\n"
    "TxPower Low Thres    : 0.2818 mW\n"
    "RxPower Low Thres    : 0.1445 mW\n"
    "Tx Los Flag          : 0x0\n"
    "Rx Los Flag          : 0xff\n";

void network_of(FakeHost& host, int device, const std::string& link, const std::string& tls) {
  const std::string command = "hccn_tool -i " + std::to_string(device);
  host.file("/dev/davinci" + std::to_string(device), "");
  host.command(command + " -link -g", "link status: " + link + "\n");
  host.command(command + " -ip -g", "ipaddr:192.0.2." + std::to_string(device) + "\nnetmask:255.255.255.0\n");
  host.command(command + " -tls -g", "dev_id:" + std::to_string(device) + ", tls switch[" + tls +
                                         "](0:disable, 1:enable), tls alarm time threshold[60]days\n" +
                                         "dev_id:0, [pub cert] info:\n         issuer[/C=CN/CN=exampleCA]\n");
  host.command(command + " -net_health -g", "net health status: Success\n");
}

FactDocument read(void (*probe)(const Host&, std::chrono::milliseconds, FactDocument&),
                  const FakeHost& host) {
  FactDocument facts;
  probe(host, std::chrono::seconds(5), facts);
  return facts;
}

std::string reason(const Json& value) {
  const auto text = absent_reason(value);
  return text ? *text : "present: " + value.dump();
}

}  // namespace

TEST_CASE("the network of each device has link, address, TLS and health") {
  FakeHost host;
  network_of(host, 0, "UP", "0");
  network_of(host, 10, "DOWN", "1");
  host.command("hccn_tool -i 10 -net_health -g", "net health status: Fault\n");
  host.file("/dev/davinci_manager", "");
  const FactDocument facts = read(read_hccn_network, host);
  const Json& network = *facts.find("npu.network");
  REQUIRE(network.size() == 2);
  CHECK(network[0] == Json{{"device", 0},
                           {"link", "UP"},
                           {"ip", "192.0.2.0"},
                           {"netmask", "255.255.255.0"},
                           {"tls", false},
                           {"health", "Success"}});
  CHECK(network[1]["device"] == 10);
  CHECK(network[1]["link"] == "DOWN");
  CHECK(network[1]["tls"] == true);
  CHECK(network[1]["health"] == "Fault");
}

TEST_CASE("what one device does not say is absent there, and only there") {
  FakeHost host;
  network_of(host, 0, "UP", "0");
  network_of(host, 1, "UP", "0");
  host.command("hccn_tool -i 1 -ip -g", "\n\n").command("hccn_tool -i 1 -tls -g", "tls is not set\n", 1);
  host.no_command("hccn_tool -i 1 -net_health -g", "hccn_tool -i 1 -net_health -g: no answer within 5 s");
  const FactDocument facts = read(read_hccn_network, host);
  const Json& network = *facts.find("npu.network");
  CHECK(network[0]["health"] == "Success");
  CHECK(network[1]["link"] == "UP");
  CHECK(reason(network[1]["ip"]) == "hccn_tool -i 1 -ip -g: printed nothing");
  CHECK(reason(network[1]["tls"]) == "hccn_tool -i 1 -tls -g: printed \"tls is not set\" (status 1)");
  CHECK(reason(network[1]["health"]) == "hccn_tool -i 1 -net_health -g: no answer within 5 s");
}

TEST_CASE("counters and the history of the link are read by the names of hccn_tool") {
  FakeHost host;
  host.file("/dev/davinci3", "");
  host.command("hccn_tool -i 3 -stat -g",
               "packet statistics:\nroce_rx_all_pkt_num:3357337699\nroce_rx_err_pkt_num:11\n"
               "roce_tx_err_pkt_num:12\nroce_new_pkt_rty_num:7\nmac_rx_bad_pkt_num:x\n");
  host.command("hccn_tool -i 3 -link_stat -g",
               "[devid 3]current time        : Wed Aug  2 03:09:26 2022\n[devid 3]link up count       : 2\n"
               "[devid 3]link change records :\n[devid 3]    Tue Aug  1 14:43:40 2022    LINK UP\n"
               "[devid 3]    Tue Aug  1 14:43:40 2022    LINK DOWN\n");
  const FactDocument facts = read(read_hccn_traffic, host);
  const Json& traffic = facts.find("npu.traffic")->at(0);
  CHECK(traffic["rx_packets"] == 3357337699);
  CHECK(traffic["rx_error_packets"] == 11);
  CHECK(traffic["tx_error_packets"] == 12);
  CHECK(traffic["retransmitted_packets"] == 7);
  CHECK(traffic["link_up_count"] == 2);
  CHECK(reason(traffic["rx_bad_packets"]) ==
        "hccn_tool -i 3 -stat -g: shows \"x\" for \"mac_rx_bad_pkt_num\"");
  CHECK(reason(traffic["out_of_order_packets"]) ==
        "hccn_tool -i 3 -stat -g: prints no \"roce_out_of_order_num\"");
}

TEST_CASE("an optical module has the power of each lane, and flags of lost light") {
  FakeHost host;
  host.file("/dev/davinci0", "").command("hccn_tool -i 0 -optical -g", kOptical);
  host.file("/dev/davinci1", "");
  host.command("hccn_tool -i 1 -optical -g", "optical info:\npresent : not present\nTx Power : 4.4 mW\n");
  const FactDocument facts = read(read_hccn_optics, host);
  const Json& optics = *facts.find("npu.optics");
  CHECK(optics[0]["present"] == true);
  CHECK(optics[0]["temperature_celsius"] == 47.0);
  CHECK(optics[0]["rx_power_milliwatts"] == Json{1.0189, 0.0054});
  CHECK(optics[0]["rx_power_low_milliwatts"] == 0.1445);
  CHECK(optics[0]["tx_lost"] == false);
  CHECK(optics[0]["rx_lost"] == true);
  CHECK(optics[1]["present"] == false);
  CHECK(optics[1]["tx_power_milliwatts"] == Json::array({4.4}));
  CHECK(reason(optics[1]["vendor"]) == "hccn_tool -i 1 -optical -g: prints no \"vendor name\"");
}

TEST_CASE("without device files the physical numbers of npu-smi name the devices") {
  FakeHost host;
  host.command("npu-smi info -m",
               "NPU ID  Chip ID  Chip Logic ID  Chip Phy-ID  Chip Name\n4  1  1  9  Ascend910\n"
               "4  0  0  8  Ascend910\n");
  const NpuCommands commands(host, std::chrono::seconds(1));
  CHECK(*read_hccn_devices(commands) == std::vector<std::int64_t>{8, 9});
  host.command("npu-smi info -m", "NPU ID  Chip ID  Chip Logic ID  Chip Name\n4  0  2  Ascend 910B3\n");
  CHECK(*read_hccn_devices(commands) == std::vector<std::int64_t>{2});
  host.no_command("npu-smi info -m", "npu-smi: not found on PATH");
  CHECK(read_hccn_devices(commands).reason() == "no /dev/davinciN here, and npu-smi: not found on PATH");
}

TEST_CASE("hccn_tool outside PATH is found where the driver puts it, and missing it is one reason") {
  FakeHost host;
  host.file("/dev/davinci0", "");
  CHECK(reason(*read(read_hccn_optics, host).find("npu.optics")) == "hccn_tool: not found on PATH");
  const std::string path = "/usr/local/Ascend/driver/tools/hccn_tool";
  host.file(path, "").command(path + " -i 0 -optical -g", kOptical);
  const FactDocument facts = read(read_hccn_optics, host);
  CHECK(facts.find("npu.optics")->at(0)["vendor"] == "EXAMPLE");
}
