#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/reading.hpp"
#include "probe/npu_commands.hpp"

namespace ms {

/// What came back of the packets of one ping.
struct PingCounts {
  std::int64_t sent = 0;
  std::int64_t received = 0;

  /// A packet that is lost on a line of its own is a fault as well.
  bool is_reachable() const { return sent > 0 && received == sent; }
};

/// The packets that `ping` or `hccn_tool -ping` count: "3 packets transmitted, 2 received, 33.33% packet
/// loss". No packets at all where the system knows no way there. Absent, with `command` in the reason, when
/// the output tells neither: that is not an unreachable peer.
Reading<PingCounts> ping_counts(const CommandOutput& output, const std::string& command);

/// What is at the other end of the cable by `hccn_tool -lldp -g`: "switch", "npu", or how it describes
/// itself. Absent when it says nothing.
Reading<std::string> lldp_peer(const CommandOutput& output, const std::string& command);

}  // namespace ms
