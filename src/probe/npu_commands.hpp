#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probe/host.hpp"

namespace ms {

/// A program of the driver, and where the driver puts it when it is not on PATH.
struct NpuTool {
  std::string_view name;
  std::span<const std::string_view> places;
};

extern const NpuTool kNpuSmi;
extern const NpuTool kHccnTool;

/// Runs `tool` with `arguments`, from PATH or from where the driver puts it.
Reading<CommandOutput> run_npu_tool(const Host& host, const NpuTool& tool,
                                    const std::vector<std::string>& arguments,
                                    std::chrono::milliseconds timeout);

/// The commands of one probe, which share one deadline: what is asked after it is absent at once. The probe
/// therefore takes no longer than its timeout, however many devices it asks and however many of them hang.
class NpuCommands {
 public:
  NpuCommands(const Host& host, std::chrono::milliseconds timeout)
      : host_(host), timeout_(timeout), deadline_(std::chrono::steady_clock::now() + timeout) {}

  const Host& host() const { return host_; }

  /// May be called from several threads.
  Reading<CommandOutput> run(const NpuTool& tool, const std::vector<std::string>& arguments) const;

 private:
  const Host& host_;
  std::chrono::milliseconds timeout_;
  std::chrono::steady_clock::time_point deadline_;
};

/// "npu-smi info -t usages -i 0".
std::string command_line(const NpuTool& tool, const std::vector<std::string>& arguments);

/// Why the output of a command holds nothing of what it was asked for: "npu-smi info -m: this device does not
/// support the query", "hccn_tool -i 2 -ip -g: printed nothing".
std::string nothing_found(const std::string& command, const CommandOutput& output);

/// Calls `work` with 0, ..., count - 1, at most `at_once` calls at a time, and returns when all have ended.
/// `work` must not throw. A host has up to 16 dies: one that hangs keeps no other waiting.
void for_each_at_once(std::size_t count, const std::function<void(std::size_t)>& work,
                      std::size_t at_once = 16);

}  // namespace ms
