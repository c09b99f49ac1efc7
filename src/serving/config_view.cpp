#include "serving/config_view.hpp"

#include <fmt/format.h>

#include "base/closest_match.hpp"
#include "base/embedded.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"
#include "facts/document.hpp"

namespace ms {

namespace embedded {
/// knowledge/configs.toml.
std::span<const EmbeddedFile> configs();
}  // namespace embedded

namespace {

constexpr std::string_view kElementStart = "role: string, file: string, places: map<string>";

std::vector<ConfigField> read_fields(const TomlTable& view) {
  std::vector<ConfigField> fields;
  const auto table = view.optional_table("fields");
  if (!table) return fields;
  for (const std::string& name : table->keys()) {
    const TomlTable entry = *table->optional_table(name);
    ConfigField field{.name = name,
                      .at = entry.strings("at"),
                      .type = entry.string("type"),
                      .text = entry.optional_bool("text").value_or(false),
                      .default_value = entry.optional_json("default")};
    if (field.at.empty()) field.at.push_back(name);
    entry.finish();
    fields.push_back(std::move(field));
  }
  return fields;
}

ConfigView read_view(const TomlTable& table) {
  ConfigView view{.fact = table.string("fact"),
                  .doc = table.text("doc"),
                  .origins = {},
                  .fields = read_fields(table),
                  .known = {}};
  for (const TomlTable& origin : table.tables("from")) {
    view.origins.push_back(
        {origin.string("document"), origin.optional_string("at").value_or(""), origin.string("role")});
    origin.finish();
  }
  for (std::string& path : table.strings("known")) view.known.insert(std::move(path));
  table.finish();
  return view;
}

Text expected_of(const ConfigField& field) {
  if (field.type == "int") return {"a whole number", "整数"};
  if (field.type == "double") return {"a number", "数值"};
  if (field.type == "bool") return {"true or false", "true 或 false"};
  if (field.type == "string") return {"a text", "字符串"};
  if (field.type == "text") return {"a text or a number", "字符串或数值"};
  if (field.type == "list<int>") return {"a list of whole numbers", "整数列表"};
  if (field.type == "list<string>") return {"a list of texts", "字符串列表"};
  if (field.type == "list<list<int>>") return {"a list of lists of whole numbers", "整数列表的列表"};
  if (field.type.starts_with("map<")) return {"an object", "对象"};
  return {field.type, field.type};
}

bool is_list_of(const Json& value, bool (*is_right)(const Json&)) {
  if (!value.is_array()) return false;
  for (const Json& element : value) {
    if (!is_right(element)) return false;
  }
  return true;
}

bool is_int(const Json& value) {
  return value.is_number_integer();
}

// The value in the type of the field; nullopt where it has another.
std::optional<Json> typed(const ConfigField& field, const Json& value, bool is_text) {
  if (field.type == "dyn") {
    if (!is_text || !value.is_string()) return value;
    Json parsed = Json::parse(value.get_ref<const std::string&>(), nullptr, false);
    return parsed.is_discarded() ? value : parsed;
  }
  if (field.type == "text") {
    if (value.is_string()) return value;
    return value.is_primitive() && !value.is_null() ? std::optional<Json>(value.dump()) : std::nullopt;
  }
  if (field.type == "string") return value.is_string() ? std::optional(value) : std::nullopt;
  if (value.is_string() && (is_text || field.text)) {
    const std::string& text = value.get_ref<const std::string&>();
    if (field.type == "int") {
      const auto number = parse_int(trim(text));
      return number ? std::optional<Json>(*number) : std::nullopt;
    }
    if (field.type == "double") {
      const auto number = parse_double(trim(text));
      return number ? std::optional<Json>(*number) : std::nullopt;
    }
    if (field.type == "bool") {
      const std::string word = to_lower(trim(text));
      if (word == "true" || word == "1") return Json(true);
      if (word == "false" || word == "0") return Json(false);
      return std::nullopt;
    }
  }
  if (field.type == "int") return is_int(value) ? std::optional(value) : std::nullopt;
  if (field.type == "double")
    return value.is_number() ? std::optional<Json>(value.get<double>()) : std::nullopt;
  if (field.type == "bool") return value.is_boolean() ? std::optional(value) : std::nullopt;
  if (field.type == "list<int>") return is_list_of(value, is_int) ? std::optional(value) : std::nullopt;
  if (field.type == "list<string>") {
    return is_list_of(value, [](const Json& e) { return e.is_string(); }) ? std::optional(value)
                                                                          : std::nullopt;
  }
  if (field.type == "list<list<int>>") {
    return is_list_of(value, [](const Json& e) { return is_list_of(e, is_int); }) ? std::optional(value)
                                                                                  : std::nullopt;
  }
  return value.is_object() ? std::optional(value) : std::nullopt;
}

std::string joined(std::string_view prefix, std::string_view path) {
  return prefix.empty() || path.empty() ? fmt::format("{}{}", prefix, path)
                                        : fmt::format("{}.{}", prefix, path);
}

std::string shown(const Json& value) {
  constexpr std::size_t kMost = 60;
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMost) text = sanitize_utf8(text.substr(0, kMost)) + "…";
  return text;
}

// "ModelConfig[3].tp" and "ModelConfig[0].tp" are the same name.
std::string without_indices(std::string_view path) {
  std::string result;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) result += c;
    if (c == ']') inside = false;
  }
  return result;
}

// The names that the engine knows, by the path of the object that they are in.
using KnownNames = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

void add_known(KnownNames& known, std::string_view path) {
  std::string parent;
  for (const std::string_view name : split(path, '.')) {
    known[parent].emplace(name);
    parent = joined(parent, name);
  }
}

KnownNames known_names(const ConfigView& view) {
  KnownNames known;
  for (const ConfigField& field : view.fields) {
    for (const std::string& path : field.at) add_known(known, without_indices(path));
  }
  for (const std::string& path : view.known) add_known(known, path);
  return known;
}

// Short names are near to each other by chance.
bool is_slip(std::string_view name, std::string_view known) {
  constexpr std::size_t kShortest = 5;
  constexpr std::size_t kMostEdits = 2;
  return name.size() >= kShortest && edit_distance(name, known, kMostEdits) <= kMostEdits;
}

// A name that nobody knows and that is nearly a known one is a slip; engines pass over it in silence.
void find_slips(const Json& value, const std::string& path, const std::string& place, const KnownNames& known,
                const ServingDocument& document, std::vector<ConfigProblem>& problems) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      find_slips(value[i], path, fmt::format("{}[{}]", place, i), known, document, problems);
    return;
  }
  const auto names = known.find(path);
  if (!value.is_object() || names == known.end() || names->second.contains("*")) return;
  for (const auto& [name, member] : value.items()) {
    const std::string inner_place = joined(place, name);
    if (names->second.contains(name)) {
      find_slips(member, joined(path, name), inner_place, known, document, problems);
      continue;
    }
    const auto closest = closest_match(name, names->second);
    if (!closest || value.contains(*closest) || !is_slip(name, *closest)) continue;
    const std::string& right = *closest;
    problems.push_back({.kind = "unknown",
                        .place = place_in(document, inner_place),
                        .key = inner_place,
                        .expected = {right, right},
                        .found = name});
  }
}

}  // namespace

std::string ConfigView::type_text() const {
  std::string text = fmt::format("list<{{{}", kElementStart);
  for (const ConfigField& field : fields) {
    text += fmt::format(", {}: {}", field.name, field.type == "text" ? "string" : field.type);
  }
  return text + "}>";
}

const std::vector<ConfigView>& config_views() {
  static const std::vector<ConfigView> views = [] {
    std::vector<ConfigView> result;
    for (const EmbeddedFile& file : embedded::configs()) {
      const TomlTable root = parse_toml(file, std::string(file.name));
      for (const TomlTable& table : root.tables("view")) result.push_back(read_view(table));
      root.finish();
    }
    return result;
  }();
  return views;
}

std::string place_in(const ServingDocument& document, std::string_view path) {
  for (std::string_view rest = path;;) {
    const auto place = document.places.find(rest);
    if (place != document.places.end()) return fmt::format("{}:{}", document.file, place->second.line);
    const auto end = rest.find_last_of(".[");
    if (end == rest.npos) return document.file;
    rest = rest.substr(0, end);
  }
}

const Json* value_at(const Json& tree, std::string_view path) {
  const Json* node = &tree;
  if (path.empty()) return node;
  for (std::string_view name : split(path, '.')) {
    std::string_view indices;
    if (const auto bracket = name.find('['); bracket != name.npos) {
      indices = name.substr(bracket);
      name = name.substr(0, bracket);
    }
    if (!name.empty()) {
      if (!node->is_object()) return nullptr;
      const auto member = node->find(name);
      if (member == node->end()) return nullptr;
      node = &*member;
    }
    while (indices.starts_with('[')) {
      const auto end = indices.find(']');
      const auto index = end == indices.npos ? std::nullopt : parse_int(indices.substr(1, end - 1));
      if (!index || *index < 0 || !node->is_array() || static_cast<std::size_t>(*index) >= node->size())
        return nullptr;
      node = &(*node)[static_cast<std::size_t>(*index)];
      indices.remove_prefix(end + 1);
    }
  }
  return node;
}

std::optional<Json> config_element(const ConfigView& view, const ConfigOrigin& origin,
                                   const ServingDocument& document, std::vector<ConfigProblem>& problems) {
  const Json* root = value_at(document.tree, origin.at);
  if (root == nullptr || !root->is_object()) return std::nullopt;
  Json element{{"role", origin.role}, {"file", document.file}};
  Json places = Json::object();
  for (const ConfigField& field : view.fields) {
    const Json* value = nullptr;
    std::string path;
    for (const std::string& at : field.at) {
      value = value_at(*root, at);
      if (value == nullptr) continue;
      path = joined(origin.at, at);
      break;
    }
    if (value == nullptr) {
      if (field.default_value) element[field.name] = *field.default_value;
      continue;
    }
    const std::string place = place_in(document, path);
    places[field.name] = place;
    if (auto right = typed(field, *value, document.is_text)) {
      element[field.name] = std::move(*right);
      continue;
    }
    const Text expected = expected_of(field);
    element[field.name] =
        absent_marker(fmt::format("{}: {} must be {}, not {}", place, field.name, expected.en, shown(*value)),
                      document.file);
    problems.push_back(
        {.kind = "type", .place = place, .key = path, .expected = expected, .found = shown(*value)});
  }
  element["places"] = std::move(places);
  find_slips(*root, "", origin.at, known_names(view), document, problems);
  return element;
}

}  // namespace ms
