#include "probe/network_probe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "probe/hccn_tool.hpp"
#include "probe/network_output.hpp"
#include "probe/npu_commands.hpp"
#include "probe/npu_labels.hpp"

namespace ms {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t kHostsAtOnce = 32;
// Three packets, a second apart, wait two seconds each at most; longer than that, the command itself hangs.
constexpr Milliseconds kOneCommand{10000};

constexpr const char* kHostsType = "list<{address: string, reachable: bool, sent: int, received: int}>";
constexpr std::array<const char*, 3> kHostResults = {"reachable", "sent", "received"};
constexpr const char* kPingsType = "list<{device: int, peer: string, peer_server: string, reachable: bool}>";
constexpr const char* kReachType =
    "list<{device: int, reachable: bool, unreachable: list<string>, tested: int, total: int}>";
constexpr const char* kLldpType = "list<{device: int, peer: string}>";
constexpr const char* kVnicType = "list<{device: int, up: bool, address: string}>";

// Commands that share one deadline, none of which may take all of it.
class TimedCommands {
 public:
  TimedCommands(const Host& host, Milliseconds timeout)
      : host_(host), timeout_(timeout), deadline_(Clock::now() + timeout) {}

  const Host& host() const { return host_; }

  Reading<CommandOutput> ping(const std::string& address) const {
    const auto left = time_left();
    if (!left) return too_late("ping " + address);
    return host_.run({"ping", "-c", "3", "-q", "-W", "2", address}, *left);
  }

  Reading<CommandOutput> hccn(const std::vector<std::string>& arguments) const {
    const auto left = time_left();
    if (!left) return too_late(command_line(kHccnTool, arguments));
    return run_npu_tool(host_, kHccnTool, arguments, *left);
  }

  // Absent when it is over.
  std::optional<Milliseconds> time_left() const {
    const auto left = std::chrono::floor<Milliseconds>(deadline_ - Clock::now());
    if (left <= Milliseconds(0)) return std::nullopt;
    return std::min(left, kOneCommand);
  }

 private:
  Absent too_late(const std::string& command) const {
    return Absent{fmt::format("{}: not run, because the {:g} s of --network-timeout were over", command,
                              std::chrono::duration<double>(timeout_).count())};
  }

  const Host& host_;
  Milliseconds timeout_;
  Clock::time_point deadline_;
};

Reading<PingCounts> counts_of(const Reading<CommandOutput>& output, const std::string& command) {
  if (!output) return output.absent();
  return ping_counts(*output, command);
}

template <class T>
Json value_or_marker(const Reading<T>& reading, const std::string& source) {
  return reading ? Json(*reading) : absent_marker(reading.reason(), source);
}

std::vector<std::string> local_arguments(std::int64_t device, const char* query) {
  return {"-i", fmt::format("{}", device), query, "-g"};
}

std::vector<std::string> ping_arguments(std::int64_t device, const NpuPeer& peer) {
  std::vector<std::string> arguments = {"-i", fmt::format("{}", device),
                                        peer.is_hccs ? "-hccs_ping" : "-ping"};
  const bool is_v6 = peer.address.find(':') != std::string::npos;
  if (is_v6) arguments.emplace_back("-inet6");
  arguments.insert(arguments.end(), {"-g", is_v6 ? "ipv6_address" : "address", peer.address});
  return arguments;
}

Json lldp_element(const TimedCommands& commands, std::int64_t device) {
  const auto arguments = local_arguments(device, "-lldp");
  const std::string command = command_line(kHccnTool, arguments);
  const auto output = commands.hccn(arguments);
  const Reading<std::string> peer =
      output ? lldp_peer(*output, command) : Reading<std::string>(output.absent());
  return {{"device", device}, {"peer", value_or_marker(peer, command)}};
}

Json vnic_element(const TimedCommands& commands, std::int64_t device) {
  const auto arguments = local_arguments(device, "-vnic");
  const std::string command = command_line(kHccnTool, arguments);
  const auto output = commands.hccn(arguments);
  Json element = {{"device", device}};
  std::string reason = output ? nothing_found(command, *output) : output.reason();
  const LabelledBlock lines = output ? labelled_lines(output->text) : LabelledBlock();
  const auto link = value_of(lines, "vnic link status");
  const auto address = value_of(lines, "vnic ipaddr");
  element["up"] = link ? Json(*link == "UP") : absent_marker(reason, command);
  element["address"] = address ? Json(*address) : absent_marker(reason, command);
  return element;
}

Json hosts_of(const TimedCommands& commands, const NetworkTargets& targets) {
  std::vector<Json> elements(targets.hosts.size());
  const auto ping = [&](std::size_t i) {
    const std::string& address = targets.hosts[i];
    const std::string command = "ping " + address;
    const auto counts = counts_of(commands.ping(address), command);
    elements[i] = {{"address", address}};
    if (!counts) {
      for (const char* field : kHostResults) elements[i][field] = absent_marker(counts.reason(), command);
      return;
    }
    elements[i]["reachable"] = counts->is_reachable();
    elements[i]["sent"] = counts->sent;
    elements[i]["received"] = counts->received;
  };
  for_each_at_once(elements.size(), ping, kHostsAtOnce);
  if (targets.hosts_left_out > 0) {
    elements.push_back({{"address", fmt::format("{} more servers", targets.hosts_left_out)}});
    const std::string reason = fmt::format("only the first {} servers are pinged", targets.hosts.size());
    for (const char* field : kHostResults) elements.back()[field] = absent_marker(reason, "--network");
  }
  return Json(std::move(elements));
}

// The pings of one NPU, in the order of the peers, however they were run.
std::vector<Reading<PingCounts>> ping_peers(const TimedCommands& commands, std::int64_t device,
                                            std::size_t first, const std::vector<NpuPeer>& peers) {
  std::vector<Reading<PingCounts>> results(peers.size(), Reading<PingCounts>(Absent{"not run"}));
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const std::size_t at = (first + i) % peers.size();
    const auto arguments = ping_arguments(device, peers[at]);
    results[at] = counts_of(commands.hccn(arguments), command_line(kHccnTool, arguments));
  }
  return results;
}

// What of `results` is known of one NPU as a whole.
Json reach_element(std::int64_t device, const NetworkTargets& targets,
                   const std::vector<Reading<PingCounts>>& results) {
  Json unreachable = Json::array();
  std::size_t tested = 0;
  std::string reason;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) {
      if (reason.empty()) reason = results[i].reason();
      continue;
    }
    ++tested;
    if (!results[i]->is_reachable()) unreachable.push_back(targets.peers[i].address);
  }
  const std::size_t total = results.size() + targets.peers_left_out;
  Json reachable = unreachable.empty();
  if (unreachable.empty() && tested < total) {
    reachable = absent_marker(fmt::format("{} of {} peers were not tested{}{}", total - tested, total,
                                          reason.empty() ? "" : ": ", reason),
                              "hccn_tool");
  }
  return {{"device", device},
          {"reachable", std::move(reachable)},
          {"unreachable", std::move(unreachable)},
          {"tested", tested},
          {"total", total}};
}

struct NpuFacts {
  Json lldp = Json::array();
  Json vnic = Json::array();
  Json pings = Json::array();
  Json reach = Json::array();
};

NpuFacts npus_of(const TimedCommands& commands, const std::vector<std::int64_t>& devices,
                 const NetworkTargets& targets) {
  std::vector<Json> lldp(devices.size());
  std::vector<Json> vnic(devices.size());
  std::vector<std::vector<Reading<PingCounts>>> pings(devices.size());
  for_each_at_once(devices.size(), [&](std::size_t i) {
    lldp[i] = lldp_element(commands, devices[i]);
    vnic[i] = vnic_element(commands, devices[i]);
    // Each begins at another peer, so that all peers were asked for by some NPU if the time does not suffice.
    const std::size_t first = i * targets.peers.size() / devices.size();
    pings[i] = ping_peers(commands, devices[i], first, targets.peers);
  });
  NpuFacts facts;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    facts.lldp.push_back(std::move(lldp[i]));
    facts.vnic.push_back(std::move(vnic[i]));
    for (std::size_t p = 0; p < targets.peers.size(); ++p) {
      const NpuPeer& peer = targets.peers[p];
      const auto& counts = pings[i][p];
      facts.pings.push_back({{"device", devices[i]},
                             {"peer", peer.address},
                             {"peer_server", peer.server},
                             {"reachable", counts ? Json(counts->is_reachable())
                                                  : absent_marker(counts.reason(), "hccn_tool")}});
    }
    if (!targets.peers.empty()) facts.reach.push_back(reach_element(devices[i], targets, pings[i]));
  }
  return facts;
}

}  // namespace

std::vector<FactSpec> network_fact_specs() {
  return {
      {.path = "network.asked",
       .type_text = "bool",
       .unit = "",
       .doc = {"Whether --network was given: without it nothing is sent over the network.",
               "是否给出 --network；未给出时不产生任何网络流量。"}},
      {.path = "network.hosts",
       .type_text = kHostsType,
       .unit = "",
       .doc = {"The servers of the rank tables, as ping reaches them; reachable: no packet was lost.",
               "rank table 中各服务器的 ping 结果；reachable 表示没有丢包。"}},
      {.path = "network.npu_pings",
       .type_text = kPingsType,
       .unit = "",
       .doc =
           {"Every device IP of the rank tables from every local NPU; reachable is absent where it was not "
            "tested.",
            "每个本地 NPU 到 rank table 中每个 device_ip 的 ping 结果；未测试的 reachable 缺失。"}},
      {.path = "network.npu_reach",
       .type_text = kReachType,
       .unit = "",
       .doc =
           {"The pings of each local NPU: whether all peers answered, which did not, how many were tested.",
            "各本地 NPU 的 ping 汇总：是否全部可达、不可达的对端、已测数量。"}},
      {.path = "network.lldp",
       .type_text = kLldpType,
       .unit = "",
       .doc = {"What each NPU port is connected to: switch, npu, or how it describes itself.",
               "各 NPU 网口的对端：switch、npu 或其自我描述。"}},
      {.path = "network.vnic",
       .type_text = kVnicType,
       .unit = "",
       .doc = {"The virtual network port of each device of a super pod.", "超节点各设备的虚拟网口。"}},
  };
}

void set_network_not_asked(FactDocument& facts) {
  for (const FactSpec& spec : network_fact_specs())
    facts.set_absent(spec.path, "not asked for: --network was not given", "--network");
  facts.set("network.asked", false, "--network");
}

void read_network(const Host& host, const NetworkTargets& targets, Milliseconds timeout,
                  FactDocument& facts) {
  const TimedCommands commands(host, timeout);
  const auto devices = read_hccn_devices(NpuCommands(host, std::min(timeout, kOneCommand)));
  Json hosts;
  NpuFacts npus;
  for_each_at_once(2, [&](std::size_t part) {
    if (part == 0) hosts = hosts_of(commands, targets);
    if (part == 1 && devices) npus = npus_of(commands, *devices, targets);
  });
  facts.set("network.asked", true, "--network");
  facts.set("network.hosts", std::move(hosts), "ping");
  if (!devices) {
    for (const char* fact : {"network.npu_pings", "network.npu_reach", "network.lldp", "network.vnic"})
      facts.set_absent(fact, devices.reason(), "hccn_tool");
    return;
  }
  facts.set("network.npu_pings", std::move(npus.pings), "hccn_tool");
  facts.set("network.npu_reach", std::move(npus.reach), "hccn_tool");
  facts.set("network.lldp", std::move(npus.lldp), "hccn_tool -lldp");
  facts.set("network.vnic", std::move(npus.vnic), "hccn_tool -vnic");
}

}  // namespace ms
