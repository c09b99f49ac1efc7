#include <doctest/doctest.h>

#include "facts/redact.hpp"
#include "facts/redact_hostnames.hpp"

using namespace ms;

namespace {

std::string redacted(const std::string& text) {
  FactDocument facts;
  facts.set("host.name", "Node-7.example.com", "/proc/sys/kernel/hostname");
  return HostnameRedactor(facts)(text);
}

}  // namespace

TEST_CASE("host names and addresses get placeholders, the same one wherever they occur") {
  CHECK(redacted("node-7.example.com and NODE-7") == "redacted-host-1 and redacted-host-2");
  CHECK(redacted("tcp://10.1.2.3:29500,10.1.2.4,10.1.2.3") ==
        "tcp://redacted-ip-1:29500,redacted-ip-2,redacted-ip-1");
  CHECK(redacted("10.1.2.0/24") == "redacted-ip-1/24");
  CHECK(redacted("[2001:DB8::1]:80, 2001:db8:0::1") == "[redacted-ip-1]:80, redacted-ip-1");
  CHECK(redacted("fe80::1%eth0 endpoint:10.0.0.5 10.0.0.1-10.0.0.9.") ==
        "redacted-ip-1%eth0 endpoint:redacted-ip-2 redacted-ip-3-redacted-ip-4.");
}

TEST_CASE("what names no machine stays") {
  for (const char* text :
       {"0000:c1:00.0", "127.0.0.1", "0.0.0.0:1025", "[::]:80", "::1", "12:34:56", "node-77",
        "VLLM::EngineCore", "vmlinuz-5.10.0-136.12.0.86.h1032.eulerosv2r12.aarch64",
        "expandable_segments:True", "1.2.3", "300.1.1.1", "7.1.0.11.220"}) {
    CHECK(redacted(text) == text);
  }
}

TEST_CASE("a document is redacted in values, reasons and provenances, but not in its versions") {
  FactDocument facts;
  facts.set("host.name", "node7", "/etc/hostname");
  facts.set("host.kernel.release", "5.10.0-60.18.0.50", "f");
  facts.set("ascend.driver.version", "23.0.0.1", "/mnt/node7/version.info");
  facts.set("env", Json{{"HCCL_IF_IP", "10.1.2.3"}, {"HF_TOKEN", "secret"}}, "/proc/1/environ");
  facts.set_absent("npu.devices", "no answer from node7 at 10.1.2.3", "npu-smi info");
  redact(facts);
  redact_hostnames(facts);
  CHECK(*facts.find("host.name") == "redacted-host-1");
  CHECK(*facts.find("host.kernel.release") == "5.10.0-60.18.0.50");
  CHECK(*facts.find("ascend.driver.version") == "23.0.0.1");
  CHECK(facts.provenance("ascend.driver.version")->source == "/mnt/redacted-host-1/version.info");
  CHECK(*facts.find("env.HCCL_IF_IP") == "redacted-ip-1");
  CHECK(absent_reason(*facts.find("npu.devices")) == "no answer from redacted-host-1 at redacted-ip-1");
  // Once more changes nothing.
  const Json once = facts.to_json();
  redact_hostnames(facts);
  CHECK(facts.to_json() == once);
}

TEST_CASE("a secret is redacted under a name with a dot, and its line is still known") {
  FactDocument facts;
  facts.set("env", Json{{"my.password", "x"}, {"HF_TOKEN", "y"}}, "f");
  facts.set("env.HF_TOKEN", "y", "f:2");
  redact(facts);
  CHECK((*facts.find("env"))["my.password"].get<std::string>().starts_with("<redacted "));
  CHECK(facts.provenance("env.HF_TOKEN")->source == "f:2");
}

TEST_CASE("a value that is set anew loses what was said of its parts") {
  FactDocument facts;
  facts.set("env", Json{{"A", "1"}}, "f");
  facts.set("env.A", "1", "f:1");
  facts.set("env", Json{{"A", "2"}}, "g");
  CHECK(facts.provenance("env.A")->source == "g");
}
