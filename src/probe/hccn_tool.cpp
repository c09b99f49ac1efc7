#include "probe/hccn_tool.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "probe/npu_chips.hpp"

namespace ms {
namespace {

using enum LabelKind;

constexpr std::size_t kMaxDevices = 1024;

constexpr LabelledField kLink[] = {{"link", "link status", text}};
constexpr LabelledField kIp[] = {{"ip", "ipaddr", text}, {"netmask", "netmask", text}};
constexpr LabelledField kTls[] = {{"tls", "dev_id", tls_switch}};
constexpr LabelledField kHealth[] = {{"health", "net health status", text}};

// The health is asked last: it is the only one that may wait for an answer from the network.
constexpr HccnQuery kNetwork[] = {{"-link", kLink}, {"-ip", kIp}, {"-tls", kTls}, {"-net_health", kHealth}};

constexpr LabelledField kStatistics[] = {
    {"rx_packets", "roce_rx_all_pkt_num", integer},
    {"tx_packets", "roce_tx_all_pkt_num", integer},
    {"rx_error_packets", "roce_rx_err_pkt_num", integer},
    {"tx_error_packets", "roce_tx_err_pkt_num", integer},
    {"retransmitted_packets", "roce_new_pkt_rty_num", integer},
    {"out_of_order_packets", "roce_out_of_order_num", integer},
    {"rx_congestion_packets", "roce_rx_cnp_pkt_num", integer},
    {"rx_pause_packets", "mac_rx_pfc_pkt_num", integer},
    {"tx_pause_packets", "mac_tx_pfc_pkt_num", integer},
    {"rx_bad_packets", "mac_rx_bad_pkt_num", integer},
    {"tx_bad_packets", "mac_tx_bad_pkt_num", integer},
};
constexpr LabelledField kLinkHistory[] = {{"link_up_count", "link up count", integer}};
constexpr HccnQuery kTraffic[] = {{"-stat", kStatistics}, {"-link_stat", kLinkHistory}};

constexpr LabelledField kOptical[] = {
    {"present", "present", presence},
    {"vendor", "vendor name", text},
    {"part_number", "vendor part number", text},
    {"temperature_celsius", "temperature", number},
    {"temperature_high_celsius", "Temp High Thres", number},
    {"tx_power_milliwatts", "Tx Power", numbers},
    {"tx_power_low_milliwatts", "TxPower Low Thres", number},
    {"rx_power_milliwatts", "Rx Power", numbers},
    {"rx_power_low_milliwatts", "RxPower Low Thres", number},
    {"tx_lost", "Tx Los Flag", flags},
    {"rx_lost", "Rx Los Flag", flags},
};
constexpr HccnQuery kOptics[] = {{"-optical", kOptical}};

constexpr HccnFact kFacts[] = {{"npu.network", kNetwork}, {"npu.traffic", kTraffic}, {"npu.optics", kOptics}};

std::vector<std::string> arguments_of(const HccnQuery& query, std::int64_t device) {
  return {"-i", fmt::format("{}", device), std::string(query.command), "-g"};
}

void read_fact(std::string_view fact, const Host& host, std::chrono::milliseconds timeout,
               FactDocument& facts) {
  constexpr const char* kSource = "hccn_tool";
  const auto queries = std::find_if(std::begin(kFacts), std::end(kFacts), [&](const HccnFact& one) {
                         return one.fact == fact;
                       })->queries;
  const NpuCommands commands(host, timeout);
  const auto devices = read_hccn_devices(commands);
  if (!devices) return facts.set_absent(fact, devices.reason(), kSource);

  std::vector<std::vector<Reading<CommandOutput>>> outputs(devices->size());
  for_each_at_once(devices->size(), [&](std::size_t i) {
    for (const HccnQuery& query : queries) {
      outputs[i].push_back(commands.run(kHccnTool, arguments_of(query, (*devices)[i])));
    }
  });
  bool answered = false;
  Json list = Json::array();
  for (std::size_t i = 0; i < devices->size(); ++i) {
    Json element = {{"device", (*devices)[i]}};
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const auto& output = outputs[i][q];
      const std::string command = command_line(kHccnTool, arguments_of(queries[q], (*devices)[i]));
      if (output) {
        add_hccn_fields(queries[q], *output, command, element);
        answered = true;
      } else {
        add_absent(queries[q].fields, output.reason(), command, element);
      }
    }
    list.push_back(std::move(element));
  }
  if (!answered) return facts.set_absent(fact, outputs[0][0].reason(), kSource);
  facts.set(fact, std::move(list), kSource);
}

}  // namespace

std::span<const HccnFact> hccn_facts() {
  return kFacts;
}

void add_hccn_fields(const HccnQuery& query, const CommandOutput& output, const std::string& command,
                     Json& element) {
  const LabelledBlock lines = labelled_lines(output.text);
  if (has_any(lines, query.fields)) {
    add_fields(lines, query.fields, command, element);
  } else {
    add_absent(query.fields, nothing_found(command, output), command, element);
  }
}

Reading<std::vector<std::int64_t>> read_hccn_devices(const NpuCommands& commands) {
  constexpr std::string_view kPrefix = "davinci";
  std::vector<std::int64_t> devices;
  if (const auto files = commands.host().list_directory("/dev")) {
    for (const std::string& file : *files) {
      if (!file.starts_with(kPrefix)) continue;
      const auto number = parse_int(std::string_view(file).substr(kPrefix.size()));
      if (number && *number >= 0 && devices.size() < kMaxDevices) devices.push_back(*number);
    }
  }
  if (devices.empty()) {
    const auto chips = read_chips(commands);
    if (!chips) return Absent{fmt::format("no /dev/davinciN here, and {}", chips.reason())};
    for (const NpuChip& chip : *chips) {
      if (chip.phy_id || chip.logic_id) devices.push_back(chip.phy_id ? *chip.phy_id : *chip.logic_id);
    }
    if (devices.empty()) return Absent{"no /dev/davinciN here, and npu-smi info -m numbers no device"};
  }
  std::sort(devices.begin(), devices.end());
  return devices;
}

void read_hccn_network(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_fact("npu.network", host, timeout, facts);
}
void read_hccn_traffic(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_fact("npu.traffic", host, timeout, facts);
}
void read_hccn_optics(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_fact("npu.optics", host, timeout, facts);
}

}  // namespace ms
