#include "probe/container_probe.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"

namespace ms {
namespace {

struct Mark {
  const char* words;
  const char* runtime;
};

// Names that runtimes give to cgroups and to the layers below a container's root.
constexpr Mark kMarks[] = {
    {"kubepods", "kubernetes"},
    {"/docker", "docker"},
    {"libpod", "podman"},
    {"containerd", "containerd"},
    {"/containers/storage", "podman"},
    {"/lxc", "lxc"},
};

const char* runtime_in(std::string_view text) {
  for (const Mark& mark : kMarks) {
    if (text.find(mark.words) != text.npos) return mark.runtime;
  }
  return nullptr;
}

}  // namespace

Reading<Container> detect_container(const Host& host) {
  const auto variables = host.environment();
  if (variables && variables->contains("KUBERNETES_SERVICE_HOST"))
    return Container{"kubernetes", "environment"};
  if (host.exists("/.dockerenv")) return Container{"docker", "/.dockerenv"};
  if (host.exists("/run/.containerenv")) return Container{"podman", "/run/.containerenv"};
  const std::string cgroup_path = "/proc/self/cgroup";
  const auto cgroup = host.read_file(cgroup_path, 65536);
  if (cgroup) {
    if (const char* runtime = runtime_in(*cgroup)) return Container{runtime, cgroup_path};
  }
  const std::string mounts_path = "/proc/self/mountinfo";
  const auto mounts = host.read_file(mounts_path, std::size_t{1} << 20);
  if (mounts) {
    // The mount at "/": in a container a stack of layers.
    static const RE2 root(R"((?m)^\d+ \d+ \d+:\d+ \S+ / .* - (\S+) (.*)$)");
    std::string type;
    std::string options;
    if (RE2::PartialMatch(*mounts, root, &type, &options) && type == "overlay") {
      const char* runtime = runtime_in(options);
      return Container{runtime != nullptr ? runtime : "unknown", mounts_path};
    }
  }
  if (!cgroup && !mounts) return Absent{fmt::format("{}; {}", cgroup.reason(), mounts.reason())};
  return Container{"none", cgroup ? cgroup_path : mounts_path};
}

void read_container(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto container = detect_container(host);
  if (!container) {
    const std::string source = host.describe("/proc/self/cgroup");
    facts.set_absent("container.detected", container.reason(), source);
    facts.set_absent("container.runtime", container.reason(), source);
    return;
  }
  const std::string source =
      container->source.starts_with('/') ? host.describe(container->source) : container->source;
  facts.set("container.detected", Json(container->runtime != "none"), source);
  facts.set("container.runtime", Json(container->runtime), source);
}

void read_driver_mounts(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "container.driver_mounts";
  const std::string path = "/proc/self/mountinfo";
  const auto text = host.read_file(path, std::size_t{1} << 20);
  if (!text) return facts.set_absent(kFact, text.reason(), host.describe(path));
  // proc(5): id, parent, device, root, mount point, options, ...
  static const RE2 line(R"(\d+ \d+ \d+:\d+ \S+ (\S+) (\S+).*)");
  static const RE2 of_the_driver(
      R"(/usr/local/(?:Ascend(?:/driver(?:/.*)?|/firmware(?:/.*)?)?|dcmi|s?bin/npu-smi|bin/hccn_tool)|/etc/ascend_install\.info|/etc/hccn\.conf)");
  Json mounts = Json::array();
  for (const std::string_view entry : split_lines(*text)) {
    std::string mount;
    std::string options;
    if (!RE2::FullMatch(re2::StringPiece(entry.data(), entry.size()), line, &mount, &options)) continue;
    if (!RE2::FullMatch(mount, of_the_driver)) continue;
    const auto flags = split(options, ',');
    mounts.push_back(
        {{"path", mount}, {"read_only", std::find(flags.begin(), flags.end(), "ro") != flags.end()}});
  }
  facts.set(kFact, std::move(mounts), host.describe(path));
}

void read_allowed_devices(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "container.devices_allowed";
  const std::string path = "/sys/fs/cgroup/devices/devices.list";
  const auto text = host.read_file(path, 65536);
  if (!text) {
    const bool version_2 = host.exists("/sys/fs/cgroup/cgroup.controllers");
    return facts.set_absent(
        kFact, version_2 ? "cgroup version 2 does not show which devices it allows" : text.reason(),
        host.describe(path));
  }
  static const RE2 line(R"(([abc]) (\S+:\S+) ([rwm]+))");
  Json devices = Json::array();
  for (const std::string_view entry : split_lines(*text)) {
    std::string kind;
    std::string numbers;
    std::string access;
    if (!RE2::FullMatch(re2::StringPiece(entry.data(), entry.size()), line, &kind, &numbers, &access))
      continue;
    devices.push_back({{"kind", kind}, {"numbers", numbers}, {"access", access}});
  }
  facts.set(kFact, std::move(devices), host.describe(path));
}

void read_npu_device_files(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto names = host.list_directory("/dev");
  if (!names) return facts.set_absent("npu.device_files", names.reason(), host.describe("/dev"));
  static const RE2 pattern(R"(davinci\d+|davinci_manager|devmm_svm|hisi_hdc)");
  Json files = Json::array();
  for (const std::string& name : *names) {
    if (RE2::FullMatch(name, pattern)) files.push_back(name);
  }
  facts.set("npu.device_files", std::move(files), host.describe("/dev"));
}

}  // namespace ms
