#include "base/toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/closest_match.hpp"
#include "base/toml_tree.hpp"

namespace ms {

class TomlDocument {
 public:
  std::string source;
  std::string owned_text;  // empty where the text is compiled in
  std::string_view text;
  TomlTree tree;
};

namespace {

using Kind = TomlNode::Kind;

std::string_view type_name(Kind kind) {
  switch (kind) {
    case Kind::table:
      return "a table";
    case Kind::list:
      return "a list";
    case Kind::string:
      return "a string";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::time:
      break;
  }
  return "a date or time";
}

Json to_json(const TomlNode& node, const TomlTable& table, std::string_view key) {
  switch (node.kind) {
    case Kind::string:
      return Json(std::string(node.text));
    case Kind::integer:
      return Json(node.integer);
    case Kind::number:
      return Json(node.number);
    case Kind::boolean:
      return Json(node.integer != 0);
    case Kind::list: {
      Json array = Json::array();
      for (const TomlNode& element : node.items) array.push_back(to_json(element, table, key));
      return array;
    }
    case Kind::table: {
      Json object = Json::object();
      for (const TomlNode::Member& member : node.members) {
        object[std::string(member.name)] = to_json(member.value, table, key);
      }
      return object;
    }
    case Kind::time:
      break;
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
  document->owned_text = text;
  document->text = document->owned_text;
  document->tree = read_toml_tree(document->text, source);
  return TomlTable(document, &document->tree.root);
}

TomlTable parse_toml(const EmbeddedFile& file, const std::string& source) {
  auto document = std::make_shared<TomlDocument>();
  document->source = source;
  document->text = file.text;
  document->tree.root = unpack_toml(file.packed);
  return TomlTable(document, &document->tree.root);
}

TomlTable::TomlTable(std::shared_ptr<const TomlDocument> document, const TomlNode* node)
    : document_(std::move(document)), node_(node), asked_(node->members.size()) {}

bool TomlTable::has(std::string_view key) const {
  return ask(key) != nullptr;
}

const TomlNode* TomlTable::ask(std::string_view key) const {
  const TomlNode::Member* member = node_->member(key);
  if (member == nullptr) {
    constexpr std::size_t kUsual = 24;  // of a rule
    if (missed_.empty()) missed_.reserve(kUsual);
    missed_.emplace_back(key);
    return nullptr;
  }
  asked_[static_cast<std::size_t>(member - node_->members.data())] = true;
  return &member->value;
}

bool TomlTable::is_table(std::string_view key) const {
  const TomlNode* value = node_->find(key);
  return value != nullptr && value->kind == Kind::table;
}

Position TomlTable::position() const {
  return node_->position;
}

Position TomlTable::position(std::string_view key) const {
  const TomlNode* value = node_->find(key);
  return value != nullptr ? value->position : position();
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
  const TomlNode* value = ask(key);
  if (value == nullptr) return std::nullopt;
  const TomlNode& node = *value;
  if (node.kind != Kind::string)
    fail(key, fmt::format("'{}' must be a string, not {}", key, type_name(node.kind)));
  return std::string(node.text);
}

std::optional<std::int64_t> TomlTable::optional_int(std::string_view key) const {
  const TomlNode* value = ask(key);
  if (value == nullptr) return std::nullopt;
  const TomlNode& node = *value;
  if (node.kind != Kind::integer)
    fail(key, fmt::format("'{}' must be an integer, not {}", key, type_name(node.kind)));
  return node.integer;
}

std::optional<double> TomlTable::optional_double(std::string_view key) const {
  const TomlNode* value = ask(key);
  if (value == nullptr) return std::nullopt;
  const TomlNode& node = *value;
  if (node.kind == Kind::integer) return static_cast<double>(node.integer);
  if (node.kind != Kind::number)
    fail(key, fmt::format("'{}' must be a number, not {}", key, type_name(node.kind)));
  return node.number;
}

std::optional<bool> TomlTable::optional_bool(std::string_view key) const {
  const TomlNode* value = ask(key);
  if (value == nullptr) return std::nullopt;
  const TomlNode& node = *value;
  if (node.kind != Kind::boolean) {
    fail(key, fmt::format("'{}' must be true or false, not {}", key, type_name(node.kind)));
  }
  return node.integer != 0;
}

std::optional<Date> TomlTable::optional_date(std::string_view key) const {
  const TomlNode* value = ask(key);
  if (value == nullptr) return std::nullopt;
  const TomlNode& node = *value;
  const auto date = node.kind == Kind::time ? parse_date(node.text) : std::nullopt;
  if (!date) fail(key, fmt::format("'{0}' must be a date without quotes: {0} = 2027-01-31", key));
  return date;
}

std::vector<std::string> TomlTable::strings(std::string_view key) const {
  const TomlNode* value = ask(key);
  if (value == nullptr) return {};
  const TomlNode& node = *value;
  if (node.kind == Kind::string) return {std::string(node.text)};
  if (node.kind != Kind::list) {
    fail(key, fmt::format("'{}' must be a string or a list of strings, not {}", key, type_name(node.kind)));
  }
  std::vector<std::string> values;
  for (const TomlNode& element : node.items) {
    if (element.kind != Kind::string) {
      fail(key, fmt::format("'{}' must hold strings only, not {}", key, type_name(element.kind)));
    }
    values.emplace_back(element.text);
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
  const TomlNode* value = ask(key);
  if (value == nullptr) return std::nullopt;
  const TomlNode& node = *value;
  if (node.kind != Kind::table)
    fail(key, fmt::format("'{}' must be a table, not {}", key, type_name(node.kind)));
  return TomlTable(document_, &node);
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) const {
  const TomlNode* value = ask(key);
  if (value == nullptr) return {};
  const TomlNode& list = *value;
  std::vector<TomlTable> tables;
  if (list.kind != Kind::list) fail(key, fmt::format("'{0}' must be a list of tables: [[{0}]]", key));
  for (const TomlNode& element : list.items) {
    if (element.kind != Kind::table) fail(key, fmt::format("'{0}' must be a list of tables: [[{0}]]", key));
    tables.push_back(TomlTable(document_, &element));
  }
  return tables;
}

std::optional<Json> TomlTable::optional_json(std::string_view key) const {
  const TomlNode* value = ask(key);
  return value != nullptr ? std::optional(to_json(*value, *this, key)) : std::nullopt;
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::pair<Position, std::string>> found;
  for (const TomlNode::Member& member : node_->members) {
    found.emplace_back(member.position, std::string(member.name));
  }
  asked_.assign(asked_.size(), true);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.line, a.first.column) < std::pair(b.first.line, b.first.column);
  });
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [position, name] : found) names.push_back(std::move(name));
  return names;
}

void TomlTable::finish() const {
  const auto place = [](const TomlNode::Member& member) {
    return std::pair(member.position.line, member.position.column);
  };
  const TomlNode::Member* first = nullptr;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const TomlNode::Member& member = node_->members[i];
    if (!asked_[i] && (first == nullptr || place(member) < place(*first))) first = &member;
  }
  if (first == nullptr) return;
  std::set<std::string_view> known(missed_.begin(), missed_.end());
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (asked_[i]) known.insert(node_->members[i].name);
  }
  throw InputError(
      document_->source, first->position,
      fmt::format("unknown key '{}'{}", first->name, did_you_mean(closest_match(first->name, known))),
      caret_excerpt(document_->text, first->position));
}

}  // namespace ms
