// The forms of output: ping -q of iputils and busybox; hccn_tool -ping as HCCL's and MindIE's guides to
// checking the network show it; -vnic as the driver's reference does; -lldp by the two words that are
// published of it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "probe/fake_host.hpp"
#include "probe/network_output.hpp"
#include "probe/network_probe.hpp"

using namespace ms;

namespace {

constexpr const char* kAnswered =
    "device 0 PING 192.0.2.11\nrecv seq=0,time=0.077000ms\nrecv seq=1,time=0.061000ms\n"
    "recv seq=2,time=0.060000ms\n3 packets transmitted, 3 received, 0.00% packet loss\n";
constexpr const char* kLost = "3 packets transmitted, 0 received, 100.00% packet loss\n";

std::string counts(const std::string& text, int status = 0) {
  const auto read = ping_counts({status, text}, "ping X");
  if (!read) return read.reason();
  return std::to_string(read->received) + " of " + std::to_string(read->sent);
}

std::string reason(const Json& value) {
  const auto text = absent_reason(value);
  return text ? *text : "present: " + value.dump();
}

std::string ping_command(int device, int peer) {
  return "hccn_tool -i " + std::to_string(device) + " -ping -g address 192.0.2.1" + std::to_string(peer);
}

// Four NPUs, and a table of four peers on two servers.
NetworkTargets four_peers() {
  NetworkTargets targets;
  for (int i = 0; i < 4; ++i) {
    targets.peers.push_back({.address = "192.0.2.1" + std::to_string(i),
                             .server = i < 2 ? "192.0.2.1" : "192.0.2.2",
                             .is_hccs = false});
  }
  return targets;
}

void four_devices(FakeHost& host) {
  for (int device = 0; device < 4; ++device) {
    host.file("/dev/davinci" + std::to_string(device), "");
    for (int peer = 0; peer < 4; ++peer) host.command(ping_command(device, peer), kAnswered);
  }
}

FactDocument read(const Host& host, const NetworkTargets& targets, int milliseconds = 5000) {
  FactDocument facts;
  read_network(host, targets, std::chrono::milliseconds(milliseconds), facts);
  return facts;
}

// A host on which one command takes all the time that it is given, and which remembers what was asked.
class SlowHost : public FakeHost {
 public:
  explicit SlowHost(std::string slow) : slow_(std::move(slow)) {}

  Reading<CommandOutput> run(const std::vector<std::string>& argv,
                             std::chrono::milliseconds timeout) const override {
    const std::string line = fmt::format("{}", fmt::join(argv, " "));
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(line);
    }
    if (!slow_.empty() && line.find(slow_) != line.npos) {
      std::this_thread::sleep_for(timeout);
      return Absent{line + ": no answer"};
    }
    return FakeHost::run(argv, timeout);
  }

  int asked(const std::string& part) const {
    return static_cast<int>(std::count_if(
        asked_.begin(), asked_.end(), [&](const std::string& line) { return line.find(part) != line.npos; }));
  }

 private:
  std::string slow_;
  mutable std::mutex mutex_;
  mutable std::vector<std::string> asked_;
};

}  // namespace

TEST_CASE("a ping counts the packets that came back, in whatever language it says so") {
  CHECK(counts("--- 192.0.2.1 ping statistics ---\n"
               "3 packets transmitted, 3 received, 0% packet loss, time 2003ms\n"
               "rtt min/avg/max/mdev = 0.031/0.035/0.041/0.004 ms\n") == "3 of 3");
  CHECK(counts("3 packets transmitted, 2 received, 33.3333% packet loss, time 2051ms\n", 0) == "2 of 3");
  CHECK(counts("3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2052ms\n", 1) ==
        "0 of 3");
  CHECK(counts("3 packets transmitted, 3 packets received, 0% packet loss\n") == "3 of 3");
  CHECK(counts("已发送 3 个包， 已接收 3 个包, 0% packet loss, time 2003ms\n") == "3 of 3");
  CHECK(counts(kAnswered) == "3 of 3");
  CHECK(counts("ping: connect: Network is unreachable\n", 2) == "0 of 0");
}

TEST_CASE("a ping that says nothing of packets is not known, rather than unreachable") {
  CHECK(counts("", 1) == "ping X: printed nothing (status 1)");
  CHECK(counts("ping: socket: Operation not permitted\n", 2) ==
        "ping X: printed \"ping: socket: Operation not permitted\" (status 2)");
  CHECK(counts("9% done\n") == "ping X: printed \"9% done\"");
}

TEST_CASE("a packet that is lost makes a peer unreachable") {
  CHECK(PingCounts{.sent = 3, .received = 3}.is_reachable());
  CHECK_FALSE(PingCounts{.sent = 3, .received = 2}.is_reachable());
  CHECK_FALSE(PingCounts{}.is_reachable());
}

TEST_CASE("LLDP tells a switch from an NPU by how the peer describes itself") {
  const auto peer = [](const std::string& line) {
    const auto read =
        lldp_peer({0, "Chassis ID TLV\n\tMAC: 00:00:5e:00:53:01\nSystem Description TLV\n" + line}, "lldp");
    return read ? *read : read.reason();
  };
  CHECK(peer("\tVersatile Routing Platform Software\n") == "switch");
  CHECK(peer("\tAscendNPU\n") == "npu");
  CHECK(peer("\tsome other system\n") == "some other system");
  CHECK(peer("") == "lldp: the peer does not describe itself");
  CHECK(lldp_peer({0, ""}, "lldp").reason() == "lldp: printed nothing");
}

TEST_CASE("rank tables name hosts and peers once, and nothing that is no address is pinged") {
  const Json tables = Json::parse(R"([
    {"version": "1.0",
     "servers": [{"ip": "192.0.2.1"}, {"ip": "192.0.2.1"}, {"ip": "-f"}, {"ip": ""}],
     "devices": [{"ip": "192.0.2.11", "server": "a"}, {"ip": "192.0.2.11", "server": "b"},
                 {"ip": "0.0.0.0"}, {"ip": "192.0.2.300"}, {"ip": "--help"}]},
    {"version": "1.2", "devices": [{"ip": "2001:db8::1", "server": "c"}]}, {}])");
  const NetworkTargets targets = network_targets(tables);
  CHECK(targets.hosts == std::vector<std::string>{"192.0.2.1"});
  REQUIRE(targets.peers.size() == 2);
  CHECK(targets.peers[0].address == "192.0.2.11");
  CHECK(targets.peers[0].server == "a");
  CHECK_FALSE(targets.peers[0].is_hccs);
  CHECK(targets.peers[1].is_hccs);
}

TEST_CASE("four NPUs and four addresses are sixteen pings") {
  SlowHost host("");
  four_devices(host);
  host.command(ping_command(3, 1), kLost, 1);
  const FactDocument facts = read(host, four_peers());
  CHECK(host.asked("-ping") == 16);
  const Json& pings = *facts.find("network.npu_pings");
  REQUIRE(pings.size() == 16);
  for (int device = 0; device < 4; ++device) {
    for (int peer = 0; peer < 4; ++peer) {
      CHECK(host.asked(ping_command(device, peer)) == 1);
      const Json& pair = pings.at(static_cast<std::size_t>(device * 4 + peer));
      CHECK(pair["device"] == device);
      CHECK(pair["peer"] == "192.0.2.1" + std::to_string(peer));
      CHECK(pair["reachable"] == !(device == 3 && peer == 1));
    }
  }
  const Json& reach = *facts.find("network.npu_reach");
  CHECK(
      reach[0] ==
      Json{{"device", 0}, {"reachable", true}, {"unreachable", Json::array()}, {"tested", 4}, {"total", 4}});
  CHECK(reach[3]["reachable"] == false);
  CHECK(reach[3]["unreachable"] == Json{"192.0.2.11"});
}

TEST_CASE("a ping that hangs costs what could not be tested in time, and that is not known") {
  SlowHost host(ping_command(2, 0));
  four_devices(host);
  const auto start = std::chrono::steady_clock::now();
  const FactDocument facts = read(host, four_peers(), 300);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
  const Json& reach = *facts.find("network.npu_reach");
  CHECK(reach[0]["reachable"] == true);
  CHECK(reach[2]["tested"].get<int>() < 4);
  CHECK(reach[2]["total"] == 4);
  CHECK(reason(reach[2]["reachable"]).find("peers were not tested: ") != std::string::npos);
  CHECK(reason(facts.find("network.npu_pings")->at(8)["reachable"]).ends_with(": no answer"));
}

TEST_CASE("a peer that is unreachable is so, though others were not tested") {
  FakeHost host;
  host.file("/dev/davinci0", "");
  host.command(ping_command(0, 0), kAnswered).command(ping_command(0, 1), kLost, 1);
  const FactDocument facts = read(host, four_peers());
  const Json& reach = facts.find("network.npu_reach")->at(0);
  CHECK(reach["reachable"] == false);
  CHECK(reach["tested"] == 2);
}

TEST_CASE("addresses of super pods and IPv6 have options of their own") {
  FakeHost host;
  host.file("/dev/davinci0", "");
  host.command("hccn_tool -i 0 -hccs_ping -g address 192.0.2.11", kAnswered);
  host.command("hccn_tool -i 0 -ping -inet6 -g ipv6_address 2001:db8::1", kLost, 1);
  const FactDocument facts =
      read(host, {.hosts = {},
                  .peers = {{.address = "192.0.2.11", .server = "a", .is_hccs = true},
                            {.address = "2001:db8::1", .server = "a", .is_hccs = false}}});
  const Json& pings = *facts.find("network.npu_pings");
  CHECK(pings[0]["reachable"] == true);
  CHECK(pings[1]["reachable"] == false);
}

TEST_CASE("what is beyond the limits counts as not tested") {
  FakeHost host;
  host.file("/dev/davinci0", "").command(ping_command(0, 0), kAnswered);
  NetworkTargets targets = {.hosts = {}, .peers = {four_peers().peers[0]}};
  targets.hosts_left_out = 7;
  targets.peers_left_out = 2;
  const FactDocument facts = read(host, targets);
  CHECK(reason(facts.find("network.npu_reach")->at(0)["reachable"]) == "2 of 3 peers were not tested");
  CHECK(facts.find("network.hosts")->at(0)["address"] == "7 more servers");
  CHECK(absent_reason(facts.find("network.hosts")->at(0)["reachable"]));

  Json table = {{"devices", Json::array()}};
  for (int i = 0; i < 5000; ++i) {
    table["devices"].push_back({{"ip", fmt::format("10.0.{}.{}", i / 250, i % 250 + 1)}});
  }
  const NetworkTargets many = network_targets(Json::array({table}));
  CHECK(many.peers.size() == 4096);
  CHECK(many.peers_left_out == 904);
}

TEST_CASE("hosts are pinged, and the local ports are looked at") {
  FakeHost host;
  host.file("/dev/davinci0", "").file("/dev/davinci1", "");
  host.command("ping -c 3 -q -W 2 192.0.2.1",
               "3 packets transmitted, 3 received, 0% packet loss, time 2ms\n");
  host.no_command("ping -c 3 -q -W 2 192.0.2.2", "ping: no answer within 10 s");
  host.command("hccn_tool -i 0 -vnic -g",
               "vnic link status: DOWN\nvnic ipaddr: 192.0.2.199\nvnic netmask: 255.255.255.0\n");
  host.command("hccn_tool -i 0 -lldp -g", "System Description TLV\n\tAscendNPU\n");
  host.command("hccn_tool -i 1 -vnic -g", "This device does not support vnic\n", 1);
  const FactDocument facts = read(host, {.hosts = {"192.0.2.1", "192.0.2.2"}, .peers = {}});
  const Json& hosts = *facts.find("network.hosts");
  CHECK(hosts[0] == Json{{"address", "192.0.2.1"}, {"reachable", true}, {"sent", 3}, {"received", 3}});
  CHECK(reason(hosts[1]["reachable"]) == "ping: no answer within 10 s");
  const Json& vnic = *facts.find("network.vnic");
  CHECK(vnic[0] == Json{{"device", 0}, {"up", false}, {"address", "192.0.2.199"}});
  CHECK(absent_reason(vnic[1]["up"]));
  CHECK(facts.find("network.lldp")->at(0)["peer"] == "npu");
  CHECK(absent_reason(facts.find("network.lldp")->at(1)["peer"]));
  CHECK(facts.find("network.npu_reach")->empty());
}

TEST_CASE("without NPUs nothing of them is known") {
  FakeHost host;
  host.no_command("npu-smi info -m", "npu-smi: not found on PATH");
  const FactDocument facts = read(host, four_peers());
  CHECK(reason(*facts.find("network.npu_reach")) == "no /dev/davinciN here, and npu-smi: not found on PATH");
}

TEST_CASE("the types of the network facts are types") {
  for (const FactSpec& spec : network_fact_specs()) CHECK_NOTHROW(parse_fact_type(spec.type_text));
}
