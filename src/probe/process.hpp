#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"
#include "probe/host.hpp"

namespace ms {

/// A process, from /proc/PID/{stat,cmdline}.
struct Process {
  std::int64_t pid = 0;
  std::int64_t parent = 0;
  std::int64_t started = 0;         ///< [clock ticks since the machine started]
  double cpu_seconds = 0;           ///< user and system time so far
  std::int64_t resident_pages = 0;  ///< memory that it holds, in pages
  std::string name;                 ///< at most 15 bytes, as the kernel keeps it; a program may change it
  std::vector<std::string>
      arguments;  ///< with the program; empty for a thread of the kernel and for a zombie

  /// What a person knows it by: "vllm serve /models/qwen", at most 60 bytes.
  std::string shown() const;
};

/// Reads /proc/PID/stat (proc(5)); nullopt when it is not the text of one.
std::optional<Process> parse_process_stat(std::string_view text);

/// The processes of a host that can be seen, in order of their ids. Absent when /proc cannot be listed.
Reading<std::vector<Process>> list_processes(const Host& host);

/// Whether a process is of a service: "mindie", "vllm", or else a name with '*' for any characters, which is
/// compared with the program (of an interpreter: the script or module that it runs) and with the name that
/// the process has.
bool is_of_service(const Process& process, std::string_view service);

/// What `service` is recognised by, for a message: "'mindieservice_daemon', 'mindie_llm_server'".
std::string service_signs(std::string_view service);

/// The process of a service that started the others, and those.
struct ServiceProcesses {
  Process main;
  std::vector<Process> others;
};

/// Of several processes of a service that none of them started, the oldest is the one. Absent with what was
/// looked for where there is none.
Reading<ServiceProcesses> find_service(const Host& host, std::string_view service);

/// The variables that a process was started with. Absent where there is no such process, where only its owner
/// and root may read them, and for a thread of the kernel, which has none.
Reading<std::map<std::string, std::string>> process_environment(const Host& host, std::int64_t pid);

}  // namespace ms
