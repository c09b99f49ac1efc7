#pragma once

#include <chrono>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// Sets memory.nodes: memory and huge pages of each NUMA node.
void read_memory_nodes(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
