#include "probe/host_probe.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.hpp"
#include "probe/extract.hpp"

namespace ms {

void read_environment(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto variables = host.environment();
  const std::string source = host.root().value_or("/") == "/" ? "environment" : "environ of the record";
  if (!variables) return facts.set_absent("env", variables.reason(), source);
  Json env = Json::object();
  for (const auto& [name, value] : *variables) env[sanitize_utf8(name)] = sanitize_utf8(value);
  facts.set("env", std::move(env), source);
}

void read_arch(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  facts.set("host.arch", host.machine(), "uname -m");
}

void read_page_size(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  facts.set("host.page_size_bytes", host.page_size_bytes(), "getconf PAGESIZE");
}

namespace {

struct Vendor {
  std::string_view words;  // in lower case, as the firmware's tables have them
  std::string_view kind;
};

// Clouds call their machines by their own names; all of these are KVM below.
constexpr Vendor kVendors[] = {
    {"vmware", "vmware"},
    {"virtualbox", "virtualbox"},
    {"innotek gmbh", "virtualbox"},
    {"xen", "xen"},
    {"parallels", "parallels"},
    {"microsoft corporation virtual machine", "hyper-v"},
    {"bhyve", "bhyve"},
    {"kvm", "kvm"},
    {"openstack", "kvm"},
    {"rhev", "kvm"},
    {"ovirt", "kvm"},
    {"alibaba cloud ecs", "kvm"},
    {"huaweicloud", "kvm"},
    {"google compute engine", "kvm"},
    {"amazon ec2", "kvm"},
    {"qemu", "qemu"},
    {"bochs", "qemu"},
    {"virtual machine", "unknown"},
};

std::string read_line(const Host& host, const std::string& path) {
  const auto text = host.read_file(path, 65536);
  if (!text) return "";
  return to_lower(until_nul(*text));
}

// The kind that the firmware's tables name; "none" where they are there and name none.
Reading<Virtualization> by_firmware(const Host& host) {
  const std::string folder = "/sys/class/dmi/id/";
  std::string all;
  for (const char* name : {"sys_vendor", "product_name", "board_vendor", "bios_vendor", "chassis_vendor"}) {
    all += read_line(host, folder + name) + " ";
  }
  if (trim(all).empty()) return Absent{host.describe(folder) + ": no such directory"};
  // Bare-metal servers of these clouds carry the cloud's name too.
  const bool bare_metal = all.find("metal") != all.npos;
  for (const Vendor& vendor : kVendors) {
    if (!bare_metal && all.find(vendor.words) != all.npos) {
      return Virtualization{std::string(vendor.kind), folder + "product_name"};
    }
  }
  return Virtualization{"none", folder + "product_name"};
}

Reading<Virtualization> by_processor(const Host& host) {
  const std::string path = "/proc/cpuinfo";
  const auto text = host.read_file(path);
  if (!text) return text.absent();
  // Only x86 processors tell, by a flag that a hypervisor sets and hardware never does.
  static const RE2 flags(R"((?m)^flags\s*:(.*)$)");
  static const RE2 flag(R"(\bhypervisor\b)");
  std::string line;
  if (!RE2::PartialMatch(*text, flags, &line)) {
    return Absent{host.describe(path) + ": names no processor flags"};
  }
  return Virtualization{RE2::PartialMatch(line, flag) ? "unknown" : "none", path};
}

}  // namespace

Reading<Virtualization> detect_virtualization(const Host& host) {
  if (const std::string type = read_line(host, "/sys/hypervisor/type"); !type.empty()) {
    // The control domain of Xen has the machine's devices and speed.
    const std::string features = read_line(host, "/proc/xen/capabilities");
    const bool control = features.find("control_d") != features.npos;
    return Virtualization{control ? "none" : sanitize_utf8(type), "/sys/hypervisor/type"};
  }
  const auto firmware = by_firmware(host);
  if (firmware && firmware->kind != "none") return firmware;
  const std::string tree = "/proc/device-tree/hypervisor/compatible";
  if (const std::string compatible = read_line(host, tree); !compatible.empty()) {
    const bool kvm = compatible.find("kvm") != compatible.npos;
    const bool xen = compatible.find("xen") != compatible.npos;
    return Virtualization{kvm ? "kvm" : xen ? "xen" : "unknown", tree};
  }
  if (firmware) return firmware;
  const auto processor = by_processor(host);
  if (processor) return processor;
  return Absent{fmt::format("{}; {}", firmware.reason(), processor.reason())};
}

void read_virtualization(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto found = detect_virtualization(host);
  if (!found) {
    const std::string source = host.describe("/sys/class/dmi/id");
    facts.set_absent("host.virtual.detected", found.reason(), source);
    facts.set_absent("host.virtual.kind", found.reason(), source);
    return;
  }
  facts.set("host.virtual.detected", Json(found->kind != "none"), host.describe(found->source));
  facts.set("host.virtual.kind", Json(found->kind), host.describe(found->source));
}

}  // namespace ms
