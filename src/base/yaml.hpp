#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace ms {

/// A value of a YAML document, with its place. Its type is not guessed: a scalar is its text.
struct YamlNode {
  enum class Kind { scalar, list, map };

  Kind kind = Kind::scalar;
  Position position;
  std::string text;    ///< of a scalar
  bool plain = false;  ///< a scalar without quotes, which other readers take for a number, a bool or null
  std::vector<const YamlNode*> items;                            ///< of a list
  std::vector<std::pair<std::string, const YamlNode*>> members;  ///< of a map, in order of the file

  bool is_map() const { return kind == Kind::map; }
  bool is_list() const { return kind == Kind::list; }
  bool is_scalar() const { return kind == Kind::scalar; }
  /// A scalar that stands for nothing: plain and empty, "~" or "null".
  bool is_null() const;

  /// The member of that name, else one of a map that is merged into this one ("<<"), one level deep. nullptr
  /// where there is none.
  const YamlNode* find(std::string_view key) const;
};

/// The documents of a YAML or JSON file. An alias is the node itself, not a copy of it, so that a node may be
/// in several places; there are no cycles.
struct YamlFile {
  std::vector<const YamlNode*> documents;
  std::deque<YamlNode> nodes;  ///< all of them; the pointers are into it
};

/// Reads YAML 1.1, of which JSON is nearly a part. Throws InputError with line, column and caret where it is
/// not, where it nests deeper than 64 levels, or has more than 500 000 values.
YamlFile parse_yaml(std::string_view text, const std::string& source);

}  // namespace ms
