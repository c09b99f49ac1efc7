#include "base/toml_tree.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <deque>
#include <iterator>
#include <optional>
#include <vector>

#include "base/parallel.hpp"

namespace ms {
namespace {

Position to_position(const toml::source_position& at, int lines_before = 0) {
  return {static_cast<int>(at.line) + lines_before, static_cast<int>(at.column)};
}

std::string written(const toml::date& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

// What a tree was made of. Dates are written anew: toml++ does not keep their text.
struct Texts {
  toml::table table;
  std::deque<std::string> dates;
};

// Makes a tree of what toml++ read, which lies some lines below the start of the file.
class Grower {
 public:
  Grower(int lines_before, std::deque<std::string>& dates) : lines_before_(lines_before), dates_(dates) {}

  TomlNode node(const toml::node& value) {
    TomlNode node;
    node.position = place(value.source());
    if (const auto* table = value.as_table()) {
      node.members.reserve(table->size());
      for (const auto& [key, member] : *table)
        node.members.push_back({key.str(), place(key.source()), this->node(member)});
    } else if (const auto* list = value.as_array()) {
      node.kind = TomlNode::Kind::list;
      node.items.reserve(list->size());
      for (const toml::node& element : *list) node.items.push_back(this->node(element));
    } else if (const auto* string = value.as_string()) {
      node.kind = TomlNode::Kind::string;
      node.text = string->get();
    } else if (const auto* integer = value.as_integer()) {
      node.kind = TomlNode::Kind::integer;
      node.integer = integer->get();
    } else if (const auto* number = value.as_floating_point()) {
      node.kind = TomlNode::Kind::number;
      node.number = number->get();
    } else if (const auto* boolean = value.as_boolean()) {
      node.kind = TomlNode::Kind::boolean;
      node.integer = boolean->get() ? 1 : 0;
    } else {
      node.kind = TomlNode::Kind::time;
      if (const auto* date = value.as_date()) node.text = dates_.emplace_back(written(date->get()));
    }
    return node;
  }

 private:
  Position place(const toml::source_region& region) const { return to_position(region.begin, lines_before_); }

  int lines_before_;
  std::deque<std::string>& dates_;
};

// Throws toml::parse_error.
TomlTree tree_of(std::string_view text, const std::string& source, int lines_before) {
  const auto texts = std::make_shared<Texts>();
  texts->table = toml::parse(text, source);
  TomlNode root = Grower(lines_before, texts->dates).node(texts->table);
  return {texts, std::move(root)};
}

// Whether a line is "[[name]]": a new element of a list at the top, whatever was before it.
bool opens_element(std::string_view line) {
  if (!line.starts_with("[[")) return false;
  const auto end = line.find("]]");
  return end != line.npos && end > 2 &&
         std::all_of(line.begin() + 2, line.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

struct Piece {
  std::string_view text;
  int lines_before = 0;
};

// The text in pieces that begin with an element of a list, for several threads.
std::vector<Piece> pieces_of(std::string_view text) {
  constexpr std::size_t kPieceBytes = std::size_t{32} << 10;
  std::vector<Piece> pieces;
  std::size_t begin = 0;
  int lines_before = 0;
  int lines = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = text.find('\n', at);
    const std::size_t end = newline == text.npos ? text.size() : newline + 1;
    if (at - begin >= kPieceBytes && opens_element(text.substr(at, end - at))) {
      pieces.push_back({text.substr(begin, at - begin), lines_before});
      begin = at;
      lines_before = lines;
    }
    at = end;
    ++lines;
  }
  pieces.push_back({text.substr(begin), lines_before});
  return pieces;
}

// Adds the lists of `more` to those of `root`. False where that is not all that `more` has.
bool append(TomlNode& root, TomlNode&& more) {
  for (TomlNode::Member& member : more.members) {
    const auto known = std::find_if(root.members.begin(), root.members.end(),
                                    [&](const TomlNode::Member& other) { return other.name == member.name; });
    const bool is_list = member.value.kind == TomlNode::Kind::list;
    if (!is_list || known == root.members.end() || known->value.kind != TomlNode::Kind::list) return false;
    std::move(member.value.items.begin(), member.value.items.end(), std::back_inserter(known->value.items));
  }
  return true;
}

// A long text read in pieces side by side; nothing where a piece does not stand for itself: a mistake, or a
// text of several lines that looks like an element.
std::optional<TomlTree> tree_in_pieces(std::string_view text, const std::string& source) {
  const std::vector<Piece> pieces = pieces_of(text);
  if (pieces.size() == 1) return std::nullopt;
  auto trees = in_parallel(pieces.size(), [&](std::size_t i) -> std::optional<TomlTree> {
    try {
      return tree_of(pieces[i].text, source, pieces[i].lines_before);
    } catch (const toml::parse_error&) {
      return std::nullopt;
    }
  });
  auto texts = std::make_shared<std::vector<std::shared_ptr<const void>>>();
  for (std::optional<TomlTree>& tree : trees) {
    if (!tree) return std::nullopt;
    texts->push_back(tree->texts);
    if (&tree != &trees.front() && !append(trees.front()->root, std::move(tree->root))) return std::nullopt;
  }
  return TomlTree{texts, std::move(trees.front()->root)};
}

// A node is its kind, its place and its content; numbers have a fixed width, texts and lists their length
// before them.
class Packer {
 public:
  void node(const TomlNode& node) {
    fixed(static_cast<std::uint8_t>(node.kind));
    place(node.position);
    switch (node.kind) {
      case TomlNode::Kind::table:
        fixed(static_cast<std::uint32_t>(node.members.size()));
        for (const TomlNode::Member& member : node.members) {
          text(member.name);
          place(member.position);
          this->node(member.value);
        }
        break;
      case TomlNode::Kind::list:
        fixed(static_cast<std::uint32_t>(node.items.size()));
        for (const TomlNode& item : node.items) this->node(item);
        break;
      case TomlNode::Kind::string:
      case TomlNode::Kind::time:
        text(node.text);
        break;
      case TomlNode::Kind::integer:
      case TomlNode::Kind::boolean:
        fixed(node.integer);
        break;
      case TomlNode::Kind::number:
        fixed(node.number);
        break;
    }
  }

  std::string take() { return std::move(packed_); }

 private:
  void place(const Position& at) {
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

const TomlNode::Member* TomlNode::member(std::string_view name) const {
  const auto found =
      std::lower_bound(members.begin(), members.end(), name,
                       [](const Member& member, std::string_view n) { return member.name < n; });
  return found != members.end() && found->name == name ? &*found : nullptr;
}

const TomlNode* TomlNode::find(std::string_view name) const {
  const Member* found = member(name);
  return found != nullptr ? &found->value : nullptr;
}

TomlTree read_toml_tree(std::string_view text, const std::string& source) {
  if (auto tree = tree_in_pieces(text, source)) return std::move(*tree);
  try {
    return tree_of(text, source, 0);
  } catch (const toml::parse_error& e) {
    const Position position = to_position(e.source().begin);
    throw InputError(source, position, fmt::format("not valid TOML: {}", e.description()),
                     caret_excerpt(text, position));
  }
}

std::string pack_toml(const TomlNode& root) {
  Packer packer;
  packer.node(root);
  return packer.take();
}

TomlNode unpack_toml(std::string_view packed) {
  Unpacker unpacker(packed);
  TomlNode root = unpacker.node();
  assert(unpacker.is_at_end());
  return root;
}

}  // namespace ms
