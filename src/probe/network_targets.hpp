#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace ms {

/// The network port of an NPU of a rank table.
struct NpuPeer {
  std::string address;   ///< device_ip
  std::string server;    ///< server_id
  bool is_hccs = false;  ///< reached with -hccs_ping: rank tables of version 1.2 and later
};

/// Whom a rank table names, each once, in its order. Longer lists are cut; what was cut is counted.
struct NetworkTargets {
  std::vector<std::string> hosts;
  std::vector<NpuPeer> peers;
  std::size_t hosts_left_out = 0;
  std::size_t peers_left_out = 0;
};

/// The servers and devices of the fact config.rank_tables. What is no address, or stands for "none"
/// (0.0.0.0), is left to the rules on rank tables.
NetworkTargets network_targets(const Json& rank_tables);

}  // namespace ms
