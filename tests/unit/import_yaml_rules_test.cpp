#include <doctest/doctest.h>

#include "base/error.hpp"
#include "support/imported.hpp"

using namespace ms;
using namespace ms::import;

namespace {

ImportedPack pack_of(const std::string& text) {
  return test::import_pack(import_yaml_rules, text, "rules.yaml");
}

std::string outcomes(const std::string& text, const Json& given) {
  const ImportedPack pack = pack_of(text);
  REQUIRE(pack.omissions.empty());
  return test::outcomes_of(pack, given);
}

// The outcome of one `expected` of the field `x` of a document.
std::string outcome(const std::string& expected, const Json& document) {
  return outcomes("a:\n  x:\n    expected: " + expected + "\n",
                  {{"document", {{"config", {{"a", document}}}}}});
}

Severity severity_of(const std::string& text) {
  const auto findings = test::judge_imported(pack_of(text), {{"document", {{"config", Json::object()}}}});
  REQUIRE(findings.size() == 1);
  return findings[0].severity;
}

}  // namespace

TEST_CASE("comparisons of a field") {
  CHECK(outcome("{type: eq, value: 600}", {{"x", 600}}) == "pass");
  CHECK(outcome("{type: eq, value: 600}", Json::object()) == "fail");
  CHECK(outcome("{type: eq, value: null}", Json::object()) == "pass");
  CHECK(outcome("{type: '>=', value: \"${.} - 1\"}", {{"x", 5}}) == "pass");
  CHECK(outcome("{type: lt, value: 3}", {{"x", "text"}}) == "fail");
  CHECK(outcome("{type: enum, value: [1, \"'2'\"]}", {{"x", "2"}}) == "pass");
  CHECK(outcome("{type: range, value: [1, 8]}", {{"x", 8}}) == "pass");
  CHECK(outcome("{type: range, value: \"[1, 8)\"}", {{"x", 8}}) == "fail");
  CHECK(outcome("{type: range, value: \"(0, 8]\"}", {{"x", 1}}) == "pass");
  CHECK(outcome("{type: eq, value: [[0, 1]]}", {{"x", {{0, 1}}}}) == "pass");
}

TEST_CASE("absent and present can fail") {
  CHECK(outcome("{case: absent}", {{"x", 1}}) == "fail");
  CHECK(outcome("{case: absent}", Json::object()) == "pass");
  CHECK(outcome("present", Json::object()) == "fail");
  CHECK(outcome("present", {{"x", 1}}) == "pass");
}

TEST_CASE("alert always asks for a look, as a warning") {
  CHECK(outcome("{case: alert, reason: look}", {{"x", 1}}) == "fail");
  CHECK(severity_of("a:\n  expected: {case: alert}\n  severity: low\n") == Severity::warning);
}

TEST_CASE("severities are those of the case, else those of the rule, else high") {
  CHECK(severity_of("a:\n  expected: {type: eq, value: 1}\n") == Severity::error);
  CHECK(severity_of("a:\n  expected: {type: eq, value: 1}\n  severity: medium\n") == Severity::warning);
  CHECK(severity_of("a:\n  expected: {case: {type: eq, value: 1}, severity: low}\n  severity: high\n") ==
        Severity::info);
  CHECK(severity_of("a:\n  expected:\n    contains_all:\n      - {case: \"${.n} == 1\", severity: low}\n") ==
        Severity::info);
}

TEST_CASE("an expression is computed, and a word is a text") {
  CHECK(outcome("{type: eq, value: 10-20}", {{"x", -10}}) == "pass");
  CHECK(outcome("{type: eq, value: (3)-1}", {{"x", 2}}) == "pass");
  CHECK(outcome("{type: eq, value: 30 -1}", {{"x", 29}}) == "pass");
  CHECK(outcome("{type: eq, value: 2**3**2}", {{"x", 512}}) == "pass");
  CHECK(outcome("{type: eq, value: .5}", {{"x", 0.5}}) == "pass");
  CHECK(outcome("{type: eq, value: standard}", {{"x", "standard"}}) == "pass");
  CHECK(outcome("{type: eq, value: brand}", {{"x", "brand"}}) == "pass");
  CHECK(outcome("{type: eq, value: \"a or b\"}", {{"x", "a or b"}}) == "pass");
  CHECK(outcome("{type: eq, value: ./conf/env.json}", {{"x", "./conf/env.json"}}) == "pass");
}

TEST_CASE("paths are absolute, of the field itself, or relative to it") {
  const Json document = {{"x", 4}, {"y", 4}, {"in", {{"z", 4}}}};
  CHECK(outcome("\"${.} == ${..y}\"", document) == "pass");
  CHECK(outcome("\"${.} == ${..in.z}\"", document) == "pass");
  CHECK(outcome("\"${a.y} == 4\"", document) == "pass");
  CHECK(outcome("\"${.none} == None\"", document) == "pass");
}

TEST_CASE("if, then and else exclude each other") {
  const std::string rule = "{if: \"${a.n} <= 10\", then: {case: {type: eq, value: 1}}, else: {case: absent}}";
  CHECK(outcome(rule, {{"n", 5}, {"x", 1}}) == "pass skip");
  CHECK(outcome(rule, {{"n", 50}, {"x", 1}}) == "skip fail");
  CHECK(outcome(rule, {{"x", 1}}) == "skip fail");  // what is missing is not at most 10
}

TEST_CASE("contains_all wants an element for each case") {
  const std::string rule =
      "{contains_all: [{case: \"${.name} == 'A' and ${.value} == '1'\"}, {case: \"${.name} == 'B'\"}], len: "
      "2}";
  // An entry without a value comes first in many a manifest.
  const Json list = {{{"name", "IP"}, {"valueFrom", {{"x", 1}}}}, {{"name", "A"}, {"value", "1"}}};
  CHECK(outcome(rule, {{"x", list}}) == "pass fail pass");
  CHECK(outcome(rule, Json::object()) == "fail fail fail");
}

TEST_CASE("variables are taken from places, with a default or from the element that is looked for") {
  const std::string text =
      "ref:\n  - {from: 'a.tp', as: tp, default: 1}\n"
      "  - {from: 'a.env', as: rate, select: \"${.value}\", where: \"${.name} == 'RATE'\"}\n"
      "ref.tp:\n  expected: {type: eq, value: 1}\n"
      "ref.rate:\n  expected: {case: \"int(${ref.rate}) + ${ref.tp} == 4\"}\n";
  const Json env = {{{"name", "X"}, {"value", "9"}}, {{"name", "RATE"}, {"value", "3"}}};
  CHECK(outcomes(text, {{"document", {{"config", {{"a", {{"env", env}}}}}}}}) == "pass pass");
  CHECK(outcomes(text, {{"document", {{"config", {{"a", {{"tp", 2}}}}}}}}) == "fail fail");
}

TEST_CASE("files are documents of their own, and lists go by their index") {
  const std::string text =
      "conf/config.json:\n  n:\n    expected: {type: eq, value: 8}\n"
      "deploy/server.yaml:\n  - null\n  - limits:\n      huawei.com/Ascend910:\n"
      "        expected: {type: eq, value: \"${conf/config.json.n}\"}\n";
  const ImportedPack pack = pack_of(text);
  REQUIRE(pack.documents.size() == 2);
  CHECK(pack.documents[1].name == "deploy_server_yaml");
  CHECK(pack.documents[1].format == "yaml");
  const Json server = {nullptr, {{"limits", {{"huawei.com/Ascend910", 8}}}}};
  CHECK(outcomes(text, {{"document", {{"conf_config_json", {{"n", 8}}}, {"deploy_server_yaml", server}}}}) ==
        "pass pass");
}

TEST_CASE("variables of the environment are texts whatever they look like") {
  const std::string text =
      "env:\n  A:\n    expected: {type: eq, value: \"2\"}\n  B:\n    expected: {type: eq, value: \"'3'\"}\n"
      "  C:\n    expected: {type: eq, value: ERROR}\n    allow_undefined: true\n";
  CHECK(outcomes(text, {{"env", {{"A", "2"}, {"B", "3"}}}}) == "pass pass pass");
  CHECK(outcomes(text, {{"env", {{"A", "3"}, {"C", "INFO"}}}}) == "fail fail fail");
}

TEST_CASE("facts of the host go by our names, and what is none is left out") {
  const ImportedPack pack = pack_of(
      "sys:\n  release:\n    expected: {type: ge, value: Version(5.10)}\n  odd:\n    expected: {type: eq, "
      "value: 1}\n"
      "ascend:\n  driver:\n    version:\n      expected: {type: ge, value: \"'Version(25.0)'\"}\n");
  CHECK(pack.rules[0].expectation.check == "version(host.kernel.release) >= version(\"5.10\")");
  REQUIRE(pack.omissions.size() == 1);
  CHECK(pack.omissions[0].reason == "'sys.odd' is no fact of a host here");
}

TEST_CASE("what is no file of YAML rules is refused with its place") {
  CHECK_THROWS_WITH_AS(pack_of("- 1\n"), "rules.yaml: is no file of YAML rules: expected one map",
                       InputError);
  CHECK_THROWS_WITH_AS(pack_of("a:\n  expected: {type: eq, value: 1}\n  severity: fatal\n"),
                       "rules.yaml:3:13: expected high, medium or low, not 'fatal'", InputError);
}
