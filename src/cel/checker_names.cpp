#include <fmt/format.h>

#include <array>

#include "base/closest_match.hpp"
#include "cel/activation.hpp"
#include "cel/checker.hpp"

namespace ms::cel {
namespace {

struct TypeName {
  std::string_view name;
  TypeKind kind;
};

// The types whose names are values: type(x) == int.
constexpr std::array kTypeNames = {
    TypeName{"bool", TypeKind::boolean},
    TypeName{"int", TypeKind::integer},
    TypeName{"uint", TypeKind::unsigned_integer},
    TypeName{"double", TypeKind::real},
    TypeName{"string", TypeKind::string},
    TypeName{"bytes", TypeKind::bytes},
    TypeName{"list", TypeKind::list},
    TypeName{"map", TypeKind::map},
    TypeName{"null_type", TypeKind::null},
    TypeName{"type", TypeKind::type},
    TypeName{"optional_type", TypeKind::optional},
    TypeName{"google.protobuf.Timestamp", TypeKind::timestamp},
    TypeName{"google.protobuf.Duration", TypeKind::duration},
    TypeName{"net.IP", TypeKind::opaque},
    TypeName{"net.CIDR", TypeKind::opaque},
};

// Calls `visit` with the name in each container from the innermost to the root, until it returns true.
template <class Visitor>
bool each_candidate(std::string_view container, std::string_view name, bool from_root, Visitor visit) {
  if (!from_root) {
    for (std::string_view scope = container; !scope.empty();) {
      if (visit(fmt::format("{}.{}", scope, name))) return true;
      const auto dot = scope.rfind('.');
      scope = dot == scope.npos ? std::string_view() : scope.substr(0, dot);
    }
  }
  return visit(name);
}

}  // namespace

// The identifier that a chain of selections starts with; nullptr where it starts with something else.
Node* Checker::leftmost(Node* node) const {
  while (node->op == Op::select) node = node->arg(0);
  return node->op == Op::identifier ? node : nullptr;
}

// "a.b.c" for a chain of selections from a name; "" for anything else.
std::string Checker::dotted(const Node* node) const {
  std::string text;
  for (; node->op == Op::select || node->op == Op::has; node = node->arg(0)) {
    text = text.empty() ? std::string(node->name) : fmt::format("{}.{}", node->name, text);
  }
  if (node->op != Op::identifier && node->op != Op::global) return {};
  return text.empty() ? std::string(node->name) : fmt::format("{}.{}", node->name, text);
}

const TypeNode* Checker::local(Node* node) {
  if (node->from_root) return nullptr;
  for (std::size_t i = locals_.size(); i-- > 0;) {
    const Local& found = locals_[i];
    if (found.name != node->name) continue;
    node->op = Op::local;
    node->local = {found.owner, found.slot};
    return found.type;
  }
  return nullptr;
}

const TypeNode* Checker::resolve_in_containers(Node* node, std::string_view name, bool from_root) {
  const TypeNode* result = nullptr;
  each_candidate(environment_.container(), name, from_root, [&](std::string_view candidate) {
    const std::uint64_t hash = name_hash(candidate);
    if (const TypeNode* const type = environment_.variable(candidate, hash)) {
      node->op = Op::global;
      node->name = candidate.data() == node->name.data() ? candidate : arena_.copy(candidate);
      node->hash = hash;
      node->no_args();
      result = type;
      return true;
    }
    for (const TypeName& type_name : kTypeNames) {
      if (type_name.name != candidate) continue;
      node->op = Op::constant;
      node->constant = Value::type(type_name.name);
      node->no_args();
      result = inference_.type_of(
          type_name.kind == TypeKind::opaque
              ? arena_.make<TypeNode>(TypeNode{.kind = TypeKind::opaque, .name = type_name.name})
              : basic_type(type_name.kind));
      return true;
    }
    return false;
  });
  return result;
}

const TypeNode* Checker::identifier(Node* node) {
  if (const TypeNode* const type = local(node)) return type;
  // The keywords of literals are no identifiers, so "true" cannot be shadowed.
  if (const TypeNode* const type = resolve_in_containers(node, node->name, node->from_root)) return type;
  return unknown_name(node);
}

// Whether the whole chain is one name, like the variable "a.b" or google.protobuf.Timestamp. A chain from a
// local variable never is.
bool Checker::resolve_qualified(Node* node) {
  Node* const first = leftmost(node);
  if (first == nullptr) return false;
  if (const TypeNode* const type = local(first)) {
    first->type = type;
    return false;
  }
  if (plain_names_) {
    // No name has a dot, so the first one is the variable; resolved here, the chain is not asked again.
    const std::uint64_t hash = name_hash(first->name);
    if (const TypeNode* const type = environment_.variable(first->name, hash)) {
      first->op = Op::global;
      first->hash = hash;
      first->type = type;
      return false;
    }
  }
  const std::string name = dotted(node);
  node->type = resolve_in_containers(node, name, first->from_root);
  return node->type != nullptr;
}

const TypeNode* Checker::select(Node* node) {
  if (node->op == Op::select && resolve_qualified(node)) return node->type;
  return field_of(node, check(node->arg(0)));
}

const TypeNode* Checker::field_of(Node* node, const TypeNode* operand) {
  const TypeNode* type = inference_.current(operand);
  const bool was_optional = type->kind == TypeKind::optional;
  if (was_optional) type = inference_.current(type->parameter(0));
  const TypeNode* result = dyn();
  switch (type->kind) {
    case TypeKind::dyn:
      break;
    case TypeKind::parameter:
      inference_.assignable(dyn(), type);
      break;
    case TypeKind::map:
      if (!type->parameters.empty()) result = type->parameter(1);
      break;
    case TypeKind::object: {
      result = type->field(node->name);
      if (result == nullptr) return unknown_field(node, type);
      node->declared = true;
      break;
    }
    default:
      return fail(node, ErrorCode::no_such_field,
                  fmt::format("{} has no fields, so not '{}' either", type_text(type), node->name));
  }
  if (node->op == Op::has) return basic_type(TypeKind::boolean);
  return was_optional || node->op == Op::optional_select ? inference_.optional_of(result) : result;
}

const TypeNode* Checker::unknown_field(Node* node, const TypeNode* record) {
  std::vector<std::string_view> names;
  for (const ObjectField& field : record->fields) names.push_back(field.name);
  std::optional<std::string> closest = closest_match(node->name, names);
  const std::string path = dotted(node);
  if (path.empty()) {
    return fail(node, ErrorCode::no_such_field, fmt::format("there is no field '{}'", node->name), closest);
  }
  if (closest) closest = path.substr(0, path.size() - node->name.size()) + *closest;
  return fail(node, ErrorCode::no_such_field, fmt::format("unknown fact '{}'", path), closest);
}

const TypeNode* Checker::unknown_name(Node* node) {
  if (!environment_.checking()) {
    return fail(node, ErrorCode::undeclared, fmt::format("nothing is called '{}'", node->name));
  }
  std::optional<std::string> closest = environment_.closest_variable(node->name);
  std::vector<std::string_view> locals;
  for (const Local& known : locals_.all()) locals.push_back(known.name);
  if (!closest) closest = closest_match(node->name, locals);
  return fail(node, ErrorCode::undeclared, fmt::format("unknown fact '{}'", node->name), closest);
}

const FunctionGroup* Checker::function_in_containers(std::string_view name, bool from_root) const {
  const FunctionGroup* result = nullptr;
  each_candidate(environment_.container(), name, from_root, [&](std::string_view candidate) {
    result = environment_.function(candidate);
    return result != nullptr;
  });
  return result;
}

}  // namespace ms::cel
