#include <fmt/format.h>

#include "cel/evaluator.hpp"

namespace ms::cel {
namespace {

// Looks for `target` in a document by its address and writes the way to it.
bool find_place(const Json& json, const Json* target, std::string& path, int depth) {
  constexpr int kDeepest = 100;
  if (&json == target) return true;
  if (depth > kDeepest) return false;
  const std::size_t length = path.size();
  if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      path += fmt::format("[{}]", i);
      if (find_place(json[i], target, path, depth + 1)) return true;
      path.resize(length);
    }
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) {
      path += fmt::format(".{}", key);
      if (find_place(value, target, path, depth + 1)) return true;
      path.resize(length);
    }
  }
  return false;
}

// What the names lead to; nullptr where one of them is missing.
const Json* find_in(const Json* json, std::span<const FieldKey> names) {
  for (const FieldKey& name : names) {
    const auto* const object = json == nullptr ? nullptr : json->get_ptr<const Json::object_t*>();
    if (object == nullptr) return nullptr;
    const auto found = object->find(name);
    if (found == object->end()) return nullptr;
    json = &found->second;
  }
  return json;
}

std::string key_text(const Value& key) {
  return key.is(Kind::string) ? fmt::format("['{}']", key.as_string()) : fmt::format("[{}]", to_text(key));
}

}  // namespace

Value Evaluator::unknown(std::string_view fact_path, const UnknownFact& fact) {
  UnknownFact* const located = context_.arena.make<UnknownFact>(fact);
  located->path = context_.arena.copy(fact_path);
  return Value::unknown({located, 1});
}

Value Evaluator::not_recorded(std::string_view fact_path) {
  return unknown(fact_path, {.path = {}, .reason = "it is not among the facts", .source = {}});
}

Value Evaluator::local(const Node& node) {
  const Value& value = slots_[node.local.slot].value;
  return value.is_marker() ? locate(node, value) : widened(value, node);
}

Value Evaluator::global(const Node& node) {
  const Activation::Binding* const binding =
      activation_ == nullptr ? nullptr : activation_->find(node.name, node.hash);
  if (binding == nullptr) return unbound(node);
  if (binding->value.is_marker()) return unknown(binding->path, absent_fact(*binding->value.json()));
  return widened(binding->value, node);
}

Value Evaluator::path(const Node& node) {
  const Json* const fact = node.from_local
                               ? find_in(slots_[node.arg(0)->local.slot].value.json(), node.path->fields())
                               : activation_->fact(*node.path);
  if (fact == nullptr || is_absent_marker(*fact)) return walk(node);
  return widened(Value::of_json(*fact), node);
}

// One name after the other, and so that what is missing can be named.
Value Evaluator::walk(const Node& node) {
  const PathData& path = *node.path;
  Value root;
  if (node.from_local) {
    root = slots_[node.arg(0)->local.slot].value;
    if (root.is_failure()) return root.is_marker() ? locate(*node.arg(0), root) : root;
  } else if (const Activation::Binding* const binding = activation_->find(path.root(), path.root_hash)) {
    root = binding->value;
  } else {
    return unbound(node);
  }
  const Json* json = root.json();
  if (json == nullptr) return path_of_value(node, root);
  const std::span<const FieldKey> fields = path.fields();
  std::size_t i = 0;
  for (; i < fields.size(); ++i) {
    const auto* const object = json->get_ptr<const Json::object_t*>();
    if (object == nullptr) return missing_field(node, Value::of_json(*json), i);
    const auto found = object->find(fields[i]);
    if (found == object->end()) {
      if (is_absent_marker(*json)) break;
      return missing_field(node, Value::of_json(*json), i);
    }
    json = &found->second;
  }
  const Value value = Value::of_json(*json);
  if (!value.is_marker()) return widened(value, node);
  bool direct = true;
  if (node.from_local) path_of(*node.arg(0), direct);
  return direct ? unknown(place_of(node, i), absent_fact(*json)) : locate_anywhere(node, value);
}

// A path from a value that is no part of a document: one that was bound by itself, or made by the expression.
Value Evaluator::path_of_value(const Node& node, Value value) {
  const std::span<const FieldKey> fields = node.path->fields();
  for (std::size_t i = 0; i < fields.size() && !value.is_failure(); ++i) {
    const bool in_optional = value.is(Kind::optional);
    if (in_optional && value.as_optional() == nullptr) return value;
    const Value& container = in_optional ? *value.as_optional() : value;
    const std::optional<Value> found =
        container.is(Kind::map) ? container.find(fields[i].text) : std::nullopt;
    if (!found && !(in_optional && container.is(Kind::map))) return missing_field(node, container, i);
    if (found && found->is_marker()) return locate_anywhere(node, *found);
    value = !in_optional ? *found : found ? context_.optional(*found) : Value::optional_none();
  }
  return value.is_marker() ? locate_anywhere(node, value) : widened(value, node);
}

// The root of a path and so many of its fields, as a person writes it.
std::string Evaluator::place_of(const Node& node, std::size_t fields) {
  bool direct = true;
  std::string place;
  if (node.from_local) {
    place = path_of(*node.arg(0), direct);
  } else {
    const Activation::Binding* const binding = activation_->find(node.name, node.path->root_hash);
    place = binding == nullptr ? node.name : binding->path;
  }
  for (const FieldKey& field : node.path->fields().first(fields)) place += fmt::format(".{}", field.text);
  return place;
}

Value Evaluator::unbound(const Node& node) {
  if (activation_ != nullptr && activation_->missing_is_unknown()) {
    return not_recorded(node.op == Op::path ? place_of(node, node.path->fields().size())
                                            : std::string(node.name));
  }
  return placed(context_.error(ErrorCode::undeclared, fmt::format("'{}' has no value", node.name)), node);
}

Value Evaluator::missing_field(const Node& node, const Value& container, std::size_t field) {
  if (container.is(Kind::map) && field < node.path->declared) {
    return not_recorded(place_of(node, node.path->fields().size()));
  }
  return placed(member(container, node.path->fields()[field].text, context_), node);
}

Value Evaluator::select(const Node& node) {
  const Value container = evaluate(*node.arg(0));
  if (container.is_failure()) return container;
  if (container.is(Kind::optional)) {
    if (container.as_optional() == nullptr) return container;
    const std::optional<Value> found =
        container.as_optional()->is(Kind::map) ? container.as_optional()->find(node.name) : std::nullopt;
    if (found && found->is_marker()) return locate(node, *found);
    if (!found && !container.as_optional()->is(Kind::map)) {
      return placed(member(*container.as_optional(), node.name, context_), node);
    }
    return found ? context_.optional(*found) : Value::optional_none();
  }
  if (container.is(Kind::map)) {
    if (const std::optional<Value> found = container.find(node.name)) {
      return found->is_marker() ? locate(node, *found) : widened(*found, node);
    }
    if (node.declared) {
      bool direct = true;
      return not_recorded(path_of(node, direct));
    }
  }
  return placed(member(container, node.name, context_), node);
}

Value Evaluator::has(const Node& node) {
  if (node.path != nullptr) {
    const Json* const fact = activation_->fact(*node.path);
    if (fact != nullptr && !is_absent_marker(*fact)) return Value::boolean(true);
  }
  Value container = evaluate(*node.arg(0));
  if (container.is_failure()) return container;
  if (container.is(Kind::optional)) {
    if (container.as_optional() == nullptr) return Value::boolean(false);
    container = *container.as_optional();
  }
  if (!container.is(Kind::map)) return placed(member(container, node.name, context_), node);
  const std::optional<Value> found = container.find(node.name);
  if (found && found->is_marker()) return locate(node, *found);
  return Value::boolean(found.has_value());
}

Value Evaluator::optional_select(const Node& node) {
  Value container = evaluate(*node.arg(0));
  if (container.is_failure()) return container;
  if (container.is(Kind::optional)) {
    if (container.as_optional() == nullptr) return container;
    container = *container.as_optional();
  }
  if (!container.is(Kind::map)) return placed(member(container, node.name, context_), node);
  const std::optional<Value> found = container.find(node.name);
  if (!found) return Value::optional_none();
  return found->is_marker() ? locate(node, *found) : context_.optional(*found);
}

Value Evaluator::index(const Node& node) {
  const Value container = evaluate(*node.arg(0));
  const Value key = evaluate(*node.arg(1));
  if (container.is_failure() || key.is_failure()) return failed(container, key);
  if (container.is(Kind::optional)) return optional_index(node);
  const Value result = element(container, key, context_);
  if (!result.is_failure()) return widened(result, node);
  return result.is_marker() ? locate(node, result) : placed(result, node);
}

Value Evaluator::optional_index(const Node& node) {
  Value container = evaluate(*node.arg(0));
  const Value key = evaluate(*node.arg(1));
  if (container.is_failure() || key.is_failure()) return failed(container, key);
  if (container.is(Kind::optional)) {
    if (container.as_optional() == nullptr) return container;
    container = *container.as_optional();
  }
  const Value result = element(container, key, context_);
  if (result.is(Kind::error)) {
    return result.error().code == ErrorCode::no_such_key ? Value::optional_none() : placed(result, node);
  }
  return result.is_marker() ? locate(node, result) : context_.optional(result);
}

// The way to what a node reads, as a person writes it. `direct` becomes false where it leads through a
// computation, so that the indices are not those of the document.
std::string Evaluator::path_of(const Node& node, bool& direct) {
  switch (node.op) {
    case Op::global: {
      const Activation::Binding* const binding = activation_->find(node.name, node.hash);
      return std::string(binding == nullptr ? node.name : binding->path);
    }
    case Op::path:
      if (node.from_local) path_of(*node.arg(0), direct);
      return place_of(node, node.path->fields().size());
    case Op::select:
    case Op::optional_select:
    case Op::has:
      return fmt::format("{}.{}", path_of(*node.arg(0), direct), node.name);
    case Op::index:
    case Op::optional_index:
      return path_of(*node.arg(0), direct) + key_text(evaluate(*node.arg(1)));
    case Op::local: {
      const Node& owner = *node.local.node;
      if (owner.op == Op::block) break;
      const std::string range = path_of(*owner.arg(0), direct);
      if (owner.op < Op::all || owner.op > Op::sort_by) return range;
      return fmt::format("{}[{}]", range, slots_[node.local.slot].index);
    }
    default:
      break;
  }
  direct = false;
  return std::string(source_.substr(node.begin, node.end - node.begin));
}

Value Evaluator::locate(const Node& node, const Value& marker) {
  Explanation* const trace = std::exchange(trace_, nullptr);  // keys are evaluated a second time
  bool direct = true;
  const std::string place = path_of(node, direct);
  trace_ = trace;
  return direct ? unknown(place, absent_fact(*marker.json())) : locate_anywhere(node, marker);
}

Value Evaluator::locate_anywhere(const Node& node, const Value& marker) {
  std::string place;
  bool found = false;
  if (activation_ != nullptr) {
    activation_->for_each([&](const Activation::Binding& binding) {
      if (found || binding.value.json() == nullptr) return;
      place = binding.path;
      found = find_place(*binding.value.json(), marker.json(), place, 0);
    });
  }
  if (!found) place = source_.substr(node.begin, node.end - node.begin);
  return unknown(place, absent_fact(*marker.json()));
}

}  // namespace ms::cel
