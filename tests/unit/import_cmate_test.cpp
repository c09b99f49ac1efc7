#include <doctest/doctest.h>

#include "base/error.hpp"
#include "import/cmate.hpp"
#include "support/imported.hpp"

using namespace ms;
using namespace ms::import;

namespace {

ImportedPack pack_of(const std::string& text) {
  return test::import_pack(import_cmate, text, "rules.cmate");
}

std::string error_of(const std::string& text) {
  try {
    import_cmate(text, "rules.cmate");
  } catch (const InputError& e) {
    return e.what();
  }
  return "accepted";
}

std::string outcomes(const std::string& text, const Json& given) {
  const ImportedPack pack = pack_of(text);
  REQUIRE(pack.omissions.empty());
  return test::outcomes_of(pack, given);
}

// The outcome of one assertion about the document {"a": ...}.
std::string outcome(const std::string& assertion, const Json& document) {
  return outcomes("[dependency]\nd: 'a document' @ 'json'\n---\n[par d]\nassert " + assertion + ", 'm'\n",
                  {{"document", {{"d", document}}}});
}

std::string omission_of(const std::string& text) {
  const ImportedPack pack = pack_of(text);
  REQUIRE(pack.omissions.size() == 1);
  CHECK(pack.rules.empty());
  return pack.omissions[0].reason;
}

}  // namespace

TEST_CASE("a missing value equals NA alone, is false, and has no order") {
  CHECK(outcome("${x} == NA", Json::object()) == "pass");
  CHECK(outcome("${x} != NA", Json::object()) == "fail");
  CHECK(outcome("${x} != 5", Json::object()) == "pass");
  CHECK(outcome("${x} == 0", Json::object()) == "fail");
  CHECK(outcome("${x} >= 1", Json::object()) == "fail");
  CHECK(outcome("${x} < 1", Json::object()) == "fail");
  CHECK(outcome("not (${x} < 1)", Json::object()) == "pass");
  CHECK(outcome("not ${x}", Json::object()) == "pass");
  CHECK(outcome("${x} in [NA, 'info']", Json::object()) == "pass");
  CHECK(outcome("${x} in ['info']", Json::object()) == "fail");
  CHECK(outcome("${x} or 1", Json::object()) == "pass");
}

TEST_CASE("arithmetic on a missing value fails the rule, it does not leave it unknown") {
  CHECK(outcome("${x} + 1 == 1", Json::object()) == "fail");
  CHECK(outcome("int(${x}) * 2 == 2", Json::object()) == "fail");
  CHECK(outcome("len(${x}) == 0", Json::object()) == "fail");
  CHECK(outcome("${x} =~ 'a'", Json::object()) == "fail");
}

TEST_CASE("null is not a missing value") {
  CHECK(outcome("${x} == NA", {{"x", nullptr}}) == "fail");
  CHECK(outcome("${x} == None", {{"x", nullptr}}) == "pass");
}

TEST_CASE("and and or do not look at their second part in vain") {
  // The existing tool evaluates both and fails.
  CHECK(outcome("${x} == NA or int(${x}) > 3", Json::object()) == "pass");
  CHECK(outcome("${x} != NA and int(${x}) > 3", {{"x", "7"}}) == "pass");
  CHECK(outcome("not (${x} != NA and int(${x}) > 3)", Json::object()) == "pass");
}

TEST_CASE("operators bind as in Python") {
  CHECK(outcome("2 + 3 * 4 == 14", {}) == "pass");
  CHECK(outcome("2 ** 3 ** 2 == 512", {}) == "pass");
  CHECK(outcome("10-20 == -10", {}) == "pass");  // `-20` is no number that follows another one
  CHECK(outcome("30 -1 == 29", {}) == "pass");
  CHECK(outcome("7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2", {}) == "pass");
  CHECK(outcome("7 / 2 == 3.5 and .5 == 0.5", {}) == "pass");
  CHECK(outcome("not 1 == 2 and 1 == 1", {}) == "pass");
  CHECK(outcome("'a' + 'b' == 'ab'", {}) == "pass");
  CHECK(outcome("${n} >= 0.05 * ${m}", {{"n", 100}, {"m", 2000}}) == "pass");
  CHECK(outcome("${n} >= 0.05 * ${m}", {{"n", 99}, {"m", 2000}}) == "fail");
}

TEST_CASE("the functions of the language have their counterparts") {
  CHECK(outcome("int('12') == 12 and float('0.5') == 0.5 and str(8) == '8'", {}) == "pass");
  CHECK(outcome("len([1, 2]) == 2 and sum([1, 2]) == 3 and min(3, 1) == 1 and max([3, 1]) == 3", {}) ==
        "pass");
  CHECK(outcome("bool('') == false and list([1]) == [1] and set([2, 1, 2]) == [1, 2]", {}) == "pass");
  CHECK(outcome("${p} in range(1024, 65536)", {{"p", 1024}}) == "pass");
  CHECK(outcome("${p} in range(1024, 65536)", {{"p", 65536}}) == "fail");
  CHECK(outcome("range(3) == [0, 1, 2]", {}) == "pass");
  CHECK(outcome("'b' in ${s} and ${s} =~ '^a.c$'", {{"s", "abc"}}) == "pass");
  CHECK(outcome("{'k': 1} == ${m}", {{"m", {{"k", 1}}}}) == "pass");
}

TEST_CASE("paths reach into lists and keys with dots") {
  const Json document = {{"list", {1, {{"huawei.com/Ascend910", 8}}}}, {"sp-block", "16"}};
  CHECK(outcome("${list[1].huawei.com/Ascend910} == 8", document) == "pass");
  CHECK(outcome("${sp-block} == '16'", document) == "pass");
  CHECK(outcome("${list[2].x} == NA", document) == "pass");
  CHECK(outcome("${d::__root__} == ${d::__root__}", document) == "pass");
}

TEST_CASE("the branches of an if exclude each other, with and without an else") {
  // Of `if 1: one, elif 1: two, elif 1: three` the existing tool picks three.
  const std::string text =
      "[par d]\n"
      "if ${n} >= 1:\n assert ${n} == 0, 'one'\n"
      "elif ${n} >= 2:\n assert ${n} == 0, 'two'\n"
      "elif ${n} >= 3:\n assert ${n} == 0, 'three'\n"
      "else:\n assert ${n} == 0, 'else'\nfi\n";
  CHECK(outcomes(text, {{"document", {{"d", {{"n", 3}}}}}}) == "fail skip skip skip");
  CHECK(outcomes(text, {{"document", {{"d", {{"n", 0}}}}}}) == "skip skip skip pass");
  CHECK(outcomes(text, {{"document", {{"d", Json::object()}}}}) == "skip skip skip fail");
}

TEST_CASE("a variable of [global] is what the branch of the use assigned to it") {
  const std::string text =
      "[dependency]\nmode: 'the mode'\n---\n"
      "[global]\nif ${context::mode} == 'a':\n x = ${d::p} or 1\nelif ${context::mode} == 'b':\n x = "
      "${d::q}\nfi\n"
      "---\n[par d]\nif ${context::mode} == 'a':\n assert ${x} == 1, 'm'\nfi\nassert ${x} == 2, 'm'\n";
  const ImportedPack pack = pack_of(text);
  REQUIRE(pack.rules.size() == 2);
  CHECK(pack.rules[0].when == "context.mode == \"a\"");
  CHECK(pack.rules[0].expectation.check == "loose.either(document.d.at(\"p\"), 1) == 1");
  CHECK(outcomes(text, {{"document", {{"d", {{"q", 2}}}}}, {"context", {{"mode", "b"}}}}) == "skip pass");
  CHECK(outcomes(text, {{"document", {{"d", {{"q", 2}}}}}, {"context", {{"mode", "a"}}}}) == "pass fail");
}

TEST_CASE("an assignment of a missing value leaves what was there") {
  const std::string text = "[global]\nx = 1\nx = ${d::x}\n---\n[par d]\nassert ${x} == 1, 'm'\n";
  CHECK(outcomes(text, {{"document", {{"d", Json::object()}}}}) == "pass");
  CHECK(outcomes(text, {{"document", {{"d", {{"x", 2}}}}}}) == "fail");
}

TEST_CASE("a loop of [global] finds the element with a name") {
  const std::string text =
      "[global]\nfor item in ${d::env}:\n if ${item.name} == 'P':\n  p = ${item.value}\n"
      " elif ${item.name} == 'D':\n  q = ${item.value}\n fi\ndone\n---\n[par d]\nassert ${p} == '1', 'm'\n"
      "assert ${q} == NA, 'm'\n";
  const Json env = {{{"name", "X"}, {"value", "9"}}, {{"name", "P"}, {"value", "1"}}};
  CHECK(outcomes(text, {{"document", {{"d", {{"env", env}}}}}}) == "pass pass");
  CHECK(outcomes(text, {{"document", {{"d", Json::object()}}}}) == "fail pass");
}

TEST_CASE("a condition in quotes is read as the condition that was meant") {
  const std::string text =
      "[global]\nfor volume in ${d::volumes}:\n if \"${volume.name} == 'model-path'\":\n"
      "  path = ${volume.path}\n fi\ndone\n---\n[par d]\nassert ${path} == '/model', 'm'\n";
  const Json volumes = {{{"name", "model-path"}, {"path", "/model"}}, {{"name", "log"}, {"path", "/log"}}};
  CHECK(outcomes(text, {{"document", {{"d", {{"volumes", volumes}}}}}}) == "pass");
  CHECK(pack_of(text).notes.size() == 1);
}

TEST_CASE("a loop of rules judges every element") {
  const std::string text =
      "[par d]\nfor port in ${d::ports}:\n if ${port} > 0:\n  assert ${port} in range(1024, 65536), 'm'\n "
      "fi\ndone\n";
  const Json ports = {1024, 80, -1, 65535};
  CHECK(outcomes(text, {{"document", {{"d", {{"ports", ports}}}}}}) == "pass fail pass");
  const std::string nested =
      "[par d]\nfor one in ${list}:\n for port in ${one.ports}:\n  assert ${port} == 1, 'm'\n done\ndone\n";
  const Json list = {{{"ports", {1, 2}}}, {{"ports", {1}}}};
  CHECK(outcomes(nested, {{"document", {{"d", {{"list", list}}}}}}) == "pass fail pass");
}

TEST_CASE("two assertions on one line are two rules") {
  const ImportedPack pack = pack_of("[par d]\nassert ${a} == 1, 'm' assert ${b} == 1, 'm', info\n");
  REQUIRE(pack.rules.size() == 2);
  CHECK(pack.rules[0].id == "RULES-L2");
  CHECK(pack.rules[1].id == "RULES-L2-2");
  CHECK(pack.rules[1].severity == "info");
}

TEST_CASE("an assertion that is false fails, it does not end the run") {
  CHECK(outcome("false", Json::object()) == "fail");
}

TEST_CASE("simple assertions on variables know how to mend what they find") {
  const ImportedPack pack = pack_of(
      "[par env]\nassert ${A} == '1', 'm'\nassert ${B} in [NA, 'info', 'INFO'], 'm'\nassert ${C} == NA, "
      "'m'\n");
  const std::string toml = to_toml(pack);
  CHECK(toml.find("fact = 'env.A'\nexpect = '1'\nfix.env = { A = '1' }") != toml.npos);
  CHECK(toml.find("expect_unset = true\nexpect_any = ['info', 'INFO']") != toml.npos);
  CHECK(toml.find("expect_unset = true\nfix.unset = 'C'") != toml.npos);
  const auto findings = test::judge_imported(pack, {{"env", {{"C", "1"}}}});
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].outcome == Outcome::fail);
  CHECK(findings[1].outcome == Outcome::pass);
  CHECK(findings[2].outcome == Outcome::fail);
}

TEST_CASE("a fix belongs to the rule that failed, not to the branches that were not taken") {
  const ImportedPack pack = pack_of(
      "[par env]\nif ${context::npu} == 'A2':\n assert ${F} == '0.92', 'm'\nelif ${context::npu} == 'A3':\n"
      " assert ${F} == '0.96', 'm'\nfi\n");
  const auto findings = test::judge_imported(pack, {{"context", {{"npu", "A3"}}}});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].outcome == Outcome::skip);
  CHECK(findings[0].fix.empty());
  REQUIRE(findings[1].fix.env.size() == 1);
  CHECK(findings[1].fix.env[0].second == "0.96");
}

TEST_CASE("context keys take the values that rules ask for, and others where there is an else") {
  const ImportedPack pack = pack_of(
      "[dependency]\nmode: 'the mode'\nmodel: 'the model'\n---\n[par d]\nif ${context::mode} in ['a', 'b']:\n"
      " if ${context::model} == 'deepseek':\n  assert true, 'm'\n else:\n  assert true, 'm'\n fi\nfi\n");
  REQUIRE(pack.contexts.size() == 2);
  CHECK(pack.contexts[0].options == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(pack.contexts[0].open);
  CHECK(pack.contexts[1].about == "the model");
  CHECK(pack.contexts[1].open);
}

TEST_CASE("names that begin like a word of the language are names") {
  CHECK(outcomes("[global]\nNAME = 1\nNA_x = 2\ntrueX = 3\n---\n[par d]\n"
                 "assert ${NAME} + ${NA_x} + ${trueX} == 6, 'm'\n",
                 {{"document", {{"d", {}}}}}) == "pass");
}

TEST_CASE("texts run over lines, and lines are counted all the same") {
  const ImportedPack pack =
      pack_of("# a comment\n[par d]\nassert ${a} == 'x\ny', 'first\nsecond' # why\nassert true, 'm'\n");
  REQUIRE(pack.rules.size() == 2);
  CHECK(pack.rules[0].line == 3);
  CHECK(pack.rules[1].line == 6);
}

TEST_CASE("what cannot be translated is left out with its reason") {
  CHECK(omission_of("[par d]\nassert frobnicate(1), 'm'\n") == "the function frobnicate() is not known");
  CHECK(omission_of("[par d]\nassert ${global::x} == 1, 'm'\n") == "'global::x' is never assigned");
  CHECK(omission_of("[par d]\nassert is_port_in_use(80, '10.0.0.1'), 'm'\n") ==
        "is_port_in_use() of another host is not asked");
  CHECK(omission_of("[par d]\nfor x in ${l}:\n assert ${x} == 1, 'm'\n break\ndone\n") ==
        "the loop around it has a break or continue");
  CHECK(omission_of("[par d]\nassert ${x} =~ '(?=a)b', 'm'\n").find("not a pattern") == 0);
  CHECK(omission_of("[par d]\nassert ${x} == 99999999999999999999, 'm'\n") != "");
}

TEST_CASE("a syntax error says where it is and what was expected") {
  CHECK(error_of("[par d]\nassert ${a} == , 'm'\n") == "rules.cmate:2:16: expected a value, not ','");
  CHECK(error_of("[par d]\nassert ${a} == 1\n") == "rules.cmate:3:1: expected ',', not the end of the file");
  CHECK(error_of("[par d]\nif ${a}:\n assert true, 'm'\n") ==
        "rules.cmate:4:1: expected 'fi', not the end of the file");
  CHECK(
      error_of("[metdata]\n---\n") ==
      "rules.cmate:1:2: expected a section metadata, dependency, global or par, not 'metdata'; did you mean "
      "'metadata'?");
  CHECK(error_of("[par d]\nassert 1 < 2 < 3, 'm'\n") ==
        "rules.cmate:2:14: comparisons do not chain: join them by 'and'");
  CHECK(error_of("[par d]\nassert ${a == 1, 'm'\n") == "rules.cmate:2:8: this '${' has no closing '}'");
  CHECK(error_of("[par d]\nassert ${a} == 1, 'm', fatal\n") ==
        "rules.cmate:2:24: expected info, warning or error, not 'fatal'");
}

TEST_CASE("deep and long input is refused before it does harm") {
  CHECK(error_of("[par d]\nassert " + std::string(5000, '(') + "1, 'm'\n").find("nests deeper") !=
        std::string::npos);
  std::string chain = "1";
  for (int i = 0; i < 1000; ++i) chain += "+1";
  CHECK(error_of("[par d]\nassert " + chain + ", 'm'\n").find("joins more than") != std::string::npos);
  std::string ifs = "[par d]\n";
  for (int i = 0; i < 1000; ++i) ifs += "if true:\n";
  CHECK(error_of(ifs).find("at most 50 levels") != std::string::npos);
}
