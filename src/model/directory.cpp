#include "model/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace ms {
namespace {

// A description lists the format of every tensor, up to 90 000; what matters stands at its start.
constexpr std::size_t kDescriptionStartBytes = 262'144;

// Collects the strings of the first level that say how a model is quantised, and stops where the text ends.
class DescriptionReader : public nlohmann::json_sax<Json> {
 public:
  Json quantization = Json::object();

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ < 8; }
  bool end_object() override { return --depth_ > 0; }
  bool start_array(std::size_t) override { return ++depth_ < 8; }
  bool end_array() override { return --depth_ > 0; }
  bool key(string_t& name) override {
    key_ = name;
    return true;
  }
  bool string(string_t& value) override {
    count_tensor(value);
    if (key_ == "model_quant_type" || key_ == "quant_algo") quantization["quant_method"] = value;
    if (key_ == "kv_quant_type" || key_ == "kv_cache_type" || key_ == "kv_cache_quant_algo") {
      quantization["kv_quant_type"] = value;
    }
    return true;
  }
  // The format that most tensors of each part have, of those that were read.
  void add_parts() {
    for (const auto& [part, formats] : tensors_) {
      const auto most = std::max_element(formats.begin(), formats.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      quantization[part + "_format"] = most->first;
    }
  }

  // The start of a file ends in the middle of something.
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  // "model.layers.3.mlp.experts.0.up_proj.weight": "W8A8_DYNAMIC"
  void count_tensor(const std::string& format) {
    if (depth_ != 1 || !key_.ends_with(".weight")) return;
    const auto says = [&](std::string_view word) { return key_.find(word) != key_.npos; };
    const bool aside = says("norm") || says("gate.weight") || says("embed") || says("lm_head");
    if (aside) return;
    if (says(".experts.")) {
      ++tensors_["expert"][format];
    } else if (says("attn") || says("attention")) {
      ++tensors_["attention"][format];
    } else if (says("mlp")) {
      ++tensors_["mlp"][format];
    }
  }

  std::string key_;
  int depth_ = 0;
  std::map<std::string, std::map<std::string, int>> tensors_;
};

std::optional<std::filesystem::path> find_description(const std::filesystem::path& directory) {
  const auto names = list_directory(directory);
  if (!names) return std::nullopt;
  for (const std::string_view prefix : {"hf_quant_config", "quant_model_description"}) {
    for (const std::string& name : *names) {
      if (name.starts_with(prefix) && name.ends_with(".json")) return directory / name;
    }
  }
  return std::nullopt;
}

void add_description(Json& config, const std::filesystem::path& directory) {
  if (!config.is_object() || config.contains("quantization_config") || config.contains("quantize")) return;
  const auto path = find_description(directory);
  if (!path) return;
  const auto start = read_file_start(*path, kDescriptionStartBytes);
  if (!start) return;
  Json quantization = quantization_of_description(*start);
  if (!quantization.empty()) config["quantization_config"] = std::move(quantization);
}

std::string name_of_directory(const std::filesystem::path& directory) {
  const auto path = directory.lexically_normal();
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

}  // namespace

Json quantization_of_description(std::string_view description) {
  DescriptionReader reader;
  nlohmann::json::sax_parse(description.begin(), description.end(), &reader);
  reader.add_parts();
  return reader.quantization;
}

ModelDirectory read_model_directory(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "config.json";
  Json config = parse_json(read_document(path), path.string());
  add_description(config, directory);
  ModelDirectory model{.spec = read_model_spec(config, path.string()), .weights = read_weights(directory)};
  if (model.spec.name.empty()) model.spec.name = name_of_directory(directory);
  return model;
}

}  // namespace ms
