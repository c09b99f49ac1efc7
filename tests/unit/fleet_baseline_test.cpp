#include <doctest/doctest.h>

#include <algorithm>

#include "base/file.hpp"
#include "fleet/baseline.hpp"
#include "probe/probe_set.hpp"
#include "rule/evaluate.hpp"
#include "rule/examples.hpp"
#include "rule/library.hpp"
#include "rule/toml_text.hpp"
#include "support/declared_facts.hpp"
#include "support/temporary_folder.hpp"

TEST_SUITE_BEGIN("fleet");

namespace {

ms::FactDocument example(const std::string& name) {
  const std::string path = std::string(MS_SOURCE_DIR) + "/examples/hosts/" + name + ".json";
  return ms::FactDocument::from_json(ms::parse_json(ms::read_document(path), path), path);
}

// The outcomes of a baseline's rules on a host, by id.
std::map<std::string, ms::Outcome> judge(const ms::Baseline& baseline, const ms::FactDocument& host) {
  const ms::TemporaryFolder folder;
  const std::string pack = folder.at("pack.toml");
  ms::write_file_atomically(pack, baseline.rules);
  const auto facts = ms::test::declared_facts();
  const ms::RuleLibrary library = ms::load_rule_library(facts, {pack}, false);
  std::map<std::string, ms::Outcome> outcomes;
  for (const ms::Finding& finding : ms::evaluate(library.rules, host, library.scenes.detect(host, ""))) {
    outcomes[finding.rule] = finding.outcome;
  }
  return outcomes;
}

ms::Baseline baseline_of(const ms::FactDocument& host, const std::set<std::string, std::less<>>& variables) {
  const auto facts = ms::test::declared_facts();
  return ms::make_baseline({.facts = host,
                            .specs = facts,
                            .variables = variables,
                            .table = ms::DifferenceTable::builtin(),
                            .host = "good"});
}

}  // namespace

TEST_CASE("a host passes the baseline that was taken from it") {
  for (const char* name : {"healthy-800i-a2", "badly-set-800i-a2", "no-driver"}) {
    const ms::FactDocument host = example(name);
    const ms::Baseline baseline = baseline_of(host, {"env.TASK_QUEUE_ENABLE", "env.ASCEND_LAUNCH_BLOCKING"});
    CHECK(baseline.count > 20);
    for (const auto& judged : judge(baseline, host)) {
      INFO(name << " " << judged.first);
      CHECK(judged.second == ms::Outcome::pass);
    }
  }
}

TEST_CASE("another host fails where it differs, and only there") {
  const ms::Baseline baseline = baseline_of(example("healthy-800i-a2"), {"env.TASK_QUEUE_ENABLE"});
  ms::FactDocument other = example("healthy-800i-a2");
  other.set("host.name", "another", "");
  other.set("ascend.driver.version", "23.0.7", "");
  ms::Json devices = *other.find("npu.devices");
  devices[3]["health"] = "Warning";
  devices[3]["temperature_celsius"] = 71.0;
  other.set("npu.devices", devices, "");
  ms::Json environment = *other.find("env");
  environment["TASK_QUEUE_ENABLE"] = "1";
  other.set("env", environment, "");
  std::vector<std::string> failed;
  for (const auto& [rule, outcome] : judge(baseline, other)) {
    if (outcome != ms::Outcome::pass) failed.push_back(rule);
  }
  CHECK(failed == std::vector<std::string>{"BASELINE-ASCEND-DRIVER-VERSION", "BASELINE-ENV-TASK-QUEUE-ENABLE",
                                           "BASELINE-NPU-DEVICES-HEALTH"});
}

TEST_CASE("whatever a value holds, the pack reads back as that value") {
  for (const std::string value :
       {"plain", "with \"quotes\" and 'single' ones", "back\\slash", "two\nlines\r\n", "{{not a hole}}",
        "tab\tand bell\a and del\x7f", "中文 ü 🙂", ""}) {
    ms::FactDocument host;
    host.set("host.os.name", value, "/etc/os-release");
    host.set("env", ms::Json{{"LD_PRELOAD", value}}, "environment");
    host.set("ascend.python_packages", ms::Json{{"torch", value}}, "site-packages");
    const auto outcomes = judge(baseline_of(host, {"env.LD_PRELOAD"}), host);
    INFO(value);
    CHECK(outcomes.size() == 3);
    for (const auto& [rule, outcome] : outcomes) CHECK(outcome == ms::Outcome::pass);
    ms::FactDocument other = host;
    other.set("host.os.name", value + " ", "/etc/os-release");
    CHECK(judge(baseline_of(host, {}), other)["BASELINE-HOST-OS-NAME"] == ms::Outcome::fail);
  }
}

TEST_CASE("secrets are not written into a baseline") {
  ms::FactDocument host;
  host.set("host.arch", "aarch64", "");
  host.set("env", ms::Json{{"API_TOKEN", "<redacted 0badcafe>"}}, "environment");
  const ms::Baseline baseline = baseline_of(host, {"env.API_TOKEN"});
  CHECK(baseline.rules.find("0badcafe") == std::string::npos);
  CHECK(baseline.rules.find("# env.API_TOKEN:") != std::string::npos);
}

TEST_CASE("the examples of a baseline hold") {
  const ms::TemporaryFolder folder;
  const std::string pack = folder.at("pack.toml");
  const ms::Baseline baseline =
      baseline_of(example("healthy-800i-a2"), {"env.TASK_QUEUE_ENABLE", "env.ASCEND_LAUNCH_BLOCKING"});
  ms::write_file_atomically(pack, baseline.rules);
  ms::write_file_atomically(ms::examples_file(pack), baseline.examples);
  const auto facts = ms::test::declared_facts();
  const ms::RuleLibrary library = ms::load_rule_library(facts, {pack}, false);
  const auto examples = ms::load_rule_examples(facts, library.rules, {pack}, false);
  CHECK(examples.size() == 2 * library.rules.size());
  for (const ms::RuleExample& one : examples) {
    INFO(one.rule);
    const auto wrong =
        ms::contradiction(one, ms::judge_example(ms::find_rule(library, one.rule), one, library.scenes));
    CHECK(wrong.value_or("") == "");
  }
}

TEST_CASE("a string of TOML escapes what TOML does not allow") {
  CHECK(ms::toml_string("a\"b\\c\nd\x7f") == "\"a\\\"b\\\\c\\nd\\u007f\"");
  CHECK(ms::toml_expression("a == \"b\"") == "'a == \"b\"'");
  CHECK(ms::toml_expression("it's") == "\"it's\"");
  CHECK(ms::toml_value(ms::Json{{"a b", {1, 2}}, {"c", true}}) == "{ \"a b\" = [1, 2], c = true }");
}

TEST_SUITE_END();
