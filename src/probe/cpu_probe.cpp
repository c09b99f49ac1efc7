#include "probe/cpu_probe.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "probe/extract.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxCpus = 65536;
constexpr const char* kCpuFolder = "/sys/devices/system/cpu";

struct ArmPart {
  std::string_view implementer;
  std::string_view part;
  std::string_view name;
};

// Processors of servers that carry NPUs.
constexpr ArmPart kArmParts[] = {
    {"0x48", "0xd01", "Kunpeng-920"}, {"0x48", "0xd02", "TaiShan-v120"}, {"0x41", "0xd08", "Cortex-A72"},
    {"0x41", "0xd0c", "Neoverse-N1"}, {"0x41", "0xd49", "Neoverse-N2"},  {"0x70", "0x662", "FT-2000+"},
    {"0x70", "0x663", "S2500"},
};

}  // namespace

Reading<std::vector<std::int64_t>> parse_cpu_list(std::string_view text) {
  std::vector<std::int64_t> cpus;
  text = until_nul(text);
  if (text.empty()) return cpus;
  for (const std::string_view range : split(text, ',')) {
    const auto dash = range.find('-');
    const auto first = parse_int(range.substr(0, dash));
    const auto last = dash == range.npos ? first : parse_int(range.substr(dash + 1));
    const bool is_range = first && last && *first >= 0 && *first <= *last;
    if (!is_range || *last >= static_cast<std::int64_t>(kMaxCpus)) {
      return Absent{fmt::format("expected CPU numbers like 0-3,8, found {}", quoted_start(text))};
    }
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

Reading<OnlineCpus> read_online_cpus(const Host& host) {
  const std::string online = fmt::format("{}/online", kCpuFolder);
  const auto text = host.read_file(online);
  std::string reason = text ? "" : text.reason();
  if (text) {
    auto cpus = parse_cpu_list(*text);
    if (cpus && !cpus->empty()) return OnlineCpus{std::move(*cpus), online};
    reason = fmt::format("{}: {}", host.describe(online), cpus ? "is empty" : cpus.reason());
  }
  const std::string cpuinfo = "/proc/cpuinfo";
  const auto listing = host.read_file(cpuinfo);
  if (!listing) return Absent{fmt::format("{}; {}", reason, listing.reason())};
  static const RE2 processor(R"((?m)^processor\s*:\s*(\d{1,5})\s*$)");
  re2::StringPiece left(*listing);
  std::vector<std::int64_t> cpus;
  std::int64_t cpu = 0;
  while (cpus.size() < kMaxCpus && RE2::FindAndConsume(&left, processor, &cpu)) cpus.push_back(cpu);
  if (cpus.empty()) return Absent{fmt::format("{}; {}: names no processor", reason, host.describe(cpuinfo))};
  return OnlineCpus{std::move(cpus), cpuinfo};
}

Reading<std::string> cpu_model(std::string_view cpuinfo) {
  static const RE2 name(R"((?m)^(?:model name|Model Name)\s*:[ \t]*(\S.*?)\s*$)");
  static const RE2 arm_implementer(R"((?m)^CPU implementer\s*:\s*(0x[0-9a-fA-F]+))");
  static const RE2 arm_part(R"((?m)^CPU part\s*:\s*(0x[0-9a-fA-F]+))");
  const re2::StringPiece text(cpuinfo.data(), cpuinfo.size());
  std::string model;
  if (RE2::PartialMatch(text, name, &model)) return sanitize_utf8(model);
  std::string implementer;
  std::string part;
  if (!RE2::PartialMatch(text, arm_implementer, &implementer) || !RE2::PartialMatch(text, arm_part, &part)) {
    return Absent{fmt::format("has neither a model name nor an implementer and part; it starts with {}",
                              quoted_start(trim(cpuinfo)))};
  }
  for (const ArmPart& known : kArmParts) {
    if (known.implementer == to_lower(implementer) && known.part == to_lower(part))
      return std::string(known.name);
  }
  return fmt::format("implementer {}, part {}", implementer, part);
}

void read_cpu_model(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const std::string path = "/proc/cpuinfo";
  const std::string named = host.describe(path);
  const auto text = host.read_file(path);
  if (!text) return facts.set_absent("cpu.model", text.reason(), named);
  const auto model = cpu_model(*text);
  if (!model) return facts.set_absent("cpu.model", fmt::format("{}: {}", named, model.reason()), named);
  facts.set("cpu.model", model, named);
}

void read_cpu_count(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto online = read_online_cpus(host);
  if (!online) return facts.set_absent("cpu.count", online.reason(), host.describe(kCpuFolder));
  facts.set("cpu.count", Json(online->cpus.size()), host.describe(online->source));
}

void read_cpu_governors(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "cpu.governors";
  const std::string pattern = host.describe(fmt::format("{}/cpu*/cpufreq/scaling_governor", kCpuFolder));
  const auto online = read_online_cpus(host);
  if (!online) return facts.set_absent(kFact, online.reason(), pattern);
  Json governors = Json::array();
  bool any_cpufreq = false;
  for (const std::int64_t cpu : online->cpus) {
    const std::string path = fmt::format("{}/cpu{}/cpufreq/scaling_governor", kCpuFolder, cpu);
    const auto text = host.read_file(path, 4096);
    Json governor;
    if (text) {
      auto word = extract_value(*text, nullptr, ScalarType::string, 1);
      governor = word ? std::move(*word)
                      : absent_marker(fmt::format("{}: {}", host.describe(path), word.reason()),
                                      host.describe(path));
      any_cpufreq = true;
    } else {
      governor = absent_marker(text.reason(), host.describe(path));
      any_cpufreq = any_cpufreq || host.exists(path);
    }
    governors.push_back({{"cpu", cpu}, {"governor", std::move(governor)}});
  }
  if (!any_cpufreq) {
    return facts.set_absent(kFact, "no cpufreq in /sys (a virtual machine, or frequency scaling is off)",
                            pattern);
  }
  facts.set(kFact, std::move(governors), pattern);
}

namespace {

// The cores that hold several CPUs, in order of their first; one that is no list is left out.
Json shared_cores(const std::set<std::string>& cores) {
  std::map<std::int64_t, std::string> shared;
  for (const std::string& core : cores) {
    const auto cpus = parse_cpu_list(core);
    if (cpus && cpus->size() > 1) shared.emplace(cpus->front(), core);
  }
  Json list = Json::array();
  for (const auto& [first, core] : shared) list.push_back(core);
  return list;
}

}  // namespace

void read_cpu_topology(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const std::string source = host.describe(fmt::format("{}/cpu*/topology", kCpuFolder));
  const auto absent = [&](const std::string& reason) {
    for (const char* fact : {"cpu.sockets", "cpu.cores", "cpu.threads_per_core", "cpu.thread_siblings"}) {
      facts.set_absent(fact, reason, source);
    }
  };
  const auto online = read_online_cpus(host);
  if (!online) return absent(online.reason());
  std::set<std::string> packages;
  std::set<std::string> cores;  // a core is the list of its threads
  for (const std::int64_t cpu : online->cpus) {
    const std::string folder = fmt::format("{}/cpu{}/topology", kCpuFolder, cpu);
    const auto package = host.read_file(folder + "/physical_package_id", 4096);
    if (!package) return absent(package.reason());
    const auto siblings = host.read_file(folder + "/thread_siblings_list", 4096);
    if (!siblings) return absent(siblings.reason());
    packages.emplace(until_nul(*package));
    cores.emplace(until_nul(*siblings));
  }
  facts.set("cpu.sockets", Json(packages.size()), source);
  facts.set("cpu.cores", Json(cores.size()), source);
  facts.set("cpu.threads_per_core", Json(online->cpus.size() / cores.size()), source);
  facts.set("cpu.thread_siblings", shared_cores(cores), source);
}

void read_cpu_frequencies(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "cpu.frequencies";
  constexpr std::pair<const char*, const char*> kFields[] = {
      {"min_hz", "scaling_min_freq"}, {"max_hz", "scaling_max_freq"}, {"current_hz", "scaling_cur_freq"}};
  const std::string source = host.describe(fmt::format("{}/cpu*/cpufreq", kCpuFolder));
  const auto online = read_online_cpus(host);
  if (!online) return facts.set_absent(kFact, online.reason(), source);
  Json frequencies = Json::array();
  bool any = false;
  for (const std::int64_t cpu : online->cpus) {
    Json entry = {{"cpu", cpu}};
    for (const auto& [field, file] : kFields) {
      const std::string path = fmt::format("{}/cpu{}/cpufreq/{}", kCpuFolder, cpu, file);
      const auto text = host.read_file(path, 4096);
      any = any || text;
      const auto value = text ? extract_value(*text, nullptr, ScalarType::integer, 1000) : text.absent();
      entry[field] = value ? *value : absent_marker(value.reason(), host.describe(path));
    }
    frequencies.push_back(std::move(entry));
  }
  if (!any) {
    return facts.set_absent(kFact, "no cpufreq in /sys (a virtual machine, or frequency scaling is off)",
                            source);
  }
  facts.set(kFact, std::move(frequencies), source);
}

void read_numa_distances(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "cpu.numa_distances";
  constexpr const char* kNodeFolder = "/sys/devices/system/node";
  const std::string source = host.describe(fmt::format("{}/node*/distance", kNodeFolder));
  const auto names = host.list_directory(kNodeFolder);
  if (!names) return facts.set_absent(kFact, names.reason(), source);
  std::map<std::int64_t, Json> rows;
  for (const std::string& name : *names) {
    const auto id = name.starts_with("node") ? parse_int(std::string_view(name).substr(4)) : std::nullopt;
    if (!id) continue;
    const std::string path = fmt::format("{}/{}/distance", kNodeFolder, name);
    const auto text = host.read_file(path, 65536);
    if (!text) return facts.set_absent(kFact, text.reason(), source);
    Json distances = Json::array();
    for (const std::string_view word : split(until_nul(*text), ' ')) {
      const auto distance = parse_int(word);
      if (!distance) {
        return facts.set_absent(kFact,
                                fmt::format("{}: expected distances like 10 21, found {}",
                                            host.describe(path), quoted_start(*text)),
                                source);
      }
      distances.push_back(*distance);
    }
    rows.emplace(*id, Json{{"node", *id}, {"distances", std::move(distances)}});
  }
  if (rows.empty()) return facts.set_absent(kFact, host.describe(kNodeFolder) + ": has no nodes", source);
  Json list = Json::array();
  for (auto& [id, row] : rows) list.push_back(std::move(row));
  facts.set(kFact, std::move(list), source);
}

}  // namespace ms
