#include "document/config_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "document/json_position.hpp"

namespace ms {
namespace {

struct FormatName {
  std::string_view name;
  ConfigDocument::Format format;
};
constexpr std::array<FormatName, 3> kFormats = {{{"json", ConfigDocument::Format::json},
                                                 {"yaml", ConfigDocument::Format::yaml},
                                                 {"yml", ConfigDocument::Format::yaml}}};

std::string escaped(std::string_view key) {
  std::string token;
  for (const char c : key) token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return token;
}

std::string unescaped(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool is_escape = token[i] == '~' && i + 1 < token.size();
    key += is_escape ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return key;
}

std::string_view without_dot(std::string_view path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  return path;
}

// The way to a path, and how many of its bytes it covers.
struct Way {
  std::string pointer;
  std::size_t covered = 0;
};

Way find_way(const Json& value, std::string_view path) {
  Way best;
  if (path.empty()) return best;
  const auto consider = [&](const Json& inner, const std::string& token, std::string_view rest) {
    Way way = find_way(inner, without_dot(rest));
    way.pointer = "/" + token + way.pointer;
    way.covered += path.size() - without_dot(rest).size();
    if (way.covered > best.covered) best = std::move(way);
  };
  if (value.is_array()) {
    const auto close = path.find(']');
    if (path[0] != '[' || close == path.npos) return best;
    const auto index = parse_int(path.substr(1, close - 1));
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= value.size()) return best;
    consider(value[static_cast<std::size_t>(*index)], std::to_string(*index), path.substr(close + 1));
    return best;
  }
  if (!value.is_object()) return best;
  for (std::size_t end = 1; end <= path.size() && best.covered < path.size(); ++end) {
    if (end < path.size() && path[end] != '.' && path[end] != '[') continue;
    const auto member = value.find(path.substr(0, end));
    if (member != value.end()) consider(*member, escaped(path.substr(0, end)), path.substr(end));
  }
  return best;
}

std::optional<Position> yaml_place(const YamlFile& file, std::string_view pointer) {
  const YamlNode* node = file.documents.size() == 1 ? file.documents[0] : nullptr;
  const bool is_list = node == nullptr;
  bool is_first = true;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    const std::string token = unescaped(pointer.substr(0, end));
    pointer.remove_prefix(end);
    const auto index = parse_int(token);
    const std::vector<const YamlNode*>* items = is_first && is_list       ? &file.documents
                                                : node && node->is_list() ? &node->items
                                                                          : nullptr;
    is_first = false;
    if (items != nullptr) {
      if (!index || *index < 0 || static_cast<std::size_t>(*index) >= items->size()) return std::nullopt;
      node = (*items)[static_cast<std::size_t>(*index)];
    } else {
      node = node != nullptr ? node->find(token) : nullptr;
    }
    if (node == nullptr) return std::nullopt;
  }
  return node != nullptr ? std::optional(node->position) : std::optional(Position{});
}

}  // namespace

std::optional<ConfigDocument::Format> config_format(std::string_view word) {
  const std::string name = to_lower(word);
  for (const FormatName& known : kFormats) {
    if (known.name == name) return known.format;
  }
  return std::nullopt;
}

std::optional<ConfigDocument::Format> config_format_of_file(std::string_view file_name) {
  const auto dot = file_name.rfind('.');
  return dot == file_name.npos ? std::nullopt : config_format(file_name.substr(dot + 1));
}

std::string nearest_pointer(const Json& value, std::string_view path) {
  return find_way(value, path).pointer;
}

ConfigDocument ConfigDocument::parse(std::string text, Format format, const std::string& path) {
  ConfigDocument document;
  document.path_ = path;
  document.text_ = std::move(text);
  document.format_ = format;
  if (format == Format::json) {
    document.value_ = parse_json(document.text_, path);
  } else {
    document.yaml_ = parse_yaml(document.text_, path);
    document.value_ = yaml_to_json(document.yaml_, path);
  }
  return document;
}

std::optional<Position> ConfigDocument::place(std::string_view path) const {
  const std::string pointer = nearest_pointer(value_, path);
  return format_ == Format::json ? json_position(text_, pointer) : yaml_place(yaml_, pointer);
}

}  // namespace ms
