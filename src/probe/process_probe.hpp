#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// One line of /proc/PID/stat (proc(5)).
struct ProcessStat {
  std::int64_t pid = 0;
  std::string name;            ///< of the executable, at most 15 characters
  std::int64_t parent = 0;     ///< PID of the parent; 2 (kthreadd) for threads of the kernel
  double cpu_seconds = 0;      ///< user and system time so far
  std::int64_t rss_pages = 0;  ///< resident memory
};

/// nullopt when the text is no such line.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// Sets host.process_count, host.processes (the largest by memory and by CPU time) and
/// host.irqbalance_running.
void read_processes(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
