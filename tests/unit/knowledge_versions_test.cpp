#include <doctest/doctest.h>

#include "knowledge/versions.hpp"

namespace ms {
namespace {

const Json& compatible(FactDocument& facts, const char* path) {
  set_compatibility_facts(facts);
  const Json* value = facts.find(path);
  REQUIRE(value != nullptr);
  return *value;
}

TEST_CASE("a version has what was released with it, however it is spelled") {
  // MindIE 2.1.RC1 release notes: CANN 8.2.RC1.
  for (const char* spelling : {"2.1.RC1", "2.1.rc1"}) {
    FactDocument facts;
    facts.set("ascend.mindie.version", spelling, "test");
    CHECK(compatible(facts, "compatible.mindie_cann") == Json::array({"8.2.RC1"}));
  }
}

TEST_CASE("a row of a range holds for both of its ends and what is between") {
  // vLLM-Ascend's compatibility matrix: 0.16.0rc1 to 0.19.1 with CANN 8.5.1.
  for (const char* version : {"0.16.0rc1", "0.18.0", "0.19.1"}) {
    FactDocument facts;
    facts.set("ascend.python_packages", Json{{"vllm_ascend", version}}, "test");
    CHECK(compatible(facts, "compatible.vllm_ascend_cann") == Json::array({"8.5.1"}));
  }
}

TEST_CASE("a version that is not in the table is unknown, with the reason") {
  FactDocument facts;
  facts.set("ascend.mindie.version", "9.9.0", "test");
  const auto reason = absent_reason(compatible(facts, "compatible.mindie_cann"));
  REQUIRE(reason);
  CHECK(*reason == "ascend.mindie.version 9.9.0 is not in the table (1.0.RC2 to 3.0.0)");
}

TEST_CASE("where the version could not be read, its reason is passed on") {
  FactDocument facts;
  facts.set_absent("ascend.cann.version", "no such file", "install.info");
  CHECK(absent_reason(compatible(facts, "compatible.cann_driver")) == "no such file");
}

}  // namespace
}  // namespace ms
