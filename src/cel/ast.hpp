#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cel/name.hpp"
#include "cel/type.hpp"
#include "cel/value.hpp"

namespace re2 {
class RE2;
}

namespace ms::cel {

struct Overload;

/// What a node of the syntax tree does. The checker turns identifiers and selections into the resolved forms.
enum class Op : std::uint8_t {
  constant,
  identifier,       ///< name; not resolved yet
  global,           ///< a variable of the activation
  local,            ///< a variable of a comprehension or of cel.bind
  path,             ///< a chain of selections from a global: the usual way to a fact
  select,           ///< args[0].name
  optional_select,  ///< args[0].?name
  has,              ///< has(args[0].name)
  index,
  optional_index,
  list,
  map,      ///< args: key, value, key, value, ...
  message,  ///< Name{...}: parsed, and refused by the checker
  call,
  logical_and,  ///< two and more operands
  logical_or,
  logical_not,
  negate,
  conditional,
  add,
  subtract,
  multiply,
  divide,
  remainder,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  // Comprehensions: args[0] is the range, the last one the body, a filter stands between.
  all,
  exists,
  exists_one,
  filter,
  map_list,
  transform_list,
  transform_map,
  transform_map_entry,
  sort_by,
  bind,  ///< cel.bind: args are the value and the body
  optional_map,
  optional_flat_map,
  block,    ///< cel.block: all args but the last are slots
  matches,  ///< a call of matches() whose pattern is constant
  failure   ///< an error that is known since compilation, in `constant`
};

/// The variables that a comprehension or a binding introduces.
struct Binder {
  std::string_view first;
  std::string_view second = {};  ///< empty unless the macro takes two variables
  std::uint32_t slot = 0;        ///< of the first variable; the second has the next one
};

struct Node;

/// What a variable of the activation, or a chain of selections from any variable, reads.
struct PathData : FactPath {
  std::uint32_t declared = 0;      ///< how many of the first fields are of declared records
  const PathData* next = nullptr;  ///< that the same expression read before
};

/// One node. Kept to a cache line, since compiling is mostly a matter of filling them.
struct Node {
  Op op = Op::constant;
  bool from_root : 1 = false;         ///< identifier: written with a leading dot
  bool optional_element : 1 = false;  ///< an element or a key of a literal that was written with a '?'
  bool member_call : 1 = false;       ///< call: args[0] was written before the dot
  bool widen : 1 = false;       ///< a fact that is declared as double: an integer in the document becomes one
  bool declared : 1 = false;    ///< select: a field of a declared record
  bool from_local : 1 = false;  ///< path: from a local variable, in args[0]
  std::uint16_t depth = 1;
  std::uint32_t begin = 0;  ///< the source slice
  std::uint32_t end = 0;
  std::uint32_t count = 0;  ///< of the arguments
  Node** first = nullptr;
  const TypeNode* type = nullptr;
  std::string_view name = {};
  union {
    Value constant = {};
    struct {
      const Overload* const* first;
      std::size_t count;
    } candidates;             ///< call: the overloads that may apply
    const re2::RE2* pattern;  ///< matches
    Binder* binder;           ///< of a comprehension or a binding
    const PathData* path;
    std::uint64_t hash;  ///< global: of the name
    struct {
      const Node* node;    ///< the comprehension or binding that introduces the variable
      std::uint32_t slot;  ///< its place in the frame
    } local;
  };

  std::span<Node*> args() const { return {first, count}; }
  std::span<const Overload* const> overloads() const { return {candidates.first, candidates.count}; }
  Node* arg(std::size_t i) const { return first[i]; }
  Node* last() const { return first[count - 1]; }
  void set_args(std::span<Node*> nodes) {
    first = nodes.data();
    count = static_cast<std::uint32_t>(nodes.size());
  }
  void no_args() { count = 0; }
};

static_assert(sizeof(Node) <= 72);

}  // namespace ms::cel
