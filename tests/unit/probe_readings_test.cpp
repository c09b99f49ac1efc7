#include <doctest/doctest.h>

#include <thread>

#include "base/error.hpp"
#include "facts/redact.hpp"
#include "probe/collect.hpp"
#include "probe/fake_host.hpp"
#include "probe/readings.hpp"

using namespace ms;

namespace {

constexpr std::chrono::milliseconds kTimeout{1000};

FakeHost sample() {
  FakeHost host;
  host.file("/proc/meminfo", "MemTotal:  1024 kB\n").file("/dev/davinci0", "");
  host.unreadable("/proc/cmdline", "permission denied");
  host.command("npu-smi info", "dcmi model initialized failed, ret is -8005\n", 1);
  host.env("HOME", "/root");
  return host;
}

}  // namespace

TEST_CASE("a kept host answers as the host that it was kept from") {
  const FakeHost host = sample();
  Readings readings;
  const auto keeping = keeping_host(host, readings);
  const ProbeSet probes = load_probes();
  const FactDocument facts = collect(*keeping, probes);
  const Json kept = Json::parse(readings.to_json().dump());
  const FactDocument again = collect(*kept_host(kept, facts, "host.json"), probes);
  for (const Probe& probe : probes.probes()) {
    INFO(probe.fact);
    const Json* before = facts.find(probe.fact);
    const Json* after = again.find(probe.fact);
    REQUIRE(before != nullptr);
    REQUIRE(after != nullptr);
    if (absent_reason(*before)) {
      CHECK(absent_reason(*after));
    } else {
      CHECK(*after == *before);
    }
  }
  CHECK(*absent_reason(*again.find("host.kernel.cmdline")) == "/proc/cmdline: permission denied");
}

TEST_CASE("what a record keeps is text without secrets, and what it does not keep is named") {
  FakeHost host;
  host.file("/etc/a", "url=https://me:hunter2@mirror/x\n")
      .file("/etc/binary", std::string("\x7f"
                                       "ELF\0",
                                       5));
  host.file("/etc/large", std::string(kMaxKeptText + 1, 'x'));
  Readings readings;
  const auto keeping = keeping_host(host, readings);
  for (const char* path : {"/etc/a", "/etc/binary", "/etc/large", "/etc/none"})
    (void)keeping->read_file(path);
  const Json kept = readings.to_json();
  CHECK(kept["files"]["/etc/a"].get<std::string>().find("hunter2") == std::string::npos);
  const auto again = kept_host(kept, FactDocument(), "r");
  CHECK(again->read_file("/etc/binary").reason() ==
        "/etc/binary is not kept in the record (5 bytes, not text)");
  CHECK(again->read_file("/etc/large").reason() == "/etc/large is not kept in the record (262145 bytes)");
  CHECK(again->read_file("/etc/none").reason() == "/etc/none: no such file");
  CHECK(again->read_file("/etc/other").reason() == "r does not hold /etc/other");
  CHECK(again->run({"npu-smi", "info"}, kTimeout).reason() == "r does not hold the output of 'npu-smi info'");
  CHECK(again->read_file("/etc/a", 3).reason().find("larger than 3 bytes") != std::string::npos);
}

TEST_CASE("readings that are not of their form are refused or absent, never trusted") {
  const FactDocument none;
  CHECK_THROWS_AS(kept_host(Json::array(), none, "r"), InputError);
  CHECK_THROWS_AS(kept_host(Json{{"files", 1}}, none, "r"), InputError);
  CHECK_THROWS_AS(kept_host(Json{{"exists", "x"}}, none, "r"), InputError);
  CHECK_THROWS_AS(kept_host(Json{{"exists", {1}}}, none, "r"), InputError);
  const auto host =
      kept_host(Json{{"files", {{"/a", 1}}},
                     {"folders", {{"/b", "x"}, {"/c", {1}}}},
                     {"commands", {{"df", {{"text", "x"}}}, {"ls", {{"text", 1}, {"status", 0}}}, {"w", 7}}}},
                none, "r");
  CHECK_FALSE(host->read_file("/a"));
  CHECK_FALSE(host->list_directory("/b"));
  CHECK_FALSE(host->list_directory("/c"));
  for (const char* command : {"df", "ls", "w"}) CHECK_FALSE(host->run({command}, kTimeout));
  CHECK_FALSE(host->environment());
  CHECK_FALSE(host->machine());
  CHECK_FALSE(host->page_size_bytes());
}

TEST_CASE("secrets are known by their shape and by the name before them") {
  const auto hides = [](const std::string& text, const std::string& secret) {
    const std::string redacted = redact_text(text);
    return redacted.find(secret) == std::string::npos && redacted.find("<redacted ") != std::string::npos &&
           redact_text(redacted) == redacted;
  };
  CHECK(hides("proxy http://user:hunter2@proxy:8080/", "hunter2"));
  CHECK(hides("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl y", "eyJzdWIi"));
  CHECK(hides("Authorization: Bearer abcdefghijklmnop123456", "abcdefghijklmnop"));
  CHECK(hides("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"));
  CHECK(hides("hf_abcdefghijklmnopqrstuvwxyz0123", "abcdefghijkl"));
  CHECK(hides("vllm serve m --api-key s3cr3t --port 80", "s3cr3t"));
  CHECK(hides("vllm serve m --api-key=s3cr3t", "s3cr3t"));
  CHECK(hides("root=/dev/sda1 luks.password=s3cr3t quiet", "s3cr3t"));
  CHECK(hides("{\"tlsPassphrase\": \"s3cr3t\"}", "s3cr3t"));
  CHECK(hides("-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----", "MIIEabc"));
  for (const char* plain :
       {"http://host:8080/path", "max_tokens=4096", "TOKENIZERS_PARALLELISM=false", "Memory: 12 kB",
        "sk-short", "the password is asked for", "hf_home /root", "cpuset=0-23"}) {
    CAPTURE(plain);
    CHECK(redact_text(plain) == plain);
  }
}

TEST_CASE("several threads may read through one keeping host") {
  const FakeHost host = sample();
  Readings readings;
  const auto keeping = keeping_host(host, readings);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        (void)keeping->run({"npu-smi", "info"}, kTimeout);
        (void)keeping->read_file("/proc/meminfo");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(readings.to_json()["commands"].size() == 1);
}
