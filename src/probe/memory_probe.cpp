#include "probe/memory_probe.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <map>
#include <span>

#include "base/text.hpp"
#include "probe/extract.hpp"

namespace ms {
namespace {

constexpr const char* kNodeFolder = "/sys/devices/system/node";

// A field of a node's meminfo.
struct Field {
  const char* name;
  RE2 pattern;
  std::int64_t multiply;
};

std::span<const Field> fields() {
  static const Field all[] = {
      {"total_bytes", R"(MemTotal:\s+(\d{1,15}) kB)", 1024},
      {"free_bytes", R"(MemFree:\s+(\d{1,15}) kB)", 1024},
      {"hugepages_total", R"(HugePages_Total:\s+(\d{1,15}))", 1},
      {"hugepages_free", R"(HugePages_Free:\s+(\d{1,15}))", 1},
  };
  return all;
}

Json read_node(const Host& host, std::int64_t id) {
  const std::string path = fmt::format("{}/node{}/meminfo", kNodeFolder, id);
  const std::string named = host.describe(path);
  const auto text = host.read_file(path);
  Json node = {{"id", id}};
  for (const Field& field : fields()) {
    if (!text) {
      node[field.name] = absent_marker(text.reason(), named);
      continue;
    }
    auto value = extract_value(*text, &field.pattern, ScalarType::integer, field.multiply);
    node[field.name] =
        value ? std::move(*value) : absent_marker(fmt::format("{}: {}", named, value.reason()), named);
  }
  return node;
}

}  // namespace

void read_memory_nodes(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  constexpr const char* kFact = "memory.nodes";
  const std::string source = host.describe(fmt::format("{}/node*/meminfo", kNodeFolder));
  const auto names = host.list_directory(kNodeFolder);
  if (!names) return facts.set_absent(kFact, names.reason(), source);
  std::map<std::int64_t, Json> nodes;  // in order of the ids: node10 after node9
  for (const std::string& name : *names) {
    const auto id = name.starts_with("node") ? parse_int(std::string_view(name).substr(4)) : std::nullopt;
    if (id && *id >= 0) nodes.emplace(*id, read_node(host, *id));
  }
  if (nodes.empty()) return facts.set_absent(kFact, host.describe(kNodeFolder) + ": has no nodes", source);
  Json list = Json::array();
  for (auto& [id, node] : nodes) list.push_back(std::move(node));
  facts.set(kFact, std::move(list), source);
}

}  // namespace ms
