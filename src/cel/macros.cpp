#include <fmt/format.h>

#include <array>

#include "cel/parser_state.hpp"

namespace ms::cel {
namespace {

struct MacroForm {
  std::string_view name;
  std::size_t arguments;  // including the variables
  std::size_t variables;
  Op op;
};

// One row per form. What matches no row is an ordinary call.
constexpr std::array kMemberMacros = {
    MacroForm{"all", 2, 1, Op::all},
    MacroForm{"all", 3, 2, Op::all},
    MacroForm{"exists", 2, 1, Op::exists},
    MacroForm{"exists", 3, 2, Op::exists},
    MacroForm{"exists_one", 2, 1, Op::exists_one},
    MacroForm{"exists_one", 3, 2, Op::exists_one},
    MacroForm{"existsOne", 2, 1, Op::exists_one},
    MacroForm{"existsOne", 3, 2, Op::exists_one},
    MacroForm{"filter", 2, 1, Op::filter},
    MacroForm{"map", 2, 1, Op::map_list},
    MacroForm{"map", 3, 1, Op::map_list},
    MacroForm{"transformList", 3, 2, Op::transform_list},
    MacroForm{"transformList", 4, 2, Op::transform_list},
    MacroForm{"transformMap", 3, 2, Op::transform_map},
    MacroForm{"transformMap", 4, 2, Op::transform_map},
    MacroForm{"transformMapEntry", 3, 2, Op::transform_map_entry},
    MacroForm{"transformMapEntry", 4, 2, Op::transform_map_entry},
    MacroForm{"sortBy", 2, 1, Op::sort_by},
    MacroForm{"optMap", 2, 1, Op::optional_map},
    MacroForm{"optFlatMap", 2, 1, Op::optional_flat_map},
};

const MacroForm* find_macro(std::string_view name, std::size_t arguments) {
  for (const MacroForm& form : kMemberMacros) {
    if (form.arguments == arguments && form.name == name) return &form;
  }
  return nullptr;
}

}  // namespace

std::string_view Parser::variable_name(const Node& node, std::string_view macro) {
  if (node.op != Op::identifier || node.from_root) {
    fail(node, fmt::format("{}() takes the name of a variable here", macro));
  }
  return node.name;
}

Node* Parser::member_macro(Node* operand, std::string_view name, std::size_t first_argument) {
  const std::span<Node* const> args = pending_.from(first_argument);
  if (operand->op == Op::identifier && operand->name == "cel" && !operand->from_root) {
    if (Node* const result = cel_macro(name, first_argument, operand->begin)) return result;
  }
  const MacroForm* const form = find_macro(name, args.size());
  if (form == nullptr) return nullptr;

  InlineVector<Node*, 4> parts;
  parts.push_back(operand);
  for (Node* const argument : args.subspan(form->variables)) parts.push_back(argument);
  Binder* const binder = arena_.make<Binder>();
  binder->first = variable_name(*args[0], name);
  if (form->variables == 2) {
    binder->second = variable_name(*args[1], name);
    if (binder->first == binder->second) fail(*args[1], fmt::format("{}() takes two different names", name));
  }
  Node* const node = make(form->op, operand->begin, last_end_, parts.all());
  node->name = name;
  node->binder = binder;
  return node;
}

Node* Parser::global_macro(std::string_view name, std::size_t first_argument, std::uint32_t begin) {
  return name == "has" ? has_macro(first_argument, begin) : nullptr;
}

Node* Parser::has_macro(std::size_t first_argument, std::uint32_t begin) {
  const std::span<Node* const> args = pending_.from(first_argument);
  if (args.size() != 1) return nullptr;
  Node* const selection = args[0];
  if (selection->op != Op::select) fail(*selection, "has() takes a selection: has(a.b)");
  Node* const node = make(Op::has, begin, last_end_, selection->args());
  node->name = selection->name;
  return node;
}

Node* Parser::cel_macro(std::string_view name, std::size_t first_argument, std::uint32_t begin) {
  const std::span<Node* const> args = pending_.from(first_argument);
  if (name == "bind" && args.size() == 3) {
    Binder* const binder = arena_.make<Binder>();
    binder->first = variable_name(*args[0], "cel.bind");
    Node* const node = make(Op::bind, begin, last_end_, args.subspan(1));
    node->binder = binder;
    return node;
  }
  return options_.block_macros ? block_macro(name, first_argument, begin) : nullptr;
}

Node* Parser::block_macro(std::string_view name, std::size_t first_argument, std::uint32_t begin) {
  const std::span<Node* const> args = pending_.from(first_argument);
  if (name == "block" && args.size() == 2 && args[0]->op == Op::list) {
    InlineVector<Node*, 16> parts;
    for (Node* const slot : args[0]->args()) parts.push_back(slot);
    parts.push_back(args[1]);
    Node* const node = make(Op::block, begin, last_end_, parts.all());
    node->binder = arena_.make<Binder>();
    return node;
  }
  std::string variable;
  for (const Node* const argument : args) {
    if (argument->op != Op::constant || !argument->constant.is(Kind::integer)) return nullptr;
    variable += fmt::format(":{}", argument->constant.as_int());
  }
  if (name == "index" && args.size() == 1) {
    variable = "@index" + variable;
  } else if (name == "iterVar" && args.size() == 2) {
    variable = "@it" + variable;
  } else if (name == "accuVar" && args.size() == 2) {
    variable = "@ac" + variable;
  } else {
    return nullptr;
  }
  Node* const node = leaf(Op::identifier, begin, last_end_);
  node->name = arena_.copy(variable);
  return node;
}

}  // namespace ms::cel
