#include "cel/inference.hpp"

namespace ms::cel {
namespace {

bool is_parameter(const TypeNode* type) {
  return type->kind == TypeKind::parameter;
}

// Where null may stand: these are what JSON and the well-known types leave out with a null.
bool accepts_null(const TypeNode* type) {
  switch (type->kind) {
    case TypeKind::null:
    case TypeKind::dyn:
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::object:
    case TypeKind::opaque:
    case TypeKind::optional:
      return true;
    default:
      return false;
  }
}

bool at_most_as_specific(const TypeNode* a, const TypeNode* b) {
  if (a->kind == TypeKind::dyn || is_parameter(a)) return true;
  if (b->kind == TypeKind::dyn || is_parameter(b)) return false;
  if (a->kind != b->kind || a->name != b->name || a->parameters.size() != b->parameters.size()) return false;
  for (std::size_t i = 0; i < a->parameters.size(); ++i) {
    if (!at_most_as_specific(a->parameters[i], b->parameters[i])) return false;
  }
  return true;
}

// Null is the more specific of the two, wherever it may stand for the other.
const TypeNode* more_general(const TypeNode* a, const TypeNode* b) {
  if (a->kind == TypeKind::null && b->kind != TypeKind::parameter) return b;
  if (b->kind == TypeKind::null && a->kind != TypeKind::parameter) return a;
  return at_most_as_specific(a, b) ? a : b;
}

}  // namespace

const TypeNode* Inference::fresh() {
  bindings_.push_back(nullptr);
  return arena_.make<TypeNode>(
      TypeNode{.kind = TypeKind::parameter, .variable = static_cast<std::uint32_t>(bindings_.size())});
}

const TypeNode* Inference::current(const TypeNode* type) const {
  while (is_parameter(type) && type->variable > 0 && bindings_[type->variable - 1] != nullptr) {
    type = bindings_[type->variable - 1];
  }
  return type;
}

void Inference::set(const TypeNode* variable, const TypeNode* type) {
  trail_.push_back({variable->variable, bindings_[variable->variable - 1]});
  bindings_[variable->variable - 1] = type;
}

void Inference::undo(std::size_t mark) {
  while (trail_.size() > mark) {
    bindings_[trail_.back().variable - 1] = trail_.back().before;
    trail_.shrink(trail_.size() - 1);
  }
}

bool Inference::occurs(const TypeNode* variable, const TypeNode* type) const {
  if (is_parameter(type)) {
    if (type->variable == variable->variable) return true;
    const TypeNode* const bound = bindings_[type->variable - 1];
    return bound != nullptr && occurs(variable, bound);
  }
  for (const TypeNode* const part : type->parameters) {
    if (occurs(variable, part)) return true;
  }
  return false;
}

// Whether `type` may be what `variable` stands for.
bool Inference::bind(const TypeNode* type, const TypeNode* variable, bool& was_bound) {
  was_bound = true;
  if (is_parameter(type) && type->variable == variable->variable) return true;
  const TypeNode* const bound = bindings_[variable->variable - 1];
  if (bound != nullptr) {
    if (same(*type, *bound)) return true;
    if (!assignable(type, bound)) return false;
    const TypeNode* const general = more_general(type, bound);
    if (!occurs(variable, general)) set(variable, general);
    return true;
  }
  was_bound = false;
  if (occurs(variable, type)) return false;
  set(variable, type);
  return true;
}

bool Inference::assignable(const TypeNode* from, const TypeNode* to) {
  if (from == to) return true;
  bool was_bound = false;
  if (is_parameter(to)) {
    if (bind(from, to, was_bound)) return true;
    if (was_bound) return false;
  }
  if (is_parameter(from)) return bind(to, from, was_bound);
  if (from->kind == TypeKind::dyn || to->kind == TypeKind::dyn) return true;
  if (from->kind == TypeKind::null) return accepts_null(to);
  if (to->kind == TypeKind::null) return accepts_null(from);
  if (from->kind == TypeKind::type && to->kind == TypeKind::type) return true;
  // A declared record is a map with names as keys; a plain map is not the record.
  if (from->kind == TypeKind::object && to->kind == TypeKind::map) {
    if (!assignable(basic_type(TypeKind::string), to->parameters[0])) return false;
    for (const ObjectField& field : from->fields) {
      if (!assignable(field.type, to->parameters[1])) {
        if (!is_parameter(to->parameters[1])) return false;
        set(to->parameters[1], basic_type(TypeKind::dyn));
      }
    }
    return true;
  }
  if (from->kind != to->kind || from->name != to->name) return false;
  if (from->kind == TypeKind::object) return true;
  if (from->parameters.size() != to->parameters.size())
    return from->parameters.empty() || to->parameters.empty();
  for (std::size_t i = 0; i < from->parameters.size(); ++i) {
    if (!assignable(from->parameters[i], to->parameters[i])) return false;
  }
  return true;
}

template <class Replace>
const TypeNode* Inference::rebuild(const TypeNode* type, Replace replace) {
  if (is_parameter(type)) return replace(type);
  if (type->parameters.empty()) return type;
  InlineVector<const TypeNode*, 4> parts;
  bool changed = false;
  for (const TypeNode* const part : type->parameters) {
    parts.push_back(rebuild(part, replace));
    changed = changed || parts.back() != part;
  }
  if (!changed) return type;
  return arena_.make<TypeNode>(
      TypeNode{.kind = type->kind, .parameters = arena_.copy(parts.all()), .name = type->name});
}

const TypeNode* Inference::resolve(const TypeNode* type, bool settle) {
  return rebuild(type, [&](const TypeNode* parameter) -> const TypeNode* {
    const TypeNode* const found = current(parameter);
    if (is_parameter(found)) return settle ? basic_type(TypeKind::dyn) : found;
    return resolve(found, settle);
  });
}

const TypeNode* Inference::instantiate(const TypeNode* type, std::span<const TypeNode* const> fresh_types) {
  return rebuild(type, [&](const TypeNode* parameter) { return fresh_types[parameter->variable]; });
}

const TypeNode* Inference::join(const TypeNode* a, const TypeNode* b) {
  const std::size_t before = mark();
  if (assignable(a, b)) return more_general(a, b);
  undo(before);
  return basic_type(TypeKind::dyn);
}

const TypeNode* Inference::list_of(const TypeNode* element) {
  const TypeNode* const parts[] = {element};
  return arena_.make<TypeNode>(
      TypeNode{.kind = TypeKind::list, .parameters = arena_.copy(std::span<const TypeNode* const>(parts))});
}

const TypeNode* Inference::map_of(const TypeNode* key, const TypeNode* value) {
  const TypeNode* const parts[] = {key, value};
  return arena_.make<TypeNode>(
      TypeNode{.kind = TypeKind::map, .parameters = arena_.copy(std::span<const TypeNode* const>(parts))});
}

const TypeNode* Inference::optional_of(const TypeNode* value) {
  const TypeNode* const parts[] = {value};
  return arena_.make<TypeNode>(TypeNode{.kind = TypeKind::optional,
                                        .parameters = arena_.copy(std::span<const TypeNode* const>(parts))});
}

const TypeNode* Inference::type_of(const TypeNode* type) {
  const TypeNode* const parts[] = {type};
  return arena_.make<TypeNode>(
      TypeNode{.kind = TypeKind::type, .parameters = arena_.copy(std::span<const TypeNode* const>(parts))});
}

}  // namespace ms::cel
