#include "import/yaml_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace ms::import {
namespace {

constexpr std::string_view kMindieConfig = "mies_config";
constexpr std::string_view kRest = "config";

std::string format_of(std::string_view key) {
  if (key.ends_with(".json") || key == kMindieConfig) return "json";
  return key.ends_with(".yaml") || key.ends_with(".yml") ? "yaml" : "";
}

std::string name_of(std::string_view key) {
  std::string name(key);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) != 0 ? "_" + name : name;
}

bool continues_path(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) &&
         (path.size() == prefix.size() || path[prefix.size()] == '.' || path[prefix.size()] == '[');
}

std::string_view after(std::string_view path, std::string_view prefix) {
  path.remove_prefix(prefix.size());
  if (path.starts_with('.')) path.remove_prefix(1);
  return path;
}

Cel at(const std::string& root, std::string_view path) {
  return {.text = path.empty() ? root : fmt::format("{}.at({})", root, cel_text(path))};
}

}  // namespace

Subject Subject::child(std::string_view key) const {
  Subject inner = *this;
  inner.path.emplace_back(key);
  return inner;
}

std::string Subject::text() const {
  std::string text;
  for (const std::string& key : path) text += (text.empty() || key.starts_with('[') ? "" : ".") + key;
  return text;
}

Cel Subject::cel() const {
  return at(root, text());
}

bool names_document(std::string_view key) {
  return !format_of(key).empty();
}

std::string YamlNames::document(const std::string& key) {
  for (const auto& [known, variable] : documents_) {
    if (known == key) return variable;
  }
  const std::string name = name_of(key);
  pack_.documents.push_back({name, name == key ? "" : sanitize_utf8(key), format_of(key)});
  return documents_.emplace_back(key, "document." + name).second;
}

std::string YamlNames::rest() {
  for (const ImportedDocument& known : pack_.documents) {
    if (known.name == kRest) return "document.config";
  }
  pack_.documents.push_back({std::string(kRest), "", ""});
  return "document.config";
}

void YamlNames::add_variable(const std::string& name, const std::string& value) {
  for (auto& [known, cel] : variables_) {
    if (known != name) continue;
    cel = fmt::format("loose.last([dyn({}), dyn({})])", cel, value);
    return;
  }
  variables_.emplace_back(name, value);
}

Cel YamlNames::path_exists(const std::string& path) {
  std::vector<std::string>& paths = pack_.questions.paths;
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  return {.text = fmt::format("asked.path_exists[{}]", path), .type = Cel::Type::boolean};
}

// "." is the subject, ".x" is in it, "..x" beside it, and each further dot is one level up.
Cel YamlNames::relative(std::string_view path, const Subject& here) const {
  const std::size_t dots = std::min(path.find_first_not_of('.'), path.size());
  Subject there = here;
  const std::size_t up = dots - 1;
  if (up > there.path.size()) throw Untranslatable(fmt::format("'${{{}}}' leads above the document", path));
  there.path.resize(there.path.size() - up);
  if (dots < path.size()) there.path.emplace_back(path.substr(dots));
  return there.cel();
}

Cel YamlNames::resolve(std::string_view path, const Subject& here) {
  if (path.starts_with('.')) return relative(path, here);
  if (path == "global.npu_count") return {.text = "npu.count", .type = Cel::Type::integer};
  if (path == "global.cur_ip") {
    pack_.questions.address = true;
    return {.text = "asked.address", .type = Cel::Type::text};
  }
  if (path.starts_with("ref.")) {
    for (const auto& [name, value] : variables_) {
      const std::string variable = "ref." + name;
      if (continues_path(path, variable)) return at(value, after(path, variable));
    }
    throw Untranslatable(fmt::format("the variable '{}' is not known", path));
  }
  if (path.starts_with("env.")) return at("env", after(path, "env"));
  const std::pair<std::string, std::string>* best = nullptr;
  for (const auto& known : documents_) {
    const bool is_longer = best == nullptr || known.first.size() > best->first.size();
    if (continues_path(path, known.first) && is_longer) best = &known;
  }
  if (best != nullptr) return at(best->second, after(path, best->first));
  // Within mies_config paths start at its root.
  if (here.root == "document.mies_config") return at(here.root, path);
  return at(rest(), path);
}

CelWriter YamlNames::writer(const Subject& here) {
  return CelWriter({.resolve =
                        [this, &here](const Expression& path) {
                          if (path.is(Expression::Kind::path)) return resolve(path.text, here);
                          throw Untranslatable(fmt::format("the word '{}' has no value", path.text));
                        },
                    .path_exists = [this](const std::string& path) { return path_exists(path); },
                    .port_in_use = [](const std::string&) -> Cel {
                      throw Untranslatable("is_port_in_use() is no function of YAML rules");
                    },
                    .note = [](const Expression&, const std::string&) {},
                    .none_is_missing = true});
}

}  // namespace ms::import
