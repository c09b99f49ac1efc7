#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cel/name.hpp"

namespace ms::cel {

enum class TypeKind : std::uint8_t {
  dyn,  ///< not known before the expression runs
  null,
  boolean,
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  timestamp,
  duration,
  type,  ///< the type of a type: type(int)
  list,
  map,
  optional,
  opaque,    ///< named, with values that only functions look into: version, net.IP
  object,    ///< a closed record of named, typed fields
  parameter  ///< "A" in a signature; a type that is still to be found while checking
};

struct TypeNode;

/// A field of a record. A name that is not declared is refused by the checker.
struct ObjectField {
  std::string_view name;
  const TypeNode* type;
  std::uint64_t prefix = text_prefix(name);
};

/// One type as the checker works on it. Nodes belong to a Type or to an arena.
struct TypeNode {
  TypeKind kind = TypeKind::dyn;
  std::uint32_t variable = 0;  ///< parameter: which one
  std::span<const TypeNode* const> parameters =
      {};                                    ///< list: element; map: key, value; optional, type, opaque
  std::string_view name = {};                ///< opaque, object, parameter
  std::span<const ObjectField> fields = {};  ///< object, in order of name

  const TypeNode* parameter(std::size_t i) const { return parameters[i]; }
  const TypeNode* field(std::string_view field_name) const;  ///< nullptr: no such field
};

/// "list(map(string, int))".
std::string to_text(const TypeNode& type);

/// Whether two types are the same in every part.
bool same(const TypeNode& a, const TypeNode& b);

/// A type of the language. Immutable; copies share.
class Type {
 public:
  Type() : Type(dyn()) {}

  static Type dyn();
  static Type null();
  static Type boolean();
  static Type integer();
  static Type unsigned_integer();
  static Type real();
  static Type string();
  static Type bytes();
  static Type timestamp();
  static Type duration();
  static Type type();
  static Type list(const Type& element);
  static Type map(const Type& key, const Type& value);
  static Type optional(const Type& value);
  static Type opaque(std::string name, std::vector<Type> parameters = {});
  static Type parameter(std::string name);

  struct Field;
  /// A closed record, for declared facts: selecting a field that is not listed does not compile.
  static Type object(std::string name, std::vector<Field> fields);

  TypeKind kind() const { return node_->kind; }
  std::string to_text() const { return cel::to_text(*node_); }
  const TypeNode& node() const { return *node_; }

  /// A type of its own that looks like `node`.
  static Type copy_of(const TypeNode& node);

  friend bool operator==(const Type& a, const Type& b) { return same(*a.node_, *b.node_); }

 private:
  explicit Type(std::shared_ptr<const TypeNode> node) : node_(std::move(node)) {}

  std::shared_ptr<const TypeNode> node_;
};

struct Type::Field {
  std::string name;
  Type type;
};

/// The types without parts, one node each for the whole program.
const TypeNode* basic_type(TypeKind kind);

}  // namespace ms::cel
