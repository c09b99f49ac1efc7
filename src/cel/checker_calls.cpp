#include <fmt/format.h>

#include "cel/checker.hpp"

namespace ms::cel {
namespace {

struct OperatorName {
  std::string_view function;  // in the function table
  std::string_view symbol;
};

OperatorName operator_name(Op op) {
  switch (op) {
    case Op::add:
      return {"_+_", "+"};
    case Op::subtract:
      return {"_-_", "-"};
    case Op::multiply:
      return {"_*_", "*"};
    case Op::divide:
      return {"_/_", "/"};
    case Op::remainder:
      return {"_%_", "%"};
    case Op::negate:
      return {"-_", "-"};
    case Op::logical_not:
      return {"!_", "!"};
    case Op::less:
      return {"_<_", "<"};
    case Op::less_equal:
      return {"_<_", "<="};
    case Op::greater:
      return {"_<_", ">"};
    case Op::greater_equal:
      return {"_<_", ">="};
    default:
      return {};
  }
}

bool is_order(Op op) {
  return op >= Op::less && op <= Op::greater_equal;
}

}  // namespace

const TypeNode* Checker::operation(Node* node) {
  for (Node* const argument : node->args()) check(argument);
  const TypeNode* const first = inference_.current(node->arg(0)->type);
  const TypeNode* const second = inference_.current(node->last()->type);
  if (first == second && node->args().size() == 2) {
    // Nearly every operator is used on two ints, doubles or strings; their types are the same node.
    const bool number = first->kind == TypeKind::integer || first->kind == TypeKind::real;
    if (is_order(node->op) && (number || first->kind == TypeKind::string))
      return basic_type(TypeKind::boolean);
    if (number && node->op != Op::remainder) return first;
    if (first->kind == TypeKind::string && node->op == Op::add) return first;
  }
  const OperatorName name = operator_name(node->op);
  const FunctionGroup& group = *environment_.function(name.function);
  const TypeNode* const result = overloads(node, group);
  if (result != nullptr) return result;
  if (node->args().size() == 1) {
    refuse(node, fmt::format("'{}' does not take {}", name.symbol, type_text(first)));
  }
  refuse(node, fmt::format("'{}' does not take {} and {}", name.symbol, type_text(first), type_text(second)));
}

const TypeNode* Checker::call(Node* node) {
  const FunctionGroup* const group = find_function(node);
  if (group == nullptr) return unknown_function(node, node->name);
  for (Node* const argument : node->args()) check(argument);
  const TypeNode* const result = overloads(node, *group);
  return result != nullptr ? result : no_overload(node, *group);
}

// "math.abs(x)" parses as a call of abs on math: when there is a function of the whole name, it is that.
const FunctionGroup* Checker::find_function(Node* node) {
  if (!node->member_call) return function_in_containers(node->name, node->from_root);
  const Node* const first = leftmost(node->arg(0));
  if (first != nullptr && (environment_.is_namespace(first->name) || !environment_.container().empty())) {
    bool is_local = false;
    for (const Local& known : locals_.all())
      is_local = is_local || (known.name == first->name && !first->from_root);
    const std::string name =
        is_local ? std::string() : fmt::format("{}.{}", dotted(node->arg(0)), node->name);
    if (const FunctionGroup* const group =
            is_local ? nullptr : function_in_containers(name, first->from_root)) {
      node->name = group->name;
      node->member_call = false;
      node->set_args(node->args().subspan(1));
      return group;
    }
    if (!is_local && environment_.is_namespace(first->name) &&
        environment_.variable(first->name) == nullptr && node->arg(0)->op == Op::identifier) {
      // A misspelled name in a namespace: suggest from the namespace, not for the receiver.
      node->name = arena_.copy(name);
      return nullptr;
    }
  }
  return environment_.function(node->name);
}

const TypeNode* Checker::overloads(Node* node, const FunctionGroup& group) {
  InlineVector<const TypeNode*, 8> arguments;
  for (const Node* const argument : node->args()) arguments.push_back(argument->type);
  InlineVector<const Overload*, 16> candidates;
  const TypeNode* result = nullptr;
  for (const Overload* const overload : group.overloads) {
    if (overload->member != node->member_call || !overload->takes_count(arguments.size())) continue;
    if (!environment_.checking()) {
      candidates.push_back(overload);
      result = dyn();
      continue;
    }
    const TypeNode* const found = match(*overload, arguments.all());
    if (found == nullptr) continue;
    candidates.push_back(overload);
    if (result == nullptr) {
      result = found;
    } else if (result->kind != TypeKind::dyn && !same(*result, *found)) {
      result = dyn();
    }
  }
  const std::span<const Overload* const> kept = arena_.copy(candidates.all());
  node->candidates = {kept.data(), kept.size()};
  return result;
}

// The result of a call of this overload; nullptr where the arguments do not fit.
const TypeNode* Checker::match(const Overload& overload, std::span<const TypeNode* const> arguments) {
  const std::size_t mark = inference_.mark();
  InlineVector<const TypeNode*, 4> letters;
  for (std::uint32_t i = 0; i < overload.type_parameters; ++i) letters.push_back(inference_.fresh());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const TypeNode* parameter = overload.parameters[std::min(i, overload.parameters.size() - 1)];
    if (overload.type_parameters > 0) parameter = inference_.instantiate(parameter, letters.all());
    if (!inference_.assignable(arguments[i], parameter)) {
      inference_.undo(mark);
      return nullptr;
    }
  }
  if (overload.type_parameters == 0) return overload.result;
  return inference_.resolve(inference_.instantiate(overload.result, letters.all()), false);
}

const TypeNode* Checker::no_overload(Node* node, const FunctionGroup& group) {
  std::string known;
  std::size_t listed = 0;
  for (const Overload* const overload : group.overloads) {
    if (++listed > 4) {
      known += ", ...";
      break;
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", overload->signature);
  }
  return fail(
      node, ErrorCode::no_such_overload,
      fmt::format("{}() does not take ({}); there is {}", node->name, types_text(node->args()), known));
}

const TypeNode* Checker::unknown_function(Node* node, std::string_view name) {
  std::optional<std::string> closest;
  if (environment_.checking()) closest = environment_.closest_function(name);
  return fail(node, ErrorCode::undeclared, fmt::format("unknown function '{}'", name), closest);
}

void Checker::enter(Node* owner, std::string_view name, const TypeNode* type) {
  const std::uint32_t slot = locals_.empty() ? 0 : locals_.back().slot + 1;
  locals_.push_back({name, type, slot, owner});
  slots_ = std::max(slots_, slot + 1);
}

void Checker::leave(std::size_t count) {
  locals_.shrink(locals_.size() - count);
}

void Checker::range_types(Node* node, const TypeNode*& key, const TypeNode*& element) {
  const TypeNode* const range = inference_.current(node->arg(0)->type);
  key = dyn();
  element = dyn();
  switch (range->kind) {
    case TypeKind::dyn:
      return;
    case TypeKind::parameter:
      inference_.assignable(dyn(), range);
      return;
    case TypeKind::list:
      key = basic_type(TypeKind::integer);
      if (!range->parameters.empty()) element = range->parameter(0);
      return;
    case TypeKind::map:
      if (!range->parameters.empty()) {
        key = range->parameter(0);
        element = range->parameter(1);
      }
      return;
    case TypeKind::object:
      key = basic_type(TypeKind::string);
      return;
    default:
      refuse(node->arg(0),
             fmt::format("{}() goes over a list or a map, not over {}", node->name, type_text(range)));
  }
}

const TypeNode* Checker::comprehension(Node* node) {
  check(node->arg(0));
  if (++comprehension_depth_ > environment_.limits.comprehension_nesting) {
    refuse(node, fmt::format("more than {} comprehensions inside each other (limit comprehension_nesting)",
                             environment_.limits.comprehension_nesting));
  }
  const TypeNode* key = nullptr;
  const TypeNode* element = nullptr;
  range_types(node, key, element);
  const TypeNode* const range = inference_.current(node->arg(0)->type);
  const bool two = !node->binder->second.empty();
  // With one variable, it is an element of a list but a key of a map.
  const bool by_key = range->kind == TypeKind::map || range->kind == TypeKind::object;
  const TypeNode* const only = by_key ? key : element;
  node->binder->slot = locals_.empty() ? 0 : locals_.back().slot + 1;
  enter(node, node->binder->first, two ? key : only);
  if (two) enter(node, node->binder->second, element);
  for (Node* const part : node->args().subspan(1)) check(part);
  leave(two ? 2 : 1);
  --comprehension_depth_;
  if (node->args().size() == 3) need_bool(node->arg(1), "a filter");
  return comprehension_result(node, two ? key : only, only, node->last()->type);
}

const TypeNode* Checker::comprehension_result(Node* node, const TypeNode* key, const TypeNode* element,
                                              const TypeNode* body) {
  switch (node->op) {
    case Op::filter:
      need_bool(node->last(), "filter()");
      return inference_.list_of(element);
    case Op::map_list:
    case Op::transform_list:
      return inference_.list_of(body);
    case Op::transform_map:
      return inference_.map_of(key, body);
    case Op::transform_map_entry: {
      const TypeNode* const type = inference_.current(body);
      if (type->kind != TypeKind::map && !is_dyn(type)) {
        refuse(node->last(), fmt::format("transformMapEntry() takes a map, not {}", type_text(body)));
      }
      return type->kind == TypeKind::map ? body : inference_.map_of(dyn(), dyn());
    }
    case Op::sort_by: {
      const TypeNode* const type = inference_.current(node->arg(0)->type);
      if (type->kind == TypeKind::map) refuse(node->arg(0), "sortBy() sorts a list, not a map");
      return inference_.list_of(element);
    }
    default:
      need_bool(node->last(), fmt::format("{}()", node->name));
      return basic_type(TypeKind::boolean);
  }
}

const TypeNode* Checker::bind(Node* node) {
  const TypeNode* const value = check(node->arg(0));
  node->binder->slot = locals_.empty() ? 0 : locals_.back().slot + 1;
  enter(node, node->binder->first, value);
  const TypeNode* const result = check(node->arg(1));
  leave(1);
  return result;
}

const TypeNode* Checker::block(Node* node) {
  const std::size_t slots = node->args().size() - 1;
  node->binder->slot = locals_.empty() ? 0 : locals_.back().slot + 1;
  for (std::size_t i = 0; i < slots; ++i) {
    const TypeNode* const type = check(node->arg(i));
    enter(node, arena_.copy(fmt::format("@index:{}", i)), type);
  }
  const TypeNode* const result = check(node->last());
  leave(slots);
  return result;
}

const TypeNode* Checker::optional_map(Node* node) {
  const TypeNode* const operand = inference_.current(check(node->arg(0)));
  if (operand->kind != TypeKind::optional && !is_dyn(operand)) {
    refuse(node->arg(0), fmt::format("{}() takes an optional, not {}", node->name, type_text(operand)));
  }
  node->binder->slot = locals_.empty() ? 0 : locals_.back().slot + 1;
  enter(node, node->binder->first, operand->kind == TypeKind::optional ? operand->parameter(0) : dyn());
  const TypeNode* const body = inference_.current(check(node->arg(1)));
  leave(1);
  if (node->op == Op::optional_map) return inference_.optional_of(body);
  if (body->kind != TypeKind::optional && !is_dyn(body)) {
    refuse(node->arg(1), fmt::format("optFlatMap() takes an optional, not {}", type_text(body)));
  }
  return body;
}

}  // namespace ms::cel
