#include <doctest/doctest.h>

#include "document/json_position.hpp"
#include "serving/config_facts.hpp"
#include "serving/rank_table.hpp"
#include "serving/vllm_document.hpp"

namespace ms {
namespace {

FactDocument facts_of(const std::string& kind, const std::string& file, const std::string& text) {
  FactDocument facts;
  set_config_facts(facts, {.files = {{kind, file, text}}, .weights = {}});
  return facts;
}

const Json& list(const FactDocument& facts, const char* path) {
  const Json* value = facts.find(path);
  REQUIRE(value != nullptr);
  REQUIRE(value->is_array());
  return *value;
}

TEST_CASE("a walk gives the place of every value, also below lists") {
  const std::string text =
      "{\n"
      "  \"a\": {\"b\": 1},  // a comment\n"
      "  \"c\": [\n"
      "    {\"d\": 2},\n"
      "    [3, 4]\n"
      "  ]\n"
      "}\n";
  const JsonPlaces places = json_places(text);
  CHECK(places.values.at("a.b").line == 2);
  CHECK(places.values.at("c[0].d").line == 4);
  CHECK(places.values.at("c[1][1]").line == 5);
  CHECK(places.values.at("c[1][1]").column == 9);
  CHECK(places.duplicates.empty());
}

TEST_CASE("a name that an object has twice is found with the line of the second") {
  const JsonPlaces places = json_places("{\"x\": {\"port\": 1,\n\"port\": 2}}");
  REQUIRE(places.duplicates.size() == 1);
  CHECK(places.duplicates[0].first == "x.port");
  CHECK(places.duplicates[0].second.line == 2);
}

TEST_CASE("settings of a config.json are found with their lines, defaults have none") {
  const FactDocument facts = facts_of("mindie", "conf/config.json",
                                      "{\n"
                                      " \"ServerConfig\": {\"port\": 1030},\n"
                                      " \"BackendConfig\": {\n"
                                      "  \"npuDeviceIds\": [[0, 1]],\n"
                                      "  \"ModelDeployConfig\": {\"ModelConfig\": [\n"
                                      "   {\"worldSize\": 2,\n"
                                      "    \"tp\": 2}]}}}\n");
  const Json& config = list(facts, "config.mindie").at(0);
  CHECK(config["role"] == "server");
  CHECK(config["port"] == 1030);
  CHECK(config["npuDeviceIds"] == Json::parse("[[0, 1]]"));
  CHECK(config["tp"] == 2);
  CHECK(config["places"]["tp"] == "conf/config.json:7");
  CHECK(config["maxBatchSize"] == 200);  // the default of MindIE
  CHECK_FALSE(config["places"].contains("maxBatchSize"));
  CHECK_FALSE(config.contains("dp"));  // no default of its own
  CHECK(list(facts, "config.problems").empty());
}

TEST_CASE("the layout of MindIE 1.0 release candidates is read by the same names") {
  const FactDocument facts =
      facts_of("mindie", "c.json",
               R"({"OtherParam": {"ServeParam": {"port": 1025}, "ResourceParam": {"cacheBlockSize": 64}},
                                          "ModelDeployParam": {"maxSeqLen": 4096, "ModelParam": [{"worldSize": 4}]},
                                          "ScheduleParam": {"maxBatchSize": 100}})");
  const Json& config = list(facts, "config.mindie").at(0);
  CHECK(config["maxSeqLen"] == 4096);
  CHECK(config["worldSize"] == 4);
  CHECK(config["maxBatchSize"] == 100);
  CHECK(config["cacheBlockSize"] == 64);
}

TEST_CASE("a wrong type, a slip in a name and a missing comma are problems of the document") {
  const FactDocument typed = facts_of("mindie", "c.json",
                                      "{\"BackendConfig\": {\"ScheduleConfig\": {\n"
                                      "\"maxBatchSize\": \"200\",\n"
                                      "\"maxPrefilTokens\": 8192}}}");
  const Json& problems = list(typed, "config.problems");
  REQUIRE(problems.size() == 2);
  CHECK(problems[0]["kind"] == "type");
  CHECK(problems[0]["place"] == "c.json:2");
  CHECK(problems[0]["found"] == "\"200\"");
  CHECK(problems[1]["kind"] == "unknown");
  CHECK(problems[1]["place"] == "c.json:3");
  CHECK(problems[1]["expected"] == "maxPrefillTokens");
  CHECK(absent_reason(list(typed, "config.mindie").at(0)["maxBatchSize"]).has_value());

  const FactDocument broken = facts_of("mindie", "c.json", "{\"a\": 1\n\"b\": 2}");
  CHECK(list(broken, "config.problems").at(0)["kind"] == "syntax");
  CHECK(list(broken, "config.problems").at(0)["place"] == "c.json:2");
  CHECK(list(broken, "config.mindie").empty());
}

TEST_CASE("documents that are not objects cost nothing but themselves") {
  for (const char* text : {"", "[]", "null", "42", "\"x\"", "{}", "[[[[[["}) {
    const FactDocument facts = facts_of("mindie", "c.json", text);
    CHECK(facts.contains("config.mindie"));
    CHECK(facts.contains("config.problems"));
  }
}

TEST_CASE("a user_config.json gives its deployment, two servers, a controller and a coordinator") {
  const FactDocument facts = facts_of("user_config", "u.json", R"({
    "deploy_config": {"p_instances_num": 4, "hardware_type": "800I_A3"},
    "mindie_ms_controller_config": {"deploy_mode": "pd_separate"},
    "mindie_ms_coordinator_config": {"http_config": {"predict_port": "1025"}},
    "mindie_server_prefill_config": {"ServerConfig": {"maxLinkNum": 4096}},
    "mindie_server_decode_config": {"ServerConfig": {"maxLinkNum": 256}}})");
  CHECK(list(facts, "config.deployments").at(0)["p_instances_num"] == 4);
  CHECK(list(facts, "config.controllers").at(0)["deploy_mode"] == "pd_separate");
  CHECK(list(facts, "config.coordinators").at(0)["predict_port"] == 1025);  // written as text
  REQUIRE(list(facts, "config.mindie").size() == 2);
  CHECK(list(facts, "config.mindie").at(0)["role"] == "prefill");
  CHECK(list(facts, "config.mindie").at(1)["maxLinkNum"] == 256);
}

TEST_CASE("numbers and texts of mindie_env.json are the same to rules") {
  const FactDocument facts = facts_of(
      "mindie_env", "e.json",
      R"({"mindie_common_env": {"TASK_QUEUE_ENABLE": 1, "MINDIE_LOG_TO_FILE": "true", "HCCL_BUFFSIZE": "120"}})");
  const Json& common = list(facts, "config.mindie_env").at(0);
  CHECK(common["TASK_QUEUE_ENABLE"] == "1");
  CHECK(common["MINDIE_LOG_TO_FILE"] == "true");
  CHECK(common["HCCL_BUFFSIZE"] == "120");
}

TEST_CASE("arguments of vLLM are found by the names of its configuration") {
  const ServingDocument document = vllm_document(
      "HCCL_BUFFSIZE=200 numactl -N 0 vllm serve /models/q --max-num-seqs 32 -tp=8 "
      "--no-enable-prefix-caching "
      "--enforce-eager --additional-config '{\"enable_cpu_binding\":true}' "
      "--compilation-config.cudagraph_mode "
      "FULL --seed -1",
      "t");
  CHECK(document.tree["model"] == "/models/q");
  CHECK(document.tree["max_num_seqs"] == "32");
  CHECK(document.tree["tensor_parallel_size"] == "8");
  CHECK(document.tree["enable_prefix_caching"] == "false");
  CHECK(document.tree["enforce_eager"] == "true");
  CHECK(document.tree["compilation_config"]["cudagraph_mode"] == "FULL");
  CHECK(document.tree["seed"] == "-1");

  FactDocument facts;
  set_config_facts(
      facts, {.files = {{"vllm_command", "start.sh",
                         std::string("vllm serve /models/q --max-num-seq 32 --gpu-memory-utilization 0.95 "
                                     "--additional-config '{\"a\": 1}'")}},
              .weights = {}});
  const Json& server = list(facts, "config.vllm").at(0);
  CHECK(server["gpu_memory_utilization"] == 0.95);
  CHECK(server["additional_config"]["a"] == 1);
  CHECK(list(facts, "config.problems").at(0)["expected"] == "max_num_seqs");
}

TEST_CASE("a YAML config of vLLM has the names of the arguments") {
  const FactDocument facts =
      facts_of("vllm", "serve.yaml", "model: /models/q\nmax-num-seqs: 32\nenforce-eager: true\n");
  const Json& server = list(facts, "config.vllm").at(0);
  CHECK(server["max_num_seqs"] == 32);
  CHECK(server["enforce_eager"] == true);
  CHECK(server["places"]["max_num_seqs"] == "serve.yaml:2");
}

TEST_CASE("a rank table tells what is there twice, what is missing and what is no address") {
  const FactDocument facts =
      facts_of("rank_table", "r.json", R"({"version": "1.0", "status": "completed", "server_count": "2",
"server_list": [
{"server_id": "10.0.0.1", "device": [
{"device_id": "0", "device_ip": "10.1.0.1", "rank_id": "0"},
{"device_id": "0", "device_ip": "10.1.0.1", "rank_id": "1"}]},
{"server_id": "10.0.0.2", "device": [
{"device_id": "0", "device_ip": "10.1.0.300", "rank_id": "4"}]}]})");
  const Json& table = list(facts, "config.rank_tables").at(0);
  CHECK(table["server_count"] == 2);
  CHECK(table["duplicate_ips"] == Json::array({"10.1.0.1 (lines 4, 5)"}));
  CHECK(table["duplicate_devices"] == Json::array({"0 of server 10.0.0.1 (lines 4, 5)"}));
  CHECK(table["bad_addresses"] == Json::array({"'10.1.0.300' (line 7)"}));
  CHECK(table["missing_ranks"] == Json::array({2}));  // ranks 0, 1, 4 of three
  CHECK(table["servers"][1]["device_count"] == 1);
}

TEST_CASE("ranks of a global table begin anew in every group") {
  const FactDocument facts = facts_of("rank_table", "g.json", R"({"version": "1.0", "server_group_list": [
    {"group_id": "2", "server_list": [
      {"server_id": "a", "server_ip": "10.0.0.1", "device": [{"device_id": "0", "device_ip": "10.1.0.1", "rank_id": "0"}]},
      {"server_id": "b", "server_ip": "10.0.0.2", "device": [{"device_id": "0", "device_ip": "10.1.0.2", "rank_id": "0"}]}]}]})");
  const Json& table = list(facts, "config.rank_tables").at(0);
  CHECK(table["duplicate_ranks"].empty());
  CHECK(table["devices"].size() == 2);
}

TEST_CASE("a manifest gives its workloads with the NPUs, variables and mounts of the first container") {
  const FactDocument facts =
      facts_of("manifest", "m.yaml",
               "kind: ConfigMap\n"
               "---\n"
               "kind: Deployment\n"
               "metadata:\n"
               "  name: mindie-server\n"
               "  annotations: {sp-block: \"16\"}\n"
               "spec:\n"
               "  replicas: 2\n"
               "  template:\n"
               "    spec:\n"
               "      containers:\n"
               "      - image: mindie\n"
               "        env:\n"
               "        - {name: MINDIE_LOG_LEVEL, value: INFO}\n"
               "        - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}\n"
               "        resources:\n"
               "          requests: {huawei.com/Ascend910: 16}\n"
               "          limits:\n"
               "            huawei.com/Ascend910: 16\n");
  const Json& workloads = list(facts, "config.workloads");
  REQUIRE(workloads.size() == 1);
  CHECK(workloads[0]["name"] == "mindie-server");
  CHECK(workloads[0]["replicas"] == 2);
  CHECK(workloads[0]["npu_request"] == 16);
  CHECK(workloads[0]["places"]["npu_limit"] == "m.yaml:19");
  CHECK(workloads[0]["annotations"]["sp-block"] == "16");
  CHECK(workloads[0]["env"]["MINDIE_LOG_LEVEL"] == "INFO");
  CHECK(absent_reason(workloads[0]["env"]["POD_IP"]).has_value());
}

TEST_CASE("every field of a view has a type that facts know") {
  for (const FactSpec& spec : config_fact_specs()) CHECK_NOTHROW(parse_fact_type(spec.type_text));
}

}  // namespace
}  // namespace ms
