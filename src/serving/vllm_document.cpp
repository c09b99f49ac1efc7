#include "serving/vllm_document.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "serving/vllm_command.hpp"

namespace ms {
namespace {

// "max-num-seqs" is max_num_seqs; a key of JSON behind a dot keeps its spelling.
std::string config_name(std::string name) {
  const auto dot = static_cast<std::ptrdiff_t>(std::min(name.find('.'), name.size()));
  std::replace(name.begin(), name.begin() + dot, '-', '_');
  return name;
}

void set_argument(Json& tree, std::string_view name, std::string value) {
  const auto dot = name.find('.');
  if (dot == name.npos) {
    tree[std::string(name)] = std::move(value);
    return;
  }
  Json& member = tree[std::string(name.substr(0, dot))];
  if (member.is_string()) member = Json::parse(member.get<std::string>(), nullptr, false);
  if (!member.is_object()) member = Json::object();
  const Json parsed = Json::parse(value, nullptr, false);
  set_argument(member, name.substr(dot + 1), value);
  if (name.find('.', dot + 1) == name.npos && !parsed.is_discarded())
    member[std::string(name.substr(dot + 1))] = parsed;
}

}  // namespace

ServingDocument vllm_document(std::string_view command, const std::string& source) {
  const auto read = read_vllm_command(command);
  if (!read) throw InputError(source, "holds no command that starts vLLM ('vllm serve ...')");
  ServingDocument document{
      .kind = "vllm", .file = source, .tree = Json::object(), .places = {}, .is_text = true};
  if (read->model) document.tree["model"] = *read->model;
  for (const auto& [option, value] : read->options) {
    const std::string name = config_name(option);
    if (value) {
      set_argument(document.tree, name, *value);
    } else if (name.starts_with("no_")) {
      set_argument(document.tree, name.substr(3), "false");
    } else {
      set_argument(document.tree, name, "true");
    }
  }
  return document;
}

ServingDocument vllm_document(const ServingDocument& yaml) {
  ServingDocument document{
      .kind = "vllm", .file = yaml.file, .tree = Json::object(), .places = {}, .is_text = true};
  if (!yaml.tree.is_object()) return document;
  for (const auto& [name, value] : yaml.tree.items()) {
    const std::string right = config_name(vllm_option_name(name));
    document.tree[right] = value;
    if (const auto place = yaml.places.find(name); place != yaml.places.end())
      document.places[right] = place->second;
  }
  return document;
}

}  // namespace ms
