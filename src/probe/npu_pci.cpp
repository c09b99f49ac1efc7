#include "probe/npu_pci.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "probe/extract.hpp"

namespace ms {
namespace {

constexpr std::string_view kBus = "/sys/bus/pci/devices";

// Huawei, and the vendors under whose ids the same devices are sold. [domain: the driver's PCI table]
constexpr std::string_view kVendors[] = {"0x19e5", "0x20c6", "0x203f", "0x20e9"};

struct PciFamily {
  std::string_view device_id;
  std::string_view family;  // "" is an NPU, but of which family its id does not tell
};

constexpr PciFamily kFamilies[] = {
    {"d100", "310"}, {"d105", "310B"}, {"d500", "310P"}, {"d801", "A1"},  {"d802", "A2"},  {"d803", "A3"},
    {"d804", "A2"},  {"d805", ""},     {"d806", "950"},  {"d807", "950"}, {"d808", "950"},
};

// An attribute in sysfs is one short line.
Reading<std::string> read_attribute(const Host& host, const std::string& path) {
  const auto text = host.read_file(path, 4096);
  if (!text) return text.absent();
  return to_lower(trim(*text));
}

Reading<std::int64_t> read_numa_node(const Host& host, const std::string& path) {
  const auto text = read_attribute(host, path);
  if (!text) return text.absent();
  const auto node = parse_int(*text);
  if (!node)
    return Absent{fmt::format("{}: expected an integer, found {}", host.describe(path), quoted_start(*text))};
  // The kernel's word for "not told": firmware of virtual machines tells none.
  if (*node < 0) return Absent{fmt::format("{}: the firmware tells no NUMA node", host.describe(path))};
  return *node;
}

}  // namespace

std::optional<std::string_view> npu_family_of_pci_id(std::string_view device_id) {
  for (const PciFamily& entry : kFamilies) {
    if (entry.device_id == device_id && !entry.family.empty()) return entry.family;
  }
  return std::nullopt;
}

std::optional<std::string_view> npu_family_of_name(std::string_view name, bool several_dies) {
  struct NameFamily {
    const char* pattern;
    std::string_view family;
  };
  static constexpr NameFamily kNames[] = {
      {R"((?:Ascend\s?)?910_?93\d\d.*)", "A3"}, {R"((?:Ascend\s?)?910C.*)", "A3"},
      {R"((?:Ascend\s?)?910B.*)", "A2"},        {R"((?:Ascend\s?)?910(?:A|Pro|Premium).*)", "A1"},
      {R"((?:Ascend\s?)?310P.*)", "310P"},      {R"((?:Ascend\s?)?310B.*)", "310B"},
      {R"((?:Ascend\s?)?310)", "310"},          {R"((?:Ascend\s?)?950.*)", "950"},
  };
  const re2::StringPiece text(name.data(), name.size());
  for (const NameFamily& entry : kNames) {
    if (RE2::FullMatch(text, entry.pattern)) return entry.family;
  }
  // A 910C calls itself only "Ascend910"; no other 910 has two dies in a package.
  if (several_dies && RE2::FullMatch(text, R"((?:Ascend\s?)?910)")) return "A3";
  return std::nullopt;
}

Reading<std::int64_t> read_pci_numa_node(const Host& host, std::string_view bus_id) {
  // sysfs writes the domain in four digits, some drivers in eight.
  std::string name = to_lower(bus_id);
  if (const auto colon = name.find(':'); colon == 8 && name.starts_with("0000")) name.erase(0, 4);
  return read_numa_node(host, fmt::format("{}/{}/numa_node", kBus, name));
}

Reading<std::vector<PciNpu>> read_pci_npus(const Host& host) {
  const auto names = host.list_directory(std::string(kBus));
  if (!names) return names.absent();
  std::vector<PciNpu> found;
  for (const std::string& name : *names) {
    const std::string folder = fmt::format("{}/{}/", kBus, name);
    const auto vendor = read_attribute(host, folder + "vendor");
    if (!vendor || std::find(std::begin(kVendors), std::end(kVendors), *vendor) == std::end(kVendors))
      continue;
    const auto device = read_attribute(host, folder + "device");
    if (!device || !device->starts_with("0x")) continue;
    const std::string id = device->substr(2);
    const auto* entry = std::find_if(std::begin(kFamilies), std::end(kFamilies),
                                     [&](const PciFamily& family) { return family.device_id == id; });
    if (entry == std::end(kFamilies)) continue;
    PciNpu npu{
        .bus_id = sanitize_utf8(name),
        .device_id = id,
        .family = Absent{fmt::format("PCI id {} is a virtual function, which does not tell its family", id)},
        .numa_node = read_numa_node(host, folder + "numa_node")};
    if (!entry->family.empty()) npu.family = std::string(entry->family);
    found.push_back(std::move(npu));
  }
  return found;
}

}  // namespace ms
