#include "probe/network_targets.hpp"

#include <set>

#include "base/text.hpp"
#include "cel/ip_address.hpp"

namespace ms {
namespace {

constexpr std::size_t kMostHosts = 1000;
constexpr std::size_t kMostPeers = 4096;

std::string text_at(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

bool is_target(const std::string& text) {
  const auto address = cel::parse_ip(text);
  return address && !address->is_unspecified();
}

// Source: HCCL, rank table 1.2: the devices of a super pod.
bool is_super_pod(const std::string& version) {
  const auto parts = split(version, '.');
  const auto major = parse_int(parts[0]);
  const auto minor = parts.size() > 1 ? parse_int(parts[1]) : 0;
  if (!major || !minor) return false;
  return *major > 1 || (*major == 1 && *minor >= 2);
}

}  // namespace

NetworkTargets network_targets(const Json& rank_tables) {
  NetworkTargets targets;
  std::set<std::string> hosts;
  std::set<std::string> peers;
  for (const Json& table : rank_tables) {
    const bool is_hccs = is_super_pod(text_at(table, "version"));
    for (const Json& server : table.value("servers", Json::array())) {
      const std::string ip = text_at(server, "ip");
      if (!is_target(ip) || !hosts.insert(ip).second) continue;
      if (targets.hosts.size() < kMostHosts) {
        targets.hosts.push_back(ip);
      } else {
        ++targets.hosts_left_out;
      }
    }
    for (const Json& device : table.value("devices", Json::array())) {
      const std::string ip = text_at(device, "ip");
      if (!is_target(ip) || !peers.insert(ip).second) continue;
      if (targets.peers.size() < kMostPeers) {
        targets.peers.push_back({ip, text_at(device, "server"), is_hccs});
      } else {
        ++targets.peers_left_out;
      }
    }
  }
  return targets;
}

}  // namespace ms
