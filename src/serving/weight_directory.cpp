#include "serving/weight_directory.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "document/json_position.hpp"
#include "model/safetensors.hpp"

namespace ms {
namespace {

namespace fs = std::filesystem;

class Reader {
 public:
  explicit Reader(fs::path directory) : directory_(std::move(directory)) {
    result_ = {{"role", "weights"}, {"file", directory_.string()}, {"places", Json::object()},
               {"found", false},    {"has_config", false},         {"has_tokenizer", false},
               {"shards", 0}};
    for (const char* list :
         {"missing_shards", "extra_shards", "broken_shards", "unreadable", "writable_by_others"}) {
      result_[list] = Json::array();
    }
  }

  Json element() {
    const auto names = list_directory(directory_);
    if (!names) return std::move(result_);
    result_["found"] = true;
    std::set<std::string> shards;
    for (const std::string& name : *names) {
      check_access(name);
      if (name.ends_with(".safetensors")) shards.insert(name);
      if (name == "tokenizer.json" || name == "tokenizer.model" || name == "vocab.json" ||
          name.ends_with(".tiktoken") || name == "spiece.model" || name == "tokenization_kimi.py")
        result_["has_tokenizer"] = true;
    }
    config();
    index(*names, shards);
    headers(shards);
    result_["shards"] = shards.size();
    return std::move(result_);
  }

 private:
  void check_access(const std::string& name) {
    const std::string path = (directory_ / name).string();
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      result_["unreadable"].push_back(name);  // a link that leads nowhere
      return;
    }
    if (!S_ISREG(status.st_mode)) return;
    if (::access(path.c_str(), R_OK) != 0) result_["unreadable"].push_back(name);
    if ((status.st_mode & S_IWOTH) != 0) result_["writable_by_others"].push_back(name);
  }

  void config() {
    const fs::path path = directory_ / "config.json";
    const auto text = read_file(path, std::size_t{10} << 20);
    if (!text) return;
    result_["has_config"] = true;
    try {
      const Json config = parse_json(*text, path.string());
      const JsonPlaces places = json_places(*text);
      const auto take = [&](const char* field, const char* name) {
        const auto member = config.find(name);
        if (!config.is_object() || member == config.end() || !member->is_string()) return;
        result_[field] = *member;
        if (const auto place = places.values.find(name); place != places.values.end())
          result_["places"][field] = fmt::format("{}:{}", path.string(), place->second.line);
      };
      take("model_type", "model_type");
      take("dtype", "torch_dtype");
      take("dtype", "dtype");
      take("transformers_version", "transformers_version");
      take("quantize", "quantize");
    } catch (const InputError& error) {
      result_["config_problem"] = error.what();
    }
  }

  void index(const std::vector<std::string>& names, const std::set<std::string>& shards) {
    for (const std::string& name : names) {
      if (!name.ends_with(".safetensors.index.json")) continue;
      result_["index"] = name;
      const auto text = read_file(directory_ / name);
      if (!text) return;
      const Json document = Json::parse(*text, nullptr, false);
      if (!document.is_object()) {
        result_["broken_shards"].push_back(fmt::format("{}: not JSON", name));
        return;
      }
      const auto metadata = document.find("metadata");
      if (metadata != document.end() && metadata->is_object() && metadata->contains("total_size") &&
          (*metadata)["total_size"].is_number())
        result_["index_bytes"] = (*metadata)["total_size"].get<std::int64_t>();
      compare_with(document, shards);
      return;
    }
  }

  void compare_with(const Json& index, const std::set<std::string>& shards) {
    std::set<std::string> wanted;
    const auto map = index.find("weight_map");
    if (map == index.end() || !map->is_object()) return;
    for (const auto& [tensor, shard] : map->items()) {
      if (shard.is_string()) wanted.insert(shard.get<std::string>());
    }
    for (const std::string& shard : wanted) {
      if (!shards.contains(shard)) result_["missing_shards"].push_back(shard);
    }
    for (const std::string& shard : shards) {
      if (!wanted.contains(shard)) result_["extra_shards"].push_back(shard);
    }
  }

  void headers(const std::set<std::string>& shards) {
    std::int64_t total = 0;
    for (const std::string& shard : shards) {
      try {
        total += read_safetensors(directory_ / shard).tensor_bytes;
      } catch (const InputError& error) {
        result_["broken_shards"].push_back(fmt::format("{}: {}", shard, error.message()));
      }
    }
    if (!shards.empty()) result_["total_bytes"] = total;
  }

  fs::path directory_;
  Json result_;
};

}  // namespace

Json weight_directory_element(const std::filesystem::path& directory) {
  return Reader(directory).element();
}

}  // namespace ms
