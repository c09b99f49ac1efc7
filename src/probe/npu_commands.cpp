#include "probe/npu_commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <system_error>

#include "base/text.hpp"
#include "probe/extract.hpp"
#include "probe/npu_smi.hpp"

namespace ms {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr std::string_view kNpuSmiPlaces[] = {"/usr/local/sbin/npu-smi", "/usr/local/bin/npu-smi"};
constexpr std::string_view kHccnToolPlaces[] = {"/usr/local/Ascend/driver/tools/hccn_tool",
                                                "/usr/local/bin/hccn_tool"};

}  // namespace

const NpuTool kNpuSmi = {"npu-smi", kNpuSmiPlaces};
const NpuTool kHccnTool = {"hccn_tool", kHccnToolPlaces};

Reading<CommandOutput> run_npu_tool(const Host& host, const NpuTool& tool,
                                    const std::vector<std::string>& arguments, Milliseconds timeout) {
  std::vector<std::string> argv = {std::string(tool.name)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto output = host.run(argv, timeout);
  if (output || !output.reason().ends_with("not found on PATH")) return output;
  // The PATH of a service or of cron does not always lead to the folders of the driver.
  for (const std::string_view place : tool.places) {
    argv[0] = place;
    if (host.exists(argv[0])) return host.run(argv, timeout);
  }
  return output;
}

Reading<CommandOutput> NpuCommands::run(const NpuTool& tool,
                                        const std::vector<std::string>& arguments) const {
  const auto left = std::chrono::ceil<Milliseconds>(deadline_ - std::chrono::steady_clock::now());
  if (left <= Milliseconds(0)) {
    return Absent{fmt::format("{}: not run, because the {:g} s for this probe were over",
                              command_line(tool, arguments),
                              std::chrono::duration<double>(timeout_).count())};
  }
  return run_npu_tool(host_, tool, arguments, left);
}

std::string command_line(const NpuTool& tool, const std::vector<std::string>& arguments) {
  return fmt::format("{} {}", tool.name, fmt::join(arguments, " "));
}

std::string nothing_found(const std::string& command, const CommandOutput& output) {
  const std::string_view text = trim(output.text);
  std::string reason = fmt::format("{}: ", command);
  if (const auto failure = explain_npu_smi_failure(text)) {
    reason += *failure;
  } else if (text.empty()) {
    reason += "printed nothing";
  } else {
    reason += fmt::format("printed {}", quoted_start(text));
  }
  if (output.status != 0) reason += fmt::format(" (status {})", output.status);
  return reason;
}

void for_each_at_once(std::size_t count, const std::function<void(std::size_t)>& work, std::size_t at_once) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::future<void>> helpers;
  try {
    while (helpers.size() + 1 < std::min(count, at_once)) {
      helpers.push_back(std::async(std::launch::async, take));
    }
  } catch (const std::system_error&) {
    // No more threads are to be had: those that there are, and this one, do it all.
  }
  take();
  for (std::future<void>& helper : helpers) helper.get();
}

}  // namespace ms
