#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "facts/document.hpp"
#include "probe/host.hpp"
#include "rule/pack_inputs.hpp"

namespace ms {

/// Adds `asked` to the facts: what a pack has asked of the host. With nullptr (saved facts) it is absent.
/// Expressions that name paths see `facts`.
void ask_host(const PackQuestions& questions, const Host* host, FactDocument& facts);

/// The local ports of the listening sockets in the text of /proc/net/tcp or /proc/net/tcp6.
std::set<std::int64_t> parse_listening_ports(std::string_view text);

/// The first IPv4 address in what `ip -4 -o addr show` prints that is not of a loopback or Docker interface.
std::optional<std::string> parse_first_address(std::string_view text);

}  // namespace ms
