#pragma once

#include <string>

#include "cel/arena.hpp"
#include "cel/ast.hpp"
#include "cel/environment.hpp"
#include "cel/inference.hpp"

namespace ms::cel {

/// Resolves the names of a tree and finds the types: identifiers become globals, locals or type values, calls
/// get the overloads that may apply, every node its type. Throws CompileError for what does not fit.
///
/// In an environment without checking nothing is thrown: names that are not there become failure nodes, and
/// all types are dyn.
class Checker {
 public:
  Checker(std::string_view source, const Environment& environment, Arena& arena)
      : source_(source), environment_(environment), arena_(arena), inference_(arena) {
    plain_names_ = environment.container().empty() && !environment.has_qualified_names();
  }

  /// The type of the whole expression.
  const TypeNode* run(Node* root);

  /// How many values the locals need at most.
  std::uint32_t slots() const { return slots_; }

 private:
  struct Local {
    std::string_view name;
    const TypeNode* type;
    std::uint32_t slot;
    Node* owner;
  };

  const TypeNode* check(Node* node);
  const TypeNode* dispatch(Node* node);

  // names
  const TypeNode* identifier(Node* node);
  const TypeNode* local(Node* node);
  const TypeNode* select(Node* node);
  const TypeNode* field_of(Node* node, const TypeNode* operand);
  bool resolve_qualified(Node* node);
  const TypeNode* resolve_in_containers(Node* node, std::string_view name, bool from_root);
  Node* leftmost(Node* node) const;
  std::string dotted(const Node* node) const;
  const FunctionGroup* function_in_containers(std::string_view name, bool from_root) const;
  const TypeNode* unknown_name(Node* node);
  const TypeNode* unknown_field(Node* node, const TypeNode* record);

  // operators
  const TypeNode* index(Node* node);
  const TypeNode* list(Node* node);
  const TypeNode* map(Node* node);
  const TypeNode* logical(Node* node);
  const TypeNode* conditional(Node* node);
  const TypeNode* equality(Node* node);
  const TypeNode* membership(Node* node);
  const TypeNode* operation(Node* node);
  const TypeNode* element_of(Node* element);

  // calls
  const TypeNode* call(Node* node);
  const FunctionGroup* find_function(Node* node);
  const TypeNode* overloads(Node* node, const FunctionGroup& group);
  const TypeNode* match(const Overload& overload, std::span<const TypeNode* const> arguments);
  const TypeNode* no_overload(Node* node, const FunctionGroup& group);
  const TypeNode* unknown_function(Node* node, std::string_view name);

  // comprehensions
  const TypeNode* comprehension(Node* node);
  const TypeNode* comprehension_result(Node* node, const TypeNode* key, const TypeNode* element,
                                       const TypeNode* body);
  void range_types(Node* node, const TypeNode*& key, const TypeNode*& element);
  const TypeNode* bind(Node* node);
  const TypeNode* block(Node* node);
  const TypeNode* optional_map(Node* node);
  void enter(Node* owner, std::string_view name, const TypeNode* type);
  void leave(std::size_t count);
  void need_bool(const Node* node, std::string_view what);

  bool is_dyn(const TypeNode* type) const { return inference_.current(type)->kind == TypeKind::dyn; }
  const TypeNode* dyn() const { return basic_type(TypeKind::dyn); }
  std::string types_text(std::span<Node* const> nodes);
  std::string type_text(const TypeNode* type) { return to_text(*inference_.resolve(type, true)); }
  /// Throws in a checked environment; otherwise the node becomes the error.
  const TypeNode* fail(Node* node, ErrorCode code, std::string message,
                       std::optional<std::string> suggestion = {});
  [[noreturn]] void refuse(const Node* node, std::string message);

  std::string_view source_;
  const Environment& environment_;
  Arena& arena_;
  Inference inference_;
  InlineVector<Local, 4> locals_;
  bool plain_names_ = false;  ///< no name has a dot, and there is no container
  std::uint32_t slots_ = 0;
  std::uint32_t comprehension_depth_ = 0;
};

}  // namespace ms::cel
