#include "base/toml_tree.hpp"

#include <fmt/format.h>
// toml++ asserts that what follows '[' is a key before it finds that it is none, and says so. The text is not
// ours.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace ms {
namespace {

Position to_position(const toml::source_position& at) {
  return {static_cast<int>(at.line), static_cast<int>(at.column)};
}

std::string written(const toml::date& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

// A node is its kind, its place and its content; numbers have a fixed width, texts and lists their length
// before them.
class Packer {
 public:
  void node(const toml::node& value) {
    if (const auto* table = value.as_table()) return members(*table);
    if (const auto* list = value.as_array()) {
      head(TomlNode::Kind::list, value);
      fixed(static_cast<std::uint32_t>(list->size()));
      for (const toml::node& element : *list) node(element);
    } else if (const auto* string = value.as_string()) {
      head(TomlNode::Kind::string, value);
      text(string->get());
    } else if (const auto* integer = value.as_integer()) {
      head(TomlNode::Kind::integer, value);
      fixed(integer->get());
    } else if (const auto* number = value.as_floating_point()) {
      head(TomlNode::Kind::number, value);
      fixed(number->get());
    } else if (const auto* boolean = value.as_boolean()) {
      head(TomlNode::Kind::boolean, value);
      fixed(std::int64_t{boolean->get()});
    } else {
      head(TomlNode::Kind::time, value);
      const auto* date = value.as_date();
      text(date != nullptr ? written(date->get()) : std::string());
    }
  }

  std::string take() { return std::move(packed_); }

 private:
  void members(const toml::table& table) {
    head(TomlNode::Kind::table, table);
    fixed(static_cast<std::uint32_t>(table.size()));
    for (const auto& [key, value] : table) {
      text(key.str());
      place(key.source().begin);
      node(value);
    }
  }

  void head(TomlNode::Kind kind, const toml::node& value) {
    packed_ += static_cast<char>(kind);
    place(value.source().begin);
  }

  void place(const toml::source_position& at) {
    fixed(static_cast<std::int32_t>(at.line));
    fixed(static_cast<std::int32_t>(at.column));
  }

  void text(std::string_view value) {
    fixed(static_cast<std::uint32_t>(value.size()));
    packed_ += value;
  }

  template <class T>
  void fixed(T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    packed_.append(bytes, sizeof(T));
  }

  std::string packed_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : left_(packed) {}

  TomlNode node() {
    TomlNode node;
    node.kind = static_cast<TomlNode::Kind>(fixed<std::uint8_t>());
    node.position = place();
    switch (node.kind) {
      case TomlNode::Kind::table:
        node.members.resize(fixed<std::uint32_t>());
        for (TomlNode::Member& member : node.members) {
          member.name = text();
          member.position = place();
          member.value = this->node();
        }
        break;
      case TomlNode::Kind::list:
        node.items.resize(fixed<std::uint32_t>());
        for (TomlNode& item : node.items) item = this->node();
        break;
      case TomlNode::Kind::string:
      case TomlNode::Kind::time:
        node.text = text();
        break;
      case TomlNode::Kind::integer:
      case TomlNode::Kind::boolean:
        node.integer = fixed<std::int64_t>();
        break;
      case TomlNode::Kind::number:
        node.number = fixed<double>();
        break;
    }
    return node;
  }

  bool is_at_end() const { return left_.empty(); }

 private:
  Position place() {
    const auto line = fixed<std::int32_t>();
    return {line, fixed<std::int32_t>()};
  }

  std::string_view text() {
    const auto size = fixed<std::uint32_t>();
    assert(size <= left_.size());
    const std::string_view value = left_.substr(0, size);
    left_.remove_prefix(size);
    return value;
  }

  template <class T>
  T fixed() {
    assert(sizeof(T) <= left_.size());
    T value;
    std::memcpy(&value, left_.data(), sizeof(T));
    left_.remove_prefix(sizeof(T));
    return value;
  }

  std::string_view left_;
};

}  // namespace

const TomlNode* TomlNode::find(std::string_view name) const {
  const auto found =
      std::lower_bound(members.begin(), members.end(), name,
                       [](const Member& member, std::string_view n) { return member.name < n; });
  return found != members.end() && found->name == name ? &found->value : nullptr;
}

std::string pack_toml(std::string_view text, const std::string& source) {
  try {
    Packer packer;
    packer.node(toml::parse(text, source));
    return packer.take();
  } catch (const toml::parse_error& e) {
    const Position position = to_position(e.source().begin);
    throw InputError(source, position, fmt::format("not valid TOML: {}", e.description()),
                     caret_excerpt(text, position));
  }
}

TomlNode unpack_toml(std::string_view packed) {
  Unpacker unpacker(packed);
  TomlNode root = unpacker.node();
  assert(unpacker.is_at_end());
  return root;
}

}  // namespace ms
