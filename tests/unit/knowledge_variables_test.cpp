#include <doctest/doctest.h>

#include "knowledge/variables.hpp"

namespace ms {
namespace {

TEST_CASE("a slip in a known variable is told with the name that is meant") {
  CHECK(meant_variable("MINDIE_ASYNC_SCHEDULE_ENABLE") == "MINDIE_ASYNC_SCHEDULING_ENABLE");
  CHECK(meant_variable("TASK_QUEUE_ENABL") == "TASK_QUEUE_ENABLE");
  CHECK(meant_variable("TASK_QUEUE_ENABLED") == "TASK_QUEUE_ENABLE");
  CHECK(meant_variable("HCCL_RDAM_TC") == "HCCL_RDMA_TC");
  CHECK(meant_variable("NPU_MEMORY_FRACTON") == "NPU_MEMORY_FRACTION");
  CHECK(meant_variable("HCCL_DETERMINSTIC") == "HCCL_DETERMINISTIC");
}

TEST_CASE("a name that is right, longer by words, of another number or of somebody else is no slip") {
  for (const char* name :
       {"TASK_QUEUE_ENABLE", "VLLM_ASCEND_ENABLE_FLASHCOMM3", "HCCL_BUFFSIZE_PER_GROUP", "PATH", "HOME",
        "LD_LIBRARY_PATH", "PYTHONPATH", "OMPI_COMM_WORLD_RANK", "ASCEND_HOME"}) {
    CAPTURE(name);
    CHECK(meant_variable(name).empty());
  }
}

TEST_CASE("known variables are not slips in each other") {
  for (const std::string& name : known_variables()) CHECK(meant_variable(name).empty());
}

TEST_CASE("slips are looked up in the environment; one that was not read leaves them unknown") {
  FactDocument facts;
  facts.set("env", Json{{"HCCL_RDAM_TC", "132"}, {"PATH", "/bin"}}, "environment");
  set_variable_facts(facts);
  CHECK(*facts.find("variables.misspelt") ==
        Json::parse(R"([{"name": "HCCL_RDAM_TC", "meant": "HCCL_RDMA_TC"}])"));

  FactDocument unread;
  unread.set_absent("env", "only root may read it", "/proc/1/environ");
  set_variable_facts(unread);
  CHECK(absent_reason(*unread.find("variables.misspelt")) == "only root may read it");
}

}  // namespace
}  // namespace ms
