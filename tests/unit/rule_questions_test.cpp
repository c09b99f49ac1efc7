#include <doctest/doctest.h>

#include "probe/fake_host.hpp"
#include "rule/questions.hpp"
#include "support/imported.hpp"

using namespace ms;

namespace {

constexpr const char* kPack =
    "errors_fail = true\n[documents]\nd = 'a document'\n[ask]\npath_exists = ['document.d.at(\"path\")']\n"
    "ports_in_use = true\n[[rule]]\nid = 'X'\nseverity = 'error'\ntitle = { en = 'T', zh = 'T' }\n"
    "why = { en = 'W', zh = 'W' }\nsource = 'S'\n"
    "check = 'asked.path_exists[document.d.at(\"path\")] && !(1025 in asked.ports_in_use)'\n";

Outcome judge(const Host* host, const Json& document) {
  const RuleLibrary library = load_pack(test::msprecheck_facts(), kPack, "mine.toml");
  FactDocument facts;
  facts.set("document.d", document, "d.json");
  ask_host(library.packs[0].questions, host, facts);
  const auto findings = evaluate(library.rules, facts, Scene());
  REQUIRE(findings.size() == 1);
  return findings[0].outcome;
}

}  // namespace

TEST_CASE("a pack has the host asked for paths and ports") {
  FakeHost host;
  host.file("/model/config.json", "{}").file("/proc/net/tcp", "");
  CHECK(judge(&host, {{"path", "/model/config.json"}}) == Outcome::pass);
  CHECK(judge(&host, {{"path", "/none"}}) == Outcome::fail);
  CHECK(judge(&host, Json::object()) == Outcome::fail);
  CHECK(judge(nullptr, {{"path", "/model/config.json"}}) == Outcome::unknown);
}

TEST_CASE("listening ports are those in state 0A of /proc/net/tcp") {
  // 0x0401 = 1025, 0x1F90 = 8080; state 01 is an established connection.
  const char* text =
      "  sl  local_address rem_address   st tx_queue\n"
      "   0: 00000000:0401 00000000:0000 0A 00000000:00000000\n"
      "   1: 0100007F:1F90 00000000:0000 01 00000000:00000000\n";
  CHECK(parse_listening_ports(text) == std::set<std::int64_t>{1025});
  CHECK(parse_listening_ports("0: garbage 1 0A\n").empty());
}

TEST_CASE("the address of a host is the first that is not of the loopback or of Docker") {
  CHECK(parse_first_address("1: lo    inet 127.0.0.1/8 scope host lo\n2: docker0    inet 172.17.0.1/16 brd\n"
                            "3: eth0    inet 10.1.2.3/24 brd 10.1.2.255\n") == "10.1.2.3");
  CHECK_FALSE(parse_first_address("1: lo    inet 127.0.0.1/8\n").has_value());
}
