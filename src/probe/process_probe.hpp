#pragma once

#include <chrono>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// Sets host.process_count, host.processes (the largest by memory and by CPU time) and
/// host.irqbalance_running.
void read_processes(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
