#include <doctest/doctest.h>

#include "base/error.hpp"
#include "facts/catalogue.hpp"
#include "rule/evaluate.hpp"
#include "rule/library.hpp"
#include "rule/pack.hpp"

using namespace ms;

namespace {

const std::vector<FactSpec> kFacts = {
    {"env", "map<string>", "", {}},
    {"memory.thp.mode", "string", "", {}},
    {"cpu.count", "int", "", {}},
    {"cpu.governors", "list<{cpu: int, governor: string}>", "", {}},
    {"npu.devices", "list<{id: int, health: string}>", "", {}},
};

cel::Environment& environment() {
  static cel::Environment declared;
  static const bool once = [] {
    declare_facts(kFacts, declared);
    declared.declare("scene", cel::Type::object("scene", {{"framework", cel::Type::string()}}));
    return true;
  }();
  CHECK(once);
  return declared;
}

constexpr const char* kHead =
    "[[rule]]\nid = 'X'\nseverity = 'error'\ntitle = { en = 'T', zh = 'T' }\nwhy = { en = 'W', zh = 'W' "
    "}\nsource = 'S'\n";

std::vector<Rule> rules_of(const std::string& body) {
  return load_rules(parse_toml(kHead + body, "mine.toml"), environment());
}

std::string error_of(const std::string& body) {
  try {
    rules_of(body);
  } catch (const InputError& e) {
    return e.what();
  }
  return "accepted";
}

Scene scene() {
  return {{{"framework", "mindie", {}}}};
}

Finding judge(const std::string& body, const FactDocument& facts) {
  const auto rules = rules_of(body);
  const auto findings = evaluate(rules, facts, scene());
  REQUIRE(findings.size() == 1);
  return findings.front();
}

FactDocument with_env(const Json& variables) {
  FactDocument facts;
  facts.set("env", variables, "environment");
  return facts;
}

}  // namespace

TEST_CASE("a path that is no fact stops the run, at its place and with the closest one") {
  const std::string message = error_of("fact = 'memory.thp.mod'\nexpect = 'always'\n");
  CHECK(message.starts_with("mine.toml:7:"));
  CHECK(message.find("did you mean") != std::string::npos);
  CHECK(message.find("mode") != std::string::npos);
  CHECK(error_of("check = 'cpu.goverors.size() > 0'\n").find("mine.toml:7:") == 0);
  CHECK(error_of("check = 'nosuch.thing == 1'\n").find("mine.toml:7:") == 0);
}

TEST_CASE("what a rule says wrongly is an error that names the line") {
  CHECK(error_of("fact = 'cpu.count'\nexpct = 1\n").find("expects nothing") != std::string::npos);
  CHECK(error_of("fact = 'cpu.count'\nexpect = 1\nexpected_by = 1\n")
            .find("mine.toml:9:1: unknown key 'expected_by'") == 0);
  CHECK(error_of("expect = 1\n").find("needs a 'fact'") != std::string::npos);
  CHECK(error_of("fact = 'cpu.count'\nexpect = 1\ncheck = 'true'\n").find("exclude each other") !=
        std::string::npos);
  CHECK(error_of("fact = 'cpu.count'\nexpect = '1'\n").find("mine.toml:8:") == 0);  // an int is not a string
  CHECK(error_of("fact = 'cpu.count'\nexpect_unset = true\n").find("environment variables only") !=
        std::string::npos);
  CHECK(error_of("fact = 'cpu.count'\nexpect_range = [1]\n").find("two numbers") != std::string::npos);
  CHECK(error_of("check = '1 + 1'\n").find("mine.toml:7:") == 0);
  CHECK(error_of("check = 'true'\ndisputed = { en = 'a', zh = 'b' }\n").find("must not be an error") !=
        std::string::npos);
  CHECK(error_of("check = 'true'\n[[rule]]\nid = 'X'\nseverity = 'info'\ntitle = { en = 'T', zh = 'T' }\nwhy "
                 "= { en = 'W', zh = "
                 "'W' }\nsource = 'S'\ncheck = 'true'\n")
            .find("is there already, at mine.toml:1") != std::string::npos);
}

TEST_CASE("a variable that is not set fails, unless its default is what is expected") {
  const FactDocument empty = with_env(Json::object());
  const Finding unset = judge("fact = 'env.A'\nexpect = '2'\n", empty);
  CHECK(unset.outcome == Outcome::fail);
  CHECK(unset.actual.en == "not set");
  CHECK(unset.actual.zh == "未设置");
  CHECK(judge("fact = 'env.A'\nexpect = '2'\ndefault = '2'\n", empty).outcome == Outcome::pass);
  const Finding other = judge("fact = 'env.A'\nexpect = '2'\ndefault = '1'\n", empty);
  CHECK(other.outcome == Outcome::fail);
  CHECK(other.actual.en == "not set (default 1)");
  CHECK(judge("fact = 'env.A'\nexpect = '2'\n", with_env({{"A", "2"}})).outcome == Outcome::pass);
  CHECK(judge("fact = 'env.A'\nexpect = '2'\n", with_env({{"A", ""}})).actual.en == "\"\"");
}

TEST_CASE("a variable in a range is judged as a number, and text is a wrong value") {
  const std::string body = "fact = 'env.OMP_NUM_THREADS'\nexpect_range = [8, 16]\n";
  for (const char* good : {"8", "10", "16", " 12 ", "8.5"}) {
    CAPTURE(good);
    CHECK(judge(body, with_env({{"OMP_NUM_THREADS", good}})).outcome == Outcome::pass);
  }
  for (const char* bad : {"7", "17", "64", "", "ten", "1e1x", "8,9", "--8", "."}) {
    CAPTURE(bad);
    CHECK(judge(body, with_env({{"OMP_NUM_THREADS", bad}})).outcome == Outcome::fail);
  }
  CHECK(judge(body, with_env(Json::object())).outcome == Outcome::fail);
}

TEST_CASE("what must not be set passes unset, or at a value that does no harm") {
  const std::string body = "fact = 'env.L'\nexpect_unset = true\nexpect_any = ['0']\n";
  CHECK(judge(body, with_env(Json::object())).outcome == Outcome::pass);
  CHECK(judge(body, with_env({{"L", "0"}})).outcome == Outcome::pass);
  const Finding set = judge(body, with_env({{"L", "1"}}));
  CHECK(set.outcome == Outcome::fail);
  CHECK(set.expected.en == "not set, or 0");
}

TEST_CASE("a fact that could not be read is unknown with its reason, and names its source") {
  FactDocument facts;
  facts.set_absent("memory.thp.mode", "permission denied", "/sys/kernel/mm/transparent_hugepage/enabled");
  const Finding finding = judge("fact = 'memory.thp.mode'\nexpect = 'always'\n", facts);
  CHECK(finding.outcome == Outcome::unknown);
  CHECK(finding.actual.en == "permission denied");
  REQUIRE(finding.provenance.size() == 1);
  CHECK(finding.provenance[0].source == "/sys/kernel/mm/transparent_hugepage/enabled");
}

TEST_CASE("one bad core fails, and one unreadable core leaves the good ones undecided") {
  const auto governors = [](Json last) {
    FactDocument facts;
    facts.set(
        "cpu.governors",
        Json::array({{{"cpu", 0}, {"governor", "performance"}}, {{"cpu", 1}, {"governor", std::move(last)}}}),
        "/sys");
    return facts;
  };
  const std::string body = "check = 'cpu.governors.all(c, c.governor == \"performance\")'\n";
  CHECK(judge(body, governors("performance")).outcome == Outcome::pass);
  CHECK(judge(body, governors("powersave")).outcome == Outcome::fail);
  CHECK(judge(body, governors(absent_marker("no such file", "/sys"))).outcome == Outcome::unknown);
}

TEST_CASE("a rule over a list finds each element by its name") {
  FactDocument facts;
  facts.set("npu.devices", Json::array({{{"id", 0}, {"health", "OK"}}, {{"id", 3}, {"health", "Alarm"}}}),
            "npu-smi info");
  const std::string body =
      "for_each = 'npu.devices'\nelement = 'NPU {{it.id}}'\ncheck = 'it.health == \"OK\"'\nactual = "
      "'{{it.health}}'\n";
  const auto findings = evaluate(rules_of(body), facts, scene());
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].outcome == Outcome::pass);
  CHECK(findings[1].outcome == Outcome::fail);
  CHECK(findings[1].element == "NPU 3");
  CHECK(findings[1].actual.en == "Alarm");
  CHECK(findings[1].provenance[0].source == "npu-smi info");

  facts.set("npu.devices", Json::array(), "npu-smi info");
  CHECK(evaluate(rules_of(body), facts, scene())[0].outcome == Outcome::skip);
}

TEST_CASE("a rule that does not apply is skipped and says when it would") {
  const Finding finding =
      judge("when = 'scene.framework == \"vllm\"'\ncheck = 'cpu.count > 0'\n", FactDocument());
  CHECK(finding.outcome == Outcome::skip);
  CHECK(finding.actual.en == "applies when scene.framework == \"vllm\"");
}

TEST_CASE("an expression that goes wrong is an error of the rule, not a failure of the host") {
  FactDocument facts;
  facts.set("cpu.count", 0, "/sys");
  CHECK(judge("check = '8 / cpu.count == 1'\n", facts).outcome == Outcome::error);
}

TEST_CASE("a fix fills in the element that failed") {
  const FactDocument facts = with_env({{"A_STDOUT", "1"}, {"B", "1"}});
  const Finding finding = judge(
      "for_each = 'env.keysMatching(\"STDOUT$\")'\nelement = '{{it}}'\ncheck = 'env[it] == \"0\"'\nfix.env = "
      "{ '{{it}}' = '0' }\n",
      facts);
  CHECK(finding.outcome == Outcome::fail);
  REQUIRE(finding.fix.env.size() == 1);
  CHECK(finding.fix.env[0] == std::pair<std::string, std::string>("A_STDOUT", "0"));
}
