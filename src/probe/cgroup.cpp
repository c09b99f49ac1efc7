#include "probe/cgroup.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/extract.hpp"

namespace ms {
namespace {

constexpr const char* kProcess = "/proc/self/cgroup";
constexpr const char* kRoot = "/sys/fs/cgroup";
// No process is nested deeper; a made-up path may be.
constexpr std::size_t kMaxDepth = 64;

// The folders from a process's cgroup up to the root of its tree. In a container that sees only its own part
// of the tree the path is that of the host and leads nowhere; then the root is its own cgroup.
std::vector<std::string> folders_upwards(const std::string& tree, std::string_view path) {
  std::vector<std::string> folders;
  while (path.size() > 1 && folders.size() < kMaxDepth) {
    folders.push_back(tree + std::string(path));
    path = path.substr(0, path.rfind('/'));
  }
  folders.push_back(tree);
  return folders;
}

std::optional<std::string> read_trimmed(const Host& host, const std::string& path) {
  const auto text = host.read_file(path, 4096);
  if (!text) return std::nullopt;
  return std::string(trim(*text));
}

// "200000 100000" of version 2; "max 100000" limits nothing.
std::optional<double> cores_v2(const Host& host, const std::string& folder) {
  const auto text = read_trimmed(host, folder + "/cpu.max");
  if (!text) return std::nullopt;
  static const RE2 pattern(R"((\d{1,15})\s+(\d{1,15}))");
  double quota = 0;
  double period = 0;
  if (!RE2::FullMatch(*text, pattern, &quota, &period) || period <= 0) return std::nullopt;
  return quota / period;
}

// A quota of -1 limits nothing.
std::optional<double> cores_v1(const Host& host, const std::string& folder) {
  const auto quota = parse_int(read_trimmed(host, folder + "/cpu.cfs_quota_us").value_or(""));
  const auto period = parse_int(read_trimmed(host, folder + "/cpu.cfs_period_us").value_or(""));
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::int64_t> bytes_v2(const Host& host, const std::string& folder) {
  return parse_int(read_trimmed(host, folder + "/memory.max").value_or(""));
}

std::optional<std::int64_t> bytes_v1(const Host& host, const std::string& folder) {
  const auto bytes = parse_int(read_trimmed(host, folder + "/memory.limit_in_bytes").value_or(""));
  // "No limit" is written as the largest number of whole pages.
  constexpr std::int64_t kNoLimit = std::int64_t{1} << 62;
  return bytes && *bytes < kNoLimit ? bytes : std::nullopt;
}

template <class T>
using ReadLimit = std::optional<T> (*)(const Host&, const std::string&);

template <class T>
CgroupLimit<T> least(const Host& host, const std::vector<std::string>& folders, const char* file,
                     ReadLimit<T> read) {
  CgroupLimit<T> limit{std::nullopt, fmt::format("{}/{}", folders.front(), file)};
  for (const std::string& folder : folders) {
    const auto value = read(host, folder);
    if (!value || (limit.value && *limit.value <= *value)) continue;
    limit = {value, fmt::format("{}/{}", folder, file)};
  }
  return limit;
}

Reading<CgroupPaths> paths_of_process(const Host& host) {
  const auto text = host.read_file(kProcess, 65536);
  if (!text) return text.absent();
  CgroupPaths paths = parse_cgroup(*text);
  if (!paths.unified && !paths.cpu && !paths.memory) {
    return Absent{
        fmt::format("{}: names no cgroup; it starts with {}", host.describe(kProcess), quoted_start(*text))};
  }
  return paths;
}

template <class T>
void set_limit(const Host& host, const Reading<CgroupLimit<T>>& limit, const Reading<T>& all,
               const char* limited_fact, const char* fact, FactDocument& facts) {
  if (!limit) {
    facts.set_absent(limited_fact, limit.reason(), host.describe(kProcess));
    facts.set_absent(fact, limit.reason(), host.describe(kProcess));
    return;
  }
  const std::string source = host.describe(limit->source);
  // A limit above what the machine has limits nothing.
  const bool limited = limit->value && (!all || *limit->value < *all);
  facts.set(limited_fact, Json(limited), source);
  if (limited) {
    facts.set(fact, Json(*limit->value), source);
  } else {
    facts.set(fact, all, source);
  }
}

}  // namespace

CgroupPaths parse_cgroup(std::string_view text) {
  CgroupPaths paths;
  for (const std::string_view line : split_lines(text)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first == line.npos ? first : first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string path(line.substr(second + 1));
    if (!path.starts_with('/')) continue;
    if (controllers.empty()) paths.unified = path;
    for (const std::string_view controller : split(controllers, ',')) {
      if (controller == "cpu") paths.cpu = path;
      if (controller == "memory") paths.memory = path;
    }
  }
  return paths;
}

Reading<CgroupLimit<double>> read_cpu_quota(const Host& host) {
  const auto paths = paths_of_process(host);
  if (!paths) return paths.absent();
  if (paths->cpu) {
    for (const char* name : {"/cpu,cpuacct", "/cpu"}) {
      const std::string tree = kRoot + std::string(name);
      if (host.exists(tree))
        return least<double>(host, folders_upwards(tree, *paths->cpu), "cpu.cfs_quota_us", cores_v1);
    }
  }
  return least<double>(host, folders_upwards(kRoot, paths->unified.value_or("/")), "cpu.max", cores_v2);
}

Reading<CgroupLimit<std::int64_t>> read_memory_limit(const Host& host) {
  const auto paths = paths_of_process(host);
  if (!paths) return paths.absent();
  const std::string tree = kRoot + std::string("/memory");
  if (paths->memory && host.exists(tree)) {
    return least<std::int64_t>(host, folders_upwards(tree, *paths->memory), "memory.limit_in_bytes",
                               bytes_v1);
  }
  return least<std::int64_t>(host, folders_upwards(kRoot, paths->unified.value_or("/")), "memory.max",
                             bytes_v2);
}

void read_cgroup_limits(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto online = read_online_cpus(host);
  const auto cores = online ? Reading<double>(static_cast<double>(online->cpus.size())) : online.absent();
  set_limit(host, read_cpu_quota(host), cores, "limits.cpu_limited", "limits.cpu_cores", facts);

  const std::string meminfo = "/proc/meminfo";
  const auto text = host.read_file(meminfo);
  static const RE2 pattern(R"(MemTotal:\s+(\d{1,15}) kB)");
  std::int64_t kilobytes = 0;
  Reading<std::int64_t> total = Absent{host.describe(meminfo) + ": has no MemTotal"};
  if (!text) {
    total = text.absent();
  } else if (RE2::PartialMatch(*text, pattern, &kilobytes)) {
    total = kilobytes * 1024;
  }
  set_limit(host, read_memory_limit(host), total, "limits.memory_limited", "limits.memory_bytes", facts);
}

}  // namespace ms
