#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <regex>

#include "base/file.hpp"
#include "base/text.hpp"
#include "captures.hpp"
#include "probe/collect_env.hpp"
#include "probe/lscpu.hpp"

using namespace ms;

namespace {

// A second reading: the first line that the pattern fits, by the regular expressions of the standard library.
std::optional<std::string> seen(const std::vector<std::string>& lines, const std::string& pattern) {
  const std::regex regex(pattern);
  for (const std::string& line : lines) {
    std::smatch match;
    if (std::regex_search(line, match, regex)) return match[1].str();
  }
  return std::nullopt;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split_lines(text)) {
    // Flags and paths are long, and nothing here looks at them.
    if (line.size() < 300) lines.emplace_back(line);
  }
  return lines;
}

void check_same(const FactDocument& facts, const std::string& path,
                const std::optional<std::string>& expected) {
  INFO(path);
  const Json* value = facts.find(path);
  const bool known = value != nullptr && !absent_reason(*value);
  CHECK(known == expected.has_value());
  if (known && expected) CHECK((value->is_string() ? value->get<std::string>() : value->dump()) == *expected);
}

std::size_t count_of(const std::vector<std::string>& lines, const std::string& pattern) {
  const std::regex regex(pattern);
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [&](const std::string& line) { return std::regex_search(line, regex); }));
}

void check_lscpu(const FactDocument& facts, const std::vector<std::string>& lines) {
  check_same(facts, "host.arch", seen(lines, R"(^Architecture:\s+(\S+))"));
  const auto offline = seen(lines, R"(^Off-line CPU\(s\) list:\s+(\S+))");
  if (!offline) check_same(facts, "cpu.count", seen(lines, R"(^CPU\(s\):\s+(\d+))"));
  check_same(facts, "cpu.offline", offline);
  auto model = seen(lines, R"(^Model name:\s+(\S.*?)\s*$)");
  if (!model || *model == "-" || *model == "unknown")
    model = seen(lines, R"(^BIOS Model name:\s+(\S.*?)\s*$)");
  if (model && (*model == "-" || *model == "unknown")) model.reset();
  check_same(facts, "cpu.model", model);
  const auto threads = seen(lines, R"(^Thread\(s\) per core:\s+(\d+))");
  check_same(facts, "cpu.smt_active",
             threads ? std::optional<std::string>(*threads == "1" ? "false" : "true") : std::nullopt);
  const auto boost = seen(lines, R"(^Frequency boost:\s+(\S+))");
  check_same(facts, "cpu.boost",
             boost ? std::optional<std::string>(*boost == "enabled" ? "true" : "false") : std::nullopt);
  const std::size_t nodes = count_of(lines, R"(^NUMA node\d+ CPU\(s\):)");
  const Json* found = facts.find("cpu.numa_nodes");
  if (nodes == 0) {
    CHECK((found == nullptr || absent_reason(*found)));
    return;
  }
  REQUIRE(found != nullptr);
  REQUIRE(found->size() == nodes);
  for (const Json& node : *found) {
    const std::string id = node["id"].dump();
    CHECK(node["cpus"] == seen(lines, R"(^NUMA node)" + id + R"( CPU\(s\):\s+(\S+))").value_or(""));
  }
}

}  // namespace

TEST_CASE("no field of a collect_env report that a person can read is lost") {
  const ProbeSet probes = load_probes();
  std::size_t reports = 0;
  for (const std::string& file : capture_files("00_collect_env")) {
    INFO(file);
    const std::string text = read_document(file);
    const FactDocument facts = import_collect_env(text, "f", probes).facts;
    const std::vector<std::string> lines = lines_of(text);
    ++reports;
    check_lscpu(facts, lines);
    check_same(facts, "host.os.name", seen(lines, R"(^OS\s*: (.*) \([a-z0-9_]+\)$)"));
    check_same(facts, "host.kernel.release",
               seen(lines, R"(^Python platform\s*: Linux-(.*)-(?:aarch64|x86_64)-with)"));
    check_same(facts, "host.libc.version", seen(lines, R"(^Python platform\s*:.*-with-glibc([\d.]+))"));
    check_same(facts, "host.python.version", seen(lines, R"(^Python version: (\S+))"));
    check_same(facts, "npu.driver_version", seen(lines, R"(^\| npu-smi \S+\s+Version: (\S+))"));
    check_same(facts, "ascend.cann.version", seen(lines, R"(^version=([^<\s]+))"));
    for (const char* package : {"torch", "torch_npu", "transformers", "triton_ascend"}) {
      const std::string name = std::regex_replace(std::string(package), std::regex("_"), "[-_]");
      auto version = seen(lines, R"(^\[pip3\] )" + name + R"(==(\S+))");
      if (!version && std::string(package) == "torch") {
        version = seen(lines, R"((?:^|>)PyTorch version\s*: (\S+))");
      }
      check_same(facts, std::string("ascend.python_packages.") + package, version);
    }
    check_same(facts, "ascend.python_packages.vllm", seen(lines, R"(^vLLM Version\s*: (\S+))"));
    check_same(facts, "ascend.python_packages.vllm_ascend", seen(lines, R"(^vLLM Ascend Version: (\S+))"));

    // A device is the row of a table with its health behind its name; a hand-written one says how many.
    const std::size_t devices =
        count_of(lines, R"(^\| \d+\s.*\| (?:OK|Warning|Alarm|Critical|UNKNOWN)\s+\| (?:\d|NA|-))");
    const auto by_hand = seen(lines, R"(^NPU: (\d+) )");
    check_same(facts, "npu.count",
               devices > 0 ? std::optional<std::string>(std::to_string(devices)) : by_hand);

    // The environment of a report, as another capture has it cut out of the same report by its authors'
    // heading.
    const std::size_t start = text.find("ENV Variables:\n");
    if (start == std::string::npos) {
      CHECK(absent_reason(*facts.find("env")).has_value());
      continue;
    }
    std::map<std::string, std::string> variables;
    for (const std::string_view line : split_lines(std::string_view(text).substr(start + 15))) {
      if (line == "NPU:" || line == "CANN:") break;
      const auto equals = line.find('=');
      if (equals != line.npos) variables.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    CHECK(*facts.find("env") == Json(variables));
  }
  CHECK(reports == 24);
}

TEST_CASE("no field of lscpu that a person can read is lost") {
  for (const std::string& file : capture_files("02_lscpu")) {
    INFO(file);
    const std::string text = read_document(file);
    FactDocument facts;
    set_lscpu_facts(facts, parse_lscpu(text), "f");
    check_lscpu(facts, lines_of(text));
  }
}
