#include <doctest/doctest.h>

#include "base/file.hpp"
#include "captures.hpp"
#include "knowledge/versions.hpp"
#include "probe/network_probe.hpp"
#include "probe/probe_set.hpp"
#include "rule/evaluate.hpp"
#include "rule/library.hpp"
#include "serving/config_facts.hpp"

using namespace ms;

namespace {

RuleLibrary library() {
  std::vector<FactSpec> specs;
  const ProbeSet probes = load_probes();
  for (const Probe& probe : probes.probes())
    specs.push_back({.path = probe.fact, .type_text = probe.type, .unit = probe.unit, .doc = probe.doc});
  for (const auto& more : {config_fact_specs(), compatibility_fact_specs(), network_fact_specs()})
    specs.insert(specs.end(), more.begin(), more.end());
  return load_rule_library(specs, {}, true);
}

FactDocument healthy_host() {
  const std::string path = std::string(MS_SOURCE_DIR) + "/examples/hosts/healthy-800i-a2.json";
  return FactDocument::from_json(parse_json(read_document(path), path), path);
}

struct Folder {
  const char* path;
  const char* kind;
  const char* scene;
};

// What is recorded, the kind that each is read as, and a scene in which its rules apply.
constexpr Folder kFolders[] = {
    {"04_mindie_config/config_json", "mindie", "mindie"},
    {"04_mindie_config/user_config", "user_config", "mindie,ep"},
    {"04_mindie_config/ranktable", "rank_table", "mindie"},
    {"04_mindie_config/k8s", "manifest", "mindie,pd_disaggregation"},
};

}  // namespace

TEST_CASE(
    "every recorded config is judged without an error of a rule, and what is wrong in it has its line") {
  const RuleLibrary rules = library();
  int files = 0;
  int wrong = 0;
  for (const Folder& folder : kFolders) {
    for (const std::string& path : capture_files(folder.path)) {
      if (path.find("hccn.conf") != path.npos) continue;  // no rank table
      CAPTURE(path);
      FactDocument facts = healthy_host();
      set_config_facts(facts, {.files = {{folder.kind, path, read_file(path)}}, .weights = {}});
      const Scene scene = rules.scenes.detect(facts, folder.scene);
      for (const Finding& finding : evaluate(rules.rules, facts, scene)) {
        CAPTURE(finding.rule);
        CAPTURE(finding.actual.en);
        CHECK(finding.outcome != Outcome::error);
        if (finding.outcome == Outcome::fail && finding.rule.starts_with("MINDIE-")) {
          ++wrong;
          REQUIRE_FALSE(finding.provenance.empty());
          CHECK(finding.provenance.front().source.starts_with(path));
        }
      }
      ++files;
    }
  }
  CHECK(files > 50);
  MESSAGE(files << " recorded configs judged, " << wrong << " findings on settings of MindIE");
}
