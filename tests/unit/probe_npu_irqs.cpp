#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "probe/npu_irqs.hpp"

using namespace ms;

namespace {

const std::string kNpu = "/sys/bus/pci/devices/0000:c1:00.0";

FakeHost one_npu() {
  FakeHost host;
  host.file(kNpu + "/vendor", "0x19e5\n").file(kNpu + "/device", "0xd802\n").file(kNpu + "/numa_node", "3\n");
  return host;
}

void irq(FakeHost& host, const std::string& number, const std::string& allowed,
         const std::string& effective) {
  host.file(kNpu + "/msi_irqs/" + number, "msix\n");
  host.file("/proc/irq/" + number + "/smp_affinity_list", allowed + "\n");
  host.file("/proc/irq/" + number + "/effective_affinity_list", effective + "\n");
}

Json irqs_of(const FakeHost& host) {
  FactDocument facts;
  read_npu_irqs(host, std::chrono::seconds(1), facts);
  return *facts.find("npu.irqs");
}

}  // namespace

TEST_CASE("the interrupts of an NPU are told together: how many, and on which CPUs") {
  FakeHost host = one_npu();
  irq(host, "210", "72-95", "72");
  irq(host, "211", "0-3,90-95", "2");
  const Json irqs = irqs_of(host);
  REQUIRE(irqs.size() == 1);
  CHECK(irqs[0] == Json{{"bus_id", "0000:c1:00.0"},
                        {"numa_node", 3},
                        {"count", 2},
                        {"cpus", "0-3,72-95"},
                        {"effective_cpus", "2,72"}});
}

TEST_CASE("an NPU without a driver has no interrupts, and an unreadable one costs its field") {
  FakeHost host = one_npu();
  CHECK(absent_reason(irqs_of(host)[0]["count"])->find("msi_irqs") != std::string::npos);
  irq(host, "210", "72-95", "not a list");
  const Json irqs = irqs_of(host);
  CHECK(irqs[0]["cpus"] == "72-95");
  CHECK(absent_reason(irqs[0]["effective_cpus"])->find("expected a list of CPUs") != std::string::npos);
  host.unreadable("/proc/irq/210/smp_affinity_list", "permission denied");
  CHECK(absent_reason(irqs_of(host)[0]["cpus"])->find("permission denied") != std::string::npos);
}

TEST_CASE("a host without NPUs has no interrupts of NPUs") {
  FakeHost host;
  host.file("/sys/bus/pci/devices/0000:00:01.0/vendor", "0x8086\n");
  CHECK(irqs_of(host) == Json::array());
  CHECK(absent_reason(irqs_of(FakeHost())));
}
