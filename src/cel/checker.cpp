#include "cel/checker.hpp"

#include <fmt/format.h>

namespace ms::cel {

const TypeNode* Checker::run(Node* root) {
  check(root);
  return inference_.resolve(root->type, true);
}

const TypeNode* Checker::check(Node* node) {
  const TypeNode* const type = environment_.checking() ? dispatch(node) : (dispatch(node), dyn());
  node->type = type;
  // A fact that is declared as double: a 2 in the document reads as 2.0.
  node->widen =
      (node->op == Op::global || node->op == Op::local || node->op == Op::select || node->op == Op::index) &&
      inference_.current(type)->kind == TypeKind::real;
  return type;
}

const TypeNode* Checker::dispatch(Node* node) {
  switch (node->op) {
    case Op::constant:
      switch (node->constant.kind()) {
        case Kind::null:
          return basic_type(TypeKind::null);
        case Kind::boolean:
          return basic_type(TypeKind::boolean);
        case Kind::integer:
          return basic_type(TypeKind::integer);
        case Kind::unsigned_integer:
          return basic_type(TypeKind::unsigned_integer);
        case Kind::real:
          return basic_type(TypeKind::real);
        case Kind::string:
          return basic_type(TypeKind::string);
        default:
          return basic_type(TypeKind::bytes);
      }
    case Op::identifier:
      return identifier(node);
    case Op::global:
    case Op::local:
      return node->type;  // resolved with the chain that it starts
    case Op::select:
    case Op::optional_select:
    case Op::has:
      return select(node);
    case Op::index:
    case Op::optional_index:
      return index(node);
    case Op::list:
      return list(node);
    case Op::map:
      return map(node);
    case Op::call:
      return call(node);
    case Op::logical_and:
    case Op::logical_or:
      return logical(node);
    case Op::conditional:
      return conditional(node);
    case Op::equal:
    case Op::not_equal:
      return equality(node);
    case Op::in:
      return membership(node);
    case Op::bind:
      return bind(node);
    case Op::block:
      return block(node);
    case Op::optional_map:
    case Op::optional_flat_map:
      return optional_map(node);
    case Op::message:
      return fail(node, ErrorCode::undeclared, fmt::format("there is no message type '{}'", node->name));
    default:
      break;
  }
  return node->op >= Op::all ? comprehension(node) : operation(node);
}

const TypeNode* Checker::logical(Node* node) {
  for (Node* const operand : node->args()) {
    check(operand);
    need_bool(operand, node->op == Op::logical_and ? "'&&'" : "'||'");
  }
  return basic_type(TypeKind::boolean);
}

const TypeNode* Checker::conditional(Node* node) {
  check(node->arg(0));
  need_bool(node->arg(0), "'?'");
  const TypeNode* const yes = check(node->arg(1));
  const TypeNode* const no = check(node->arg(2));
  const TypeNode* const either = inference_.fresh();
  if (!inference_.assignable(yes, either) || !inference_.assignable(no, either)) {
    refuse(node, fmt::format("the two sides of ':' have different types: {} and {}", type_text(yes),
                             type_text(no)));
  }
  return either;
}

const TypeNode* Checker::equality(Node* node) {
  const TypeNode* const left = check(node->arg(0));
  const TypeNode* const right = check(node->arg(1));
  const std::size_t mark = inference_.mark();
  if (inference_.assignable(right, left)) return basic_type(TypeKind::boolean);
  inference_.undo(mark);
  if (!inference_.assignable(left, right)) {
    refuse(node, fmt::format("'{}' compares {} with {}", node->op == Op::equal ? "==" : "!=", type_text(left),
                             type_text(right)));
  }
  return basic_type(TypeKind::boolean);
}

const TypeNode* Checker::membership(Node* node) {
  const TypeNode* const needle = check(node->arg(0));
  const TypeNode* const range = inference_.current(check(node->arg(1)));
  const TypeNode* member = nullptr;
  switch (range->kind) {
    case TypeKind::list:
    case TypeKind::map:
      member = range->parameters.empty() ? dyn() : range->parameter(0);
      break;
    case TypeKind::object:
      member = basic_type(TypeKind::string);
      break;
    case TypeKind::dyn:
    case TypeKind::parameter:
      member = dyn();
      break;
    default:
      break;
  }
  if (member == nullptr || !inference_.assignable(needle, member)) {
    refuse(node, fmt::format("'in' looks for {} in {}", type_text(needle), type_text(range)));
  }
  return basic_type(TypeKind::boolean);
}

const TypeNode* Checker::index(Node* node) {
  Node* const container = node->arg(0);
  Node* const key = node->arg(1);
  check(container);
  check(key);
  const TypeNode* type = inference_.current(container->type);
  const bool was_optional = type->kind == TypeKind::optional;
  if (was_optional) type = inference_.current(type->parameter(0));
  const TypeNode* result = dyn();
  const TypeNode* wanted = dyn();
  switch (type->kind) {
    case TypeKind::list:
      wanted = basic_type(TypeKind::integer);
      if (!type->parameters.empty()) result = type->parameter(0);
      break;
    case TypeKind::map:
      if (!type->parameters.empty()) {
        wanted = type->parameter(0);
        result = type->parameter(1);
      }
      break;
    case TypeKind::object:
      wanted = basic_type(TypeKind::string);
      if (key->op == Op::constant && key->constant.is(Kind::string)) {
        // cpu["governors"] is cpu.governors and is checked like it.
        node->op = node->op == Op::index ? Op::select : Op::optional_select;
        node->name = key->constant.as_string();
        node->set_args(node->args().first(1));
        return field_of(node, container->type);
      }
      break;
    case TypeKind::dyn:
      break;
    case TypeKind::parameter:
      inference_.assignable(dyn(), type);
      break;
    default:
      refuse(node, fmt::format("{} has no elements", type_text(type)));
  }
  if (!inference_.assignable(key->type, wanted)) {
    refuse(key, fmt::format("{} is indexed with {}, not with {}", type_text(type), type_text(wanted),
                            type_text(key->type)));
  }
  return was_optional || node->op == Op::optional_index ? inference_.optional_of(result) : result;
}

// The type of an element of a literal; `?x` stands for what is in x.
const TypeNode* Checker::element_of(Node* element) {
  const TypeNode* const type = inference_.current(element->type);
  if (!element->optional_element || type->kind == TypeKind::dyn) return element->type;
  if (type->kind != TypeKind::optional) {
    refuse(element, fmt::format("'?' takes an optional, not {}", type_text(type)));
  }
  return type->parameter(0);
}

const TypeNode* Checker::list(Node* node) {
  const TypeNode* joined = nullptr;
  for (Node* const element : node->args()) {
    check(element);
    const TypeNode* const type = element_of(element);
    joined = joined == nullptr ? type : inference_.join(joined, type);
  }
  return inference_.list_of(joined == nullptr ? inference_.fresh() : joined);
}

const TypeNode* Checker::map(Node* node) {
  const TypeNode* keys = nullptr;
  const TypeNode* values = nullptr;
  for (std::size_t i = 0; i < node->args().size(); i += 2) {
    Node* const key = node->arg(i);
    Node* const value = node->arg(i + 1);
    check(key);
    check(value);
    value->optional_element = key->optional_element;
    const TypeNode* const type = element_of(value);
    keys = keys == nullptr ? key->type : inference_.join(keys, key->type);
    values = values == nullptr ? type : inference_.join(values, type);
  }
  if (keys == nullptr) return inference_.map_of(inference_.fresh(), inference_.fresh());
  return inference_.map_of(keys, values);
}

void Checker::need_bool(const Node* node, std::string_view what) {
  if (!inference_.assignable(node->type, basic_type(TypeKind::boolean))) {
    refuse(node, fmt::format("{} takes bool, not {}", what, type_text(node->type)));
  }
}

std::string Checker::types_text(std::span<Node* const> nodes) {
  std::string text;
  for (const Node* const node : nodes) {
    if (!text.empty()) text += ", ";
    text += type_text(node->type);
  }
  return text;
}

const TypeNode* Checker::fail(Node* node, ErrorCode code, std::string message,
                              std::optional<std::string> suggestion) {
  if (environment_.checking()) {
    throw CompileError(node->begin, node->end - node->begin, std::move(message), std::move(suggestion));
  }
  node->op = Op::failure;
  node->no_args();
  node->constant = Value::error(*arena_.make<EvalError>(EvalError{.code = code,
                                                                  .message = arena_.copy(message),
                                                                  .offset = node->begin,
                                                                  .length = node->end - node->begin}));
  return dyn();
}

void Checker::refuse(const Node* node, std::string message) {
  throw CompileError(node->begin, node->end - node->begin, std::move(message));
}

}  // namespace ms::cel
