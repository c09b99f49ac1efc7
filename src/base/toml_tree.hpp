#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace ms {

/// What TOML text says, with the place of every key and value. Texts are views into what the tree was
/// read or unpacked from.
struct TomlNode {
  enum class Kind : std::uint8_t { table, list, string, integer, number, boolean, time };

  struct Member;

  Kind kind = Kind::table;
  Position position;
  std::string_view text;        ///< of a string; of a date "2027-01-31"; empty of any other time
  std::int64_t integer = 0;     ///< of an integer; 0 or 1 of a boolean
  double number = 0;            ///< of a number
  std::vector<TomlNode> items;  ///< of a list
  std::vector<Member> members;  ///< of a table, sorted by name

  /// The member of that name of a table, and its value; nullptr when there is none.
  const Member* member(std::string_view name) const;
  const TomlNode* find(std::string_view name) const;
};

struct TomlNode::Member {
  std::string_view name;
  Position position;
  TomlNode value;
};

/// A TOML text that was read: its tree, and what holds the texts of the tree.
struct TomlTree {
  std::shared_ptr<const void> texts;
  TomlNode root;
};

/// Throws InputError when the text is not valid TOML.
TomlTree read_toml_tree(std::string_view text, const std::string& source);

/// A tree in packed form: what is compiled into the tools, because reading TOML character by character would
/// be most of a start.
std::string pack_toml(const TomlNode& root);

/// The tree that was packed; `packed` must outlive it. Packed trees are ours: what is not one is a
/// programming error.
TomlNode unpack_toml(std::string_view packed);

}  // namespace ms
