#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "probe/host_probe.hpp"

using namespace ms;

namespace {

std::string kind(const Host& host) {
  const auto found = detect_virtualization(host);
  return found ? found->kind : "absent: " + found.reason();
}

FakeHost with_dmi(const std::string& vendor, const std::string& product) {
  FakeHost host;
  host.file("/sys/class/dmi/id/sys_vendor", vendor + "\n")
      .file("/sys/class/dmi/id/product_name", product + "\n");
  return host;
}

}  // namespace

TEST_CASE("firmware tables tell a virtual machine and its kind") {
  CHECK(kind(with_dmi("Huawei", "Atlas 800I A2")) == "none");
  CHECK(kind(with_dmi("Red Hat", "KVM")) == "kvm");
  CHECK(kind(with_dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)")) == "qemu");
  CHECK(kind(with_dmi("VMware, Inc.", "VMware Virtual Platform")) == "vmware");
  CHECK(kind(with_dmi("Microsoft Corporation", "Virtual Machine")) == "hyper-v");
  CHECK(kind(with_dmi("innotek GmbH", "VirtualBox")) == "virtualbox");
  CHECK(kind(with_dmi("OpenStack Foundation", "OpenStack Nova")) == "kvm");
  CHECK(kind(with_dmi("Microsoft Corporation", "Surface Laptop")) == "none");
  CHECK(kind(with_dmi("Amazon EC2", "c6g.metal")) == "none");
}

TEST_CASE("the control domain of Xen is not a virtual machine, its guests are") {
  FakeHost guest;
  guest.file("/sys/hypervisor/type", "xen\n");
  CHECK(kind(guest) == "xen");
  guest.file("/proc/xen/capabilities", "control_d\n");
  CHECK(kind(guest) == "none");
}

TEST_CASE("an Arm guest without firmware tables is told by its device tree") {
  FakeHost host;
  host.file("/proc/device-tree/hypervisor/compatible", std::string("linux,kvm\0", 10));
  CHECK(kind(host) == "kvm");
}

TEST_CASE("the processor flag counts only where no firmware table is there, and only as a flag") {
  FakeHost host;
  host.file("/proc/cpuinfo", "processor : 0\nflags\t\t: fpu sse hypervisor avx\n");
  CHECK(kind(host) == "unknown");
  host.file("/proc/cpuinfo", "processor : 0\nmodel name : Hypervisor kvm vmware xen\nflags\t\t: fpu vmx\n");
  CHECK(kind(host) == "none");
  FakeHost metal = with_dmi("Huawei", "2288H V5");
  metal.file("/proc/cpuinfo", "flags : fpu hypervisor\n");
  CHECK(kind(metal) == "none");
}

TEST_CASE("a container in a bare-metal host is no virtual machine") {
  FakeHost host = with_dmi("Huawei", "Atlas 800I A2");
  host.file("/.dockerenv", "").file("/proc/1/cgroup", "0::/docker/abc\n");
  CHECK(kind(host) == "none");
}

TEST_CASE("where nothing tells, whether it is a virtual machine is unknown") {
  CHECK(kind(FakeHost()).starts_with("absent: /sys/class/dmi/id/: no such directory"));
  FakeHost arm;
  arm.file("/proc/cpuinfo", "processor : 0\nCPU implementer : 0x48\n");
  CHECK(kind(arm).starts_with("absent: "));
  FactDocument facts;
  read_virtualization(arm, std::chrono::seconds(1), facts);
  CHECK(absent_reason(*facts.find("host.virtual.detected")));
}
