#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "base/file.hpp"
#include "document/json_position.hpp"
#include "model_captures.hpp"
#include "serving/config_patch.hpp"
#include "serving/config_path.hpp"
#include "serving/mindie_config.hpp"
#include "support/temporary_folder.hpp"

namespace ms {
namespace {

// The shape of the config that MindIE ships, with the settings that matter here.
constexpr const char* kShipped = R"({
    "Version" : "1.0.0",
    "ServerConfig" :
    {
        "port" : 1025,
        "maxLinkNum" : 1000
    },
    "BackendConfig" : {
        "npuDeviceIds" : [[0,1,2,3]],
        "ModelDeployConfig" :
        {
            "maxSeqLen" : 2560,
            "maxInputTokenLen" : 2048,
            "ModelConfig" : [
                {
                    "modelName" : "llama_65b",
                    "modelWeightPath" : "/data/weights/llama1-65b",
                    "worldSize" : 4,
                    "cpuMemSize" : 0,
                    "npuMemSize" : -1
                }
            ]
        },
        "ScheduleConfig" :
        {
            "cacheBlockSize" : 128,
            "maxPrefillBatchSize" : 50,
            "maxPrefillTokens" : 8192,
            "maxBatchSize" : 200, // as shipped
            "maxIterTimes" : 512,
            "supportSelectBatch" : false
        }
    }
}
)";

constexpr const char* kOld = R"({
    "OtherParam": {"ResourceParam": {"cacheBlockSize": 64}, "ServeParam": {"maxLinkNum": 300}},
    "ModelDeployParam": {
        "maxSeqLen": 2560,
        "npuDeviceIds": [[0, 1]],
        "ModelParam": [{"modelName": "m", "modelWeightPath": "/w", "worldSize": 2, "npuMemSize": 8}]
    },
    "ScheduleParam": {"maxPrefillTokens": 8192, "maxBatchSize": 200, "supportSelectBatch": true}
})";

std::string error_of(std::string_view text) {
  try {
    read_mindie_config(text, "config.json");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_CASE("the settings of a config.json are read, comments and all") {
  const MindieConfig config = read_mindie_config(kShipped, "config.json");
  CHECK(config.npu_device_ids == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(config.model_name == "llama_65b");
  CHECK(config.model_weight_path == "/data/weights/llama1-65b");
  CHECK(config.world_size == 4);
  CHECK(config.npu_mem_size == -1);
  CHECK(config.max_seq_len == 2560);
  CHECK(config.max_input_token_len == 2048);
  CHECK(config.cache_block_size == 128);
  CHECK(config.max_prefill_batch_size == 50);
  CHECK(config.max_prefill_tokens == 8192);
  CHECK(config.max_batch_size == 200);
  CHECK(config.max_iter_times == 512);
  CHECK(config.support_select_batch == false);
  CHECK(config.max_link_num == 1000);
  CHECK(config.npus() == 4);
}

TEST_CASE("a setting that the file does not have is absent, not a default") {
  const MindieConfig config = read_mindie_config(kShipped, "config.json");
  CHECK_FALSE(config.tp.has_value());
  CHECK_FALSE(config.max_preempt_count.has_value());
}

TEST_CASE("the layout of the first releases is understood") {
  const MindieConfig config = read_mindie_config(kOld, "config.json");
  CHECK(config.max_batch_size == 200);
  CHECK(config.cache_block_size == 64);
  CHECK(config.max_link_num == 300);
  CHECK(config.max_seq_len == 2560);
  CHECK(config.npu_mem_size == 8);
  CHECK(config.npu_device_ids.size() == 2);
  CHECK(mindie_pointer(config, "maxBatchSize") == "/ScheduleParam/maxBatchSize");
  CHECK(mindie_pointer(config, "cacheBlockSize") == "/OtherParam/ResourceParam/cacheBlockSize");
}

TEST_CASE("a setting of a wrong type is an error with line, column and pointer") {
  CHECK(error_of(replaced(kShipped, "\"maxBatchSize\" : 200", "\"maxBatchSize\" : \"many\"")) ==
        "config.json:29:30: /BackendConfig/ScheduleConfig/maxBatchSize must be a whole number");
  CHECK(error_of(replaced(kShipped, "\"supportSelectBatch\" : false", "\"supportSelectBatch\" : 0"))
            .find("must be true or false") != std::string::npos);
  CHECK(error_of(replaced(kShipped, "\"worldSize\" : 4", "\"worldSize\" : 4.5")).find("config.json:18:") ==
        0);
  CHECK(error_of(replaced(kShipped, "[[0,1,2,3]]", "[[0,\"1\"]]")).find("list of device ids") ==
        std::string::npos);
  CHECK(error_of(replaced(kShipped, "[[0,1,2,3]]", "[[0,\"1\"]]"))
            .find("npuDeviceIds must be a list of lists") != std::string::npos);
}

TEST_CASE("a number that is written as a string is taken, aloud") {
  const MindieConfig config = read_mindie_config(
      replaced(kShipped, "\"maxBatchSize\" : 200", "\"maxBatchSize\" : \"29\""), "config.json");
  CHECK(config.max_batch_size == 29);
  REQUIRE(config.notes.size() == 1);
  CHECK(config.notes[0] ==
        "/BackendConfig/ScheduleConfig/maxBatchSize is the string \"29\": taken for the number, which MindIE "
        "may refuse");
}

TEST_CASE("what is no MindIE config is an error that says so") {
  CHECK(error_of("{\"server_count\": \"2\"}").find("is not a MindIE config.json") != std::string::npos);
  CHECK(error_of("[]").find("is not a MindIE config.json") != std::string::npos);
  CHECK(error_of("{\n...\n}").find("config.json:2:") == 0);
}

TEST_CASE("a setting is placed where this document keeps its like") {
  const MindieConfig config = read_mindie_config(kShipped, "config.json");
  CHECK(mindie_pointer(config, "maxPreemptCount") == "/BackendConfig/ScheduleConfig/maxPreemptCount");
  CHECK(mindie_pointer(config, "tp") == "/BackendConfig/ModelDeployConfig/ModelConfig/0/tp");
  CHECK_THROWS_WITH_AS(
      mindie_pointer(config, "maxBatchSze"),
      "config.json: 'maxBatchSze' is not a setting of MindIE that is known here; did you mean "
      "'maxBatchSize'?",
      InputError);
  const MindieConfig bare = read_mindie_config("{\"BackendConfig\": {}}", "config.json");
  CHECK_THROWS_WITH_AS(mindie_pointer(bare, "maxBatchSize"),
                       "config.json: has no ScheduleConfig, so 'maxBatchSize' has no place", InputError);
}

TEST_CASE("a patch replaces what is there, adds what is not, and leaves out what is equal") {
  const MindieConfig config = read_mindie_config(kShipped, "config.json");
  const OrderedJson patch =
      make_patch(config, {{"maxBatchSize", 438}, {"maxPreemptCount", 0}, {"maxPrefillTokens", 8192}});
  CHECK(patch == OrderedJson::parse(R"([
      {"op": "replace", "path": "/BackendConfig/ScheduleConfig/maxBatchSize", "value": 438},
      {"op": "add", "path": "/BackendConfig/ScheduleConfig/maxPreemptCount", "value": 0}])"));
}

TEST_CASE("the patched copy is what any JSON Patch makes of the original, in the original's order") {
  const MindieConfig config = read_mindie_config(kShipped, "config.json");
  const OrderedJson patch = make_patch(config, {{"maxBatchSize", 438}, {"tp", 4}, {"maxLinkNum", 300}});
  const std::string text = apply_patch(config, patch);
  const Json original = Json::parse(kShipped, nullptr, true, true);
  CHECK(Json::parse(text) == original.patch(Json(patch)));
  CHECK(text.find("\n    \"Version\": \"1.0.0\"") != text.npos);
  CHECK(text.find("\"Version\"") < text.find("\"ServerConfig\""));
  CHECK(text.find("\"maxPrefillTokens\"") < text.find("\"maxBatchSize\""));
  CHECK(text.find("\"maxBatchSize\"") < text.find("\"maxIterTimes\""));
  CHECK(text.back() == '\n');
}

TEST_CASE("a patch for another document is an error") {
  const MindieConfig config = read_mindie_config(kShipped, "config.json");
  const OrderedJson patch = OrderedJson::parse(R"([{"op": "replace", "path": "/Nowhere/x", "value": 1}])");
  CHECK_THROWS_AS(apply_patch(config, patch), InputError);
}

TEST_CASE("the position of a value is found through objects, lists, strings and comments") {
  const std::string text = "{ // a } in a comment\n \"a\": \"}\\\"\", \"b\": [1, {\"c/d\": 7}]}";
  const auto at = [&](const char* pointer) {
    const auto position = json_position(text, pointer);
    return position ? position->line * 1000 + position->column : 0;
  };
  CHECK(at("") == 1001);
  CHECK(at("/a") == 2007);
  CHECK(at("/b/0") == 2020);
  CHECK(at("/b/1/c~1d") == 2031);
  CHECK(at("/c") == 0);
  CHECK(at("/b/2") == 0);
  CHECK(at("/a/b") == 0);
}

TEST_CASE("the config is looked for where it was said to be, and nowhere else") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "conf");
  write_file_atomically(folder / "conf/config.json", kShipped);
  const EnvironmentLookup nothing = [](std::string_view) { return std::nullopt; };
  CHECK(*find_mindie_config(folder.path(), nothing) == folder / "conf/config.json");
  CHECK(*find_mindie_config(folder / "conf/config.json", nothing) == folder / "conf/config.json");
  const auto missing = find_mindie_config(folder / "other", nothing);
  REQUIRE_FALSE(missing);
  CHECK(missing.reason().find("other: no such file") != std::string::npos);
  const auto empty = find_mindie_config(std::filesystem::path("/"), nothing);
  REQUIRE_FALSE(empty);
  CHECK(empty.reason() == "/: has neither conf/config.json nor config.json");
}

TEST_CASE("without a path the environment and then the default installation are tried, and both are named") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "conf");
  write_file_atomically(folder / "conf/config.json", kShipped);
  const std::string path = folder.path();
  const auto found = find_mindie_config(std::nullopt, [&](std::string_view name) {
    return name == "MIES_INSTALL_PATH" ? std::optional<std::string>(path) : std::nullopt;
  });
  REQUIRE(found);
  CHECK(*found == folder / "conf/config.json");
  const auto absent = find_mindie_config(std::nullopt, [](std::string_view) { return std::nullopt; });
  if (absent) return;  // this machine has an installation
  CHECK(absent.reason().find("$MIES_INSTALL_PATH is not set") != std::string::npos);
  CHECK(absent.reason().find("/usr/local/Ascend/mindie/latest/mindie-service/conf/config.json") !=
        std::string::npos);
}

TEST_CASE("every recorded config is read, or refused with a place") {
  const auto folder = captures("04_mindie_config/config_json");
  if (!folder) return;
  int read = 0;
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    try {
      const MindieConfig config = read_mindie_config(read_document(entry.path()), name);
      CHECK(config.max_batch_size.has_value());
      CHECK(config.max_seq_len.has_value());
      CHECK(config.world_size.has_value());
      const OrderedJson patch = make_patch(config, {{"maxBatchSize", 1}});
      CHECK(Json::parse(apply_patch(config, patch)) == Json(config.document).patch(Json(patch)));
      ++read;
    } catch (const InputError& e) {
      const bool located =
          e.position().has_value() || e.message().find("is not a MindIE config") != std::string::npos;
      CHECK(located);
      ++refused;
    }
  }
  MESSAGE(read << " recorded configs read, " << refused << " refused with a reason");
  CHECK(read >= 15);
}

}  // namespace
}  // namespace ms
