#include "base/toml.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "base/closest_match.hpp"

namespace ms {

class TomlDocument {
 public:
  std::string source;
  std::string text;
  toml::table root;
};

namespace {

Position to_position(const toml::source_position& at) {
  return {static_cast<int>(at.line), static_cast<int>(at.column)};
}

std::string_view type_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

Json to_json(const toml::node& node, const TomlTable& table, std::string_view key) {
  if (const auto* value = node.as_string()) return Json(value->get());
  if (const auto* value = node.as_integer()) return Json(value->get());
  if (const auto* value = node.as_floating_point()) return Json(value->get());
  if (const auto* value = node.as_boolean()) return Json(value->get());
  if (const auto* list = node.as_array()) {
    Json array = Json::array();
    for (const toml::node& element : *list) array.push_back(to_json(element, table, key));
    return array;
  }
  if (const auto* members = node.as_table()) {
    Json object = Json::object();
    for (const auto& [name, member] : *members) object[std::string(name.str())] = to_json(member, table, key);
    return object;
  }
  table.fail(key, fmt::format("'{}' is a date or time, which is not understood here", key));
}

// The byte of `text` at which `position` lies.
std::size_t offset_of(std::string_view text, Position position) {
  std::size_t offset = 0;
  for (int line = 1; line < position.line; ++line) {
    const auto end = text.find('\n', offset);
    if (end == text.npos) return text.size();
    offset = end + 1;
  }
  return std::min(text.size(), offset + static_cast<std::size_t>(position.column - 1));
}

// Bytes that the escape at the start of `text` takes in the source, and bytes that it stands for.
struct Escape {
  std::size_t raw;
  std::size_t cooked;
};

Escape escape_at(std::string_view text) {
  if (text.size() < 2) return {1, 1};
  if (text[1] != 'u' && text[1] != 'U') return {2, 1};
  const std::size_t digits = text[1] == 'u' ? 4 : 8;
  const unsigned long code = std::strtoul(std::string(text.substr(2, digits)).c_str(), nullptr, 16);
  return {2 + digits, code < 0x80 ? 1U : code < 0x800 ? 2U : code < 0x10000 ? 3U : 4U};
}

// The byte of the source that holds byte `offset` of the string whose opening quote is at `begin`.
std::size_t offset_in_source(std::string_view text, std::size_t begin, std::size_t offset) {
  const std::string_view literal = text.substr(begin);
  const bool basic = literal.starts_with('"');
  const bool multi_line = literal.starts_with("\"\"\"") || literal.starts_with("'''");
  std::size_t raw = begin + (multi_line ? 3 : 1);
  if (multi_line && text.substr(raw).starts_with("\r\n")) raw += 2;
  if (multi_line && text.substr(raw).starts_with('\n')) raw += 1;
  for (std::size_t cooked = 0; cooked < offset && raw < text.size();) {
    const Escape step = basic && text[raw] == '\\' ? escape_at(text.substr(raw)) : Escape{1, 1};
    raw += step.raw;
    cooked += step.cooked;
  }
  return std::min(raw, text.size());
}

}  // namespace

TomlTable parse_toml(std::string_view text, const std::string& source) {
  auto document = std::make_shared<TomlDocument>();
  document->source = source;
  document->text = text;
  try {
    document->root = toml::parse(document->text, source);
  } catch (const toml::parse_error& e) {
    const Position position = to_position(e.source().begin);
    throw InputError(source, position, fmt::format("not valid TOML: {}", e.description()),
                     caret_excerpt(text, position));
  }
  return TomlTable(document, &document->root);
}

bool TomlTable::has(std::string_view key) const {
  asked_.emplace(key);
  return node_->contains(key);
}

bool TomlTable::is_table(std::string_view key) const {
  const toml::node* value = node_->get(key);
  return value != nullptr && value->is_table();
}

Position TomlTable::position() const {
  return to_position(node_->source().begin);
}

Position TomlTable::position(std::string_view key) const {
  const toml::node* value = node_->get(key);
  return value != nullptr ? to_position(value->source().begin) : position();
}

const std::string& TomlTable::source() const {
  return document_->source;
}

void TomlTable::fail(std::string_view key, const std::string& message) const {
  const Position at = position(key);
  throw InputError(document_->source, at, message, caret_excerpt(document_->text, at));
}

void TomlTable::fail_in_string(std::string_view key, std::size_t offset, const std::string& message) const {
  const std::size_t begin = offset_of(document_->text, position(key));
  const Position at = position_of(document_->text, offset_in_source(document_->text, begin, offset));
  throw InputError(document_->source, at, message, caret_excerpt(document_->text, at));
}

std::string TomlTable::string(std::string_view key) const {
  auto value = optional_string(key);
  if (!value) fail(key, fmt::format("'{}' is missing", key));
  return std::move(*value);
}

std::optional<std::string> TomlTable::optional_string(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  const toml::node& node = *node_->get(key);
  if (!node.is_string()) fail(key, fmt::format("'{}' must be a string, not {}", key, type_name(node.type())));
  return node.as_string()->get();
}

std::optional<std::int64_t> TomlTable::optional_int(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  const toml::node& node = *node_->get(key);
  if (!node.is_integer())
    fail(key, fmt::format("'{}' must be an integer, not {}", key, type_name(node.type())));
  return node.as_integer()->get();
}

std::optional<double> TomlTable::optional_double(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  const toml::node& node = *node_->get(key);
  if (const auto* integer = node.as_integer()) return static_cast<double>(integer->get());
  if (!node.is_floating_point())
    fail(key, fmt::format("'{}' must be a number, not {}", key, type_name(node.type())));
  return node.as_floating_point()->get();
}

std::optional<bool> TomlTable::optional_bool(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  const toml::node& node = *node_->get(key);
  if (!node.is_boolean()) {
    fail(key, fmt::format("'{}' must be true or false, not {}", key, type_name(node.type())));
  }
  return node.as_boolean()->get();
}

std::vector<std::string> TomlTable::strings(std::string_view key) const {
  if (!has(key)) return {};
  const toml::node& node = *node_->get(key);
  if (const auto* single = node.as_string()) return {single->get()};
  const auto* list = node.as_array();
  if (list == nullptr) {
    fail(key, fmt::format("'{}' must be a string or a list of strings, not {}", key, type_name(node.type())));
  }
  std::vector<std::string> values;
  for (const toml::node& element : *list) {
    if (!element.is_string()) {
      fail(key, fmt::format("'{}' must hold strings only, not {}", key, type_name(element.type())));
    }
    values.push_back(element.as_string()->get());
  }
  return values;
}

Text TomlTable::text(std::string_view key) const {
  auto value = optional_text(key);
  if (!value) fail(key, fmt::format("'{0}' is missing: {0} = {{ en = \"...\", zh = \"...\" }}", key));
  return std::move(*value);
}

std::optional<Text> TomlTable::optional_text(std::string_view key) const {
  const auto table = optional_table(key);
  if (!table) return std::nullopt;
  Text value{.en = table->string("en"), .zh = table->string("zh")};
  table->finish();
  if (value.en.empty() || value.zh.empty()) fail(key, fmt::format("'{}' is empty in one language", key));
  return value;
}

std::optional<TomlTable> TomlTable::optional_table(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  const toml::node& node = *node_->get(key);
  if (!node.is_table()) fail(key, fmt::format("'{}' must be a table, not {}", key, type_name(node.type())));
  return TomlTable(document_, node.as_table());
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) const {
  if (!has(key)) return {};
  const toml::array* list = node_->get(key)->as_array();
  std::vector<TomlTable> tables;
  if (list == nullptr) fail(key, fmt::format("'{0}' must be a list of tables: [[{0}]]", key));
  for (const toml::node& element : *list) {
    if (!element.is_table()) fail(key, fmt::format("'{0}' must be a list of tables: [[{0}]]", key));
    tables.push_back(TomlTable(document_, element.as_table()));
  }
  return tables;
}

std::optional<Json> TomlTable::optional_json(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return to_json(*node_->get(key), *this, key);
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::pair<Position, std::string>> found;
  for (const auto& [key, value] : *node_) {
    found.emplace_back(to_position(key.source().begin), std::string(key.str()));
    asked_.emplace(key.str());
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.line, a.first.column) < std::pair(b.first.line, b.first.column);
  });
  std::vector<std::string> names;
  for (auto& [position, name] : found) names.push_back(std::move(name));
  return names;
}

void TomlTable::finish() const {
  const toml::key* first = nullptr;
  for (const auto& [key, value] : *node_) {
    if (asked_.contains(key.str())) continue;
    if (first == nullptr || key.source().begin < first->source().begin) first = &key;
  }
  if (first == nullptr) return;
  const Position at = to_position(first->source().begin);
  throw InputError(
      document_->source, at,
      fmt::format("unknown key '{}'{}", first->str(), did_you_mean(closest_match(first->str(), asked_))),
      caret_excerpt(document_->text, at));
}

}  // namespace ms
