#pragma once

#include <chrono>
#include <vector>

#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "probe/host.hpp"
#include "probe/network_targets.hpp"

namespace ms {

/// The facts of the tree `network`.
std::vector<FactSpec> network_fact_specs();

/// network.asked is false, the others are absent: nothing is sent over the network unless --network asks for
/// it.
void set_network_not_asked(FactDocument& facts);

/// Looks at the local ports, pings every host, and every peer from every local NPU. Hosts are pinged at the
/// same time, and so are peers by different NPUs; an NPU pings one peer after the other. All of it ends after
/// `timeout`, and a command that hangs sooner than that. What was not answered for by then is absent in its
/// element, with the reason, and counts as not tested.
void read_network(const Host& host, const NetworkTargets& targets, std::chrono::milliseconds timeout,
                  FactDocument& facts);

}  // namespace ms
