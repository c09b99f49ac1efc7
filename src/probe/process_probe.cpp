#include "probe/process_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.hpp"
#include "probe/process.hpp"

namespace ms {
namespace {

constexpr const char* kFolder = "/proc";
constexpr std::size_t kShownByEach = 20;

// The largest by memory, and the largest by CPU time.
std::set<std::int64_t> largest(std::vector<Process> processes) {
  std::set<std::int64_t> pids;
  const auto take_first_by = [&](auto key) {
    const auto count = std::min(kShownByEach, processes.size());
    std::partial_sort(processes.begin(), processes.begin() + static_cast<std::ptrdiff_t>(count),
                      processes.end(), [&](const Process& a, const Process& b) { return key(a) > key(b); });
    for (std::size_t i = 0; i < count; ++i) pids.insert(processes[i].pid);
  };
  take_first_by([](const Process& p) { return p.resident_pages; });
  take_first_by([](const Process& p) { return p.cpu_seconds; });
  return pids;
}

}  // namespace

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
  std::vector<Process> processes;
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
            [](const Process& a, const Process& b) { return a.resident_pages > b.resident_pages; });
  const auto page_size = host.page_size_bytes();
  const std::set<std::int64_t> shown = largest(processes);
  Json list = Json::array();
  for (const Process& process : processes) {
    if (!shown.contains(process.pid)) continue;
    list.push_back({{"pid", process.pid},
                    {"name", process.name},
                    {"cpu_seconds", process.cpu_seconds},
                    {"memory_bytes", page_size ? Json(process.resident_pages * *page_size)
                                               : absent_marker(page_size.reason(), "getconf PAGESIZE")}});
  }
  facts.set("host.processes", std::move(list), source);
}

}  // namespace ms
