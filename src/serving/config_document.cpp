#include "serving/config_document.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/yaml.hpp"
#include "serving/json_position.hpp"
#include "serving/vllm_arguments.hpp"

namespace ms {
namespace {

// A plain scalar as other readers of YAML take it.
Json scalar(const YamlNode& node) {
  if (node.is_null()) return nullptr;
  if (!node.plain) return node.text;
  if (node.text == "true" || node.text == "True") return true;
  if (node.text == "false" || node.text == "False") return false;
  if (const auto number = parse_int(node.text)) return *number;
  if (const auto number = parse_double(node.text)) return *number;
  return node.text;
}

// Aliases may lead to the same node from many places, so the number of values is limited.
class YamlReader {
 public:
  explicit YamlReader(ConfigDocument& document) : document_(document) {}

  Json value(const YamlNode& node, const std::string& path) {
    constexpr int kMostValues = 200'000;
    if (++values_ > kMostValues) return nullptr;
    document_.places.emplace(path, node.position);
    if (node.is_scalar()) return scalar(node);
    Json result = node.is_list() ? Json::array() : Json::object();
    for (std::size_t i = 0; i < node.items.size(); ++i)
      result.push_back(value(*node.items[i], fmt::format("{}[{}]", path, i)));
    for (const auto& [name, member] : node.members)
      result[name] = value(*member, path.empty() ? name : fmt::format("{}.{}", path, name));
    return result;
  }

 private:
  ConfigDocument& document_;
  int values_ = 0;
};

std::vector<ConfigDocument> yaml_documents(const ConfigSource& source) {
  std::vector<ConfigDocument> documents;
  const YamlFile file = parse_yaml(source.text, source.file);
  for (const YamlNode* node : file.documents) {
    ConfigDocument document{.kind = source.kind, .file = source.file, .tree = {}, .places = {}};
    document.tree = YamlReader(document).value(*node, "");
    documents.push_back(std::move(document));
  }
  return documents;
}

ConfigDocument json_document(const ConfigSource& source, std::vector<ConfigProblem>& problems) {
  ConfigDocument document{
      .kind = source.kind, .file = source.file, .tree = parse_json(source.text, source.file), .places = {}};
  JsonPlaces places = json_places(source.text);
  document.places = std::move(places.values);
  for (const auto& [path, position] : places.duplicates) {
    problems.push_back({.kind = "duplicate",
                        .place = fmt::format("{}:{}", source.file, position.line),
                        .key = path,
                        .expected = {"once", "仅一次"},
                        .found = "twice"});
  }
  return document;
}

bool is_yaml(const ConfigSource& source) {
  return source.kind == "manifest" || source.kind == "vllm" || source.file.ends_with(".yaml") ||
         source.file.ends_with(".yml");
}

}  // namespace

std::vector<ConfigDocument> read_config_documents(const ConfigSource& source,
                                                  std::vector<ConfigProblem>& problems) {
  try {
    if (source.kind == "vllm_command") return {vllm_document(source.text, source.file)};
    if (!is_yaml(source)) return {json_document(source, problems)};
    std::vector<ConfigDocument> documents = yaml_documents(source);
    if (source.kind == "vllm") {
      for (ConfigDocument& document : documents) document = vllm_document(document);
    }
    return documents;
  } catch (const InputError& error) {
    const int line = error.position() ? error.position()->line : 1;
    problems.push_back({.kind = "syntax",
                        .place = fmt::format("{}:{}", source.file, line),
                        .key = "",
                        .expected = {is_yaml(source) ? "YAML" : "JSON", is_yaml(source) ? "YAML" : "JSON"},
                        .found = error.message()});
    return {};
  }
}

}  // namespace ms
