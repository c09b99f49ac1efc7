#include "serving/serving_document.hpp"

#include <fmt/format.h>

#include "base/yaml.hpp"
#include "document/config_document.hpp"
#include "document/json_position.hpp"
#include "serving/vllm_document.hpp"

namespace ms {
namespace {

// Aliases may lead to the same node from many places, so the number of places is limited.
class PlaceWalk {
 public:
  explicit PlaceWalk(ServingDocument& document) : document_(document) {}

  void visit(const YamlNode& node, const std::string& path) {
    constexpr int kMostPlaces = 200'000;
    if (++places_ > kMostPlaces) return;
    document_.places.emplace(path, node.position);
    for (std::size_t i = 0; i < node.items.size(); ++i) visit(*node.items[i], fmt::format("{}[{}]", path, i));
    for (const auto& [name, member] : node.members)
      visit(*member, path.empty() ? name : fmt::format("{}.{}", path, name));
  }

 private:
  ServingDocument& document_;
  int places_ = 0;
};

std::vector<ServingDocument> yaml_documents(const ConfigSource& source) {
  const YamlFile file = parse_yaml(source.text, source.file);
  const Json value = yaml_to_json(file, source.file);
  const bool is_one = file.documents.size() == 1;
  std::vector<ServingDocument> documents;
  for (std::size_t i = 0; i < file.documents.size(); ++i) {
    ServingDocument document{
        .kind = source.kind, .file = source.file, .tree = is_one ? value : value[i], .places = {}};
    PlaceWalk(document).visit(*file.documents[i], "");
    documents.push_back(std::move(document));
  }
  return documents;
}

ServingDocument json_document(const ConfigSource& source, std::vector<ConfigProblem>& problems) {
  ServingDocument document{
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

std::vector<ServingDocument> read_config_documents(const ConfigSource& source,
                                                   std::vector<ConfigProblem>& problems) {
  try {
    if (source.kind == "vllm_command") return {vllm_document(source.text, source.file)};
    if (!is_yaml(source)) return {json_document(source, problems)};
    std::vector<ServingDocument> documents = yaml_documents(source);
    if (source.kind == "vllm") {
      for (ServingDocument& document : documents) document = vllm_document(document);
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
