#include "probe/process_probe.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr const char* kFolder = "/proc";
constexpr std::size_t kShownByEach = 20;

// Times in /proc/PID/stat are in units of USER_HZ, which is 100 on every architecture that carries NPUs.
constexpr double kTicksPerSecond = 100;

// The largest by memory, and the largest by CPU time.
std::set<std::int64_t> largest(std::vector<ProcessStat> processes) {
  std::set<std::int64_t> pids;
  const auto take_first_by = [&](auto key) {
    const auto count = std::min(kShownByEach, processes.size());
    std::partial_sort(processes.begin(), processes.begin() + static_cast<std::ptrdiff_t>(count),
                      processes.end(),
                      [&](const ProcessStat& a, const ProcessStat& b) { return key(a) > key(b); });
    for (std::size_t i = 0; i < count; ++i) pids.insert(processes[i].pid);
  };
  take_first_by([](const ProcessStat& p) { return p.rss_pages; });
  take_first_by([](const ProcessStat& p) { return p.cpu_seconds; });
  return pids;
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  // The name is in parentheses and may hold any character, so its end is the last one.
  const auto open = text.find(" (");
  const auto close = text.rfind(") ");
  if (open == text.npos || close == text.npos || close < open + 2) return std::nullopt;
  const auto fields = split(trim(text.substr(close + 2)), ' ');
  constexpr std::size_t kParent = 1, kUserTime = 11, kSystemTime = 12,
                        kResident = 21;  // counted from the state
  if (fields.size() <= kResident) return std::nullopt;
  const auto pid = parse_int(text.substr(0, open));
  const auto parent = parse_int(fields[kParent]);
  const auto user = parse_int(fields[kUserTime]);
  const auto system = parse_int(fields[kSystemTime]);
  const auto resident = parse_int(fields[kResident]);
  if (!pid || !parent || !user || !system || !resident) return std::nullopt;
  return ProcessStat{
      .pid = *pid,
      .name = sanitize_utf8(text.substr(open + 2, close - open - 2)),
      .parent = *parent,
      .cpu_seconds = (static_cast<double>(*user) + static_cast<double>(*system)) / kTicksPerSecond,
      .rss_pages = *resident};
}

void read_processes(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  const std::string source = host.describe("/proc/*/stat");
  const auto absent = [&](const std::string& reason) {
    for (const char* fact : {"host.process_count", "host.processes", "host.irqbalance_running"}) {
      facts.set_absent(fact, reason, source);
    }
  };
  const auto names = host.list_directory(kFolder);
  if (!names) return absent(names.reason());
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<ProcessStat> processes;
  bool sees_kernel_threads = false;
  bool irqbalance = false;
  for (const std::string& name : *names) {
    if (!parse_int(name)) continue;
    if (std::chrono::steady_clock::now() > deadline)
      return absent("/proc has more processes than time allows");
    const auto text = host.read_file(fmt::format("{}/{}/stat", kFolder, name), 4096);
    if (!text) continue;  // it ended in between, or is another user's
    auto process = parse_process_stat(*text);
    if (!process) continue;
    constexpr std::int64_t kKernelThreads = 2;
    if (process->pid == kKernelThreads && process->name == "kthreadd") sees_kernel_threads = true;
    if (process->pid == kKernelThreads || process->parent == kKernelThreads) continue;
    irqbalance = irqbalance || process->name == "irqbalance";
    processes.push_back(std::move(*process));
  }
  if (processes.empty()) return absent(host.describe(kFolder) + ": has no processes");

  facts.set("host.process_count", Json(processes.size()), source);
  if (irqbalance || sees_kernel_threads) {
    facts.set("host.irqbalance_running", Json(irqbalance), source);
  } else {
    facts.set_absent("host.irqbalance_running",
                     "the host's own processes are not visible from inside a container; look on the host",
                     source);
  }
  std::sort(processes.begin(), processes.end(),
            [](const ProcessStat& a, const ProcessStat& b) { return a.rss_pages > b.rss_pages; });
  const auto page_size = host.page_size_bytes();
  const std::set<std::int64_t> shown = largest(processes);
  Json list = Json::array();
  for (const ProcessStat& process : processes) {
    if (!shown.contains(process.pid)) continue;
    list.push_back({{"pid", process.pid},
                    {"name", process.name},
                    {"cpu_seconds", process.cpu_seconds},
                    {"memory_bytes", page_size ? Json(process.rss_pages * *page_size)
                                               : absent_marker(page_size.reason(), "getconf PAGESIZE")}});
  }
  facts.set("host.processes", std::move(list), source);
}

}  // namespace ms
