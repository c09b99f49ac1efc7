#include <fmt/format.h>

#include "cel/evaluator.hpp"
#include "cel/operators.hpp"

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

Value Evaluator::global(const Node& node) {
  const Activation::Binding* const binding =
      activation_ == nullptr ? nullptr : activation_->find(node.name, node.hash);
  if (binding == nullptr) {
    if (activation_ != nullptr && activation_->missing_is_unknown()) return not_recorded(node.name);
    return placed(context_.error(ErrorCode::undeclared, fmt::format("'{}' has no value", node.name)), node);
  }
  if (binding->value.is_marker()) return unknown(binding->path, absent_fact(*binding->value.json()));
  return widened(binding->value, node);
}

Value Evaluator::path(const Node& node) {
  const Activation::Binding* const binding = activation_->find(node.name, node.hash);
  if (binding == nullptr) {
    std::string whole(node.name);
    for (const std::string_view field : node.fields) whole += fmt::format(".{}", field);
    if (activation_->missing_is_unknown()) return not_recorded(whole);
    return placed(context_.error(ErrorCode::undeclared, fmt::format("'{}' has no value", node.name)), node);
  }
  const Json* json = binding->value.json();
  if (json == nullptr) {
    // Not a document: a value that was bound by itself.
    Value value = binding->value;
    for (std::size_t i = 0; i < node.fields.size() && !value.is_failure(); ++i) {
      if (value.is(Kind::optional)) {
        if (value.as_optional() == nullptr) return value;
        const std::optional<Value> found =
            value.as_optional()->is(Kind::map) ? value.as_optional()->find(node.fields[i]) : std::nullopt;
        value = found ? context_.optional(*found) : Value::optional_none();
      } else if (!value.is(Kind::map) || !value.find(node.fields[i])) {
        return missing_field(node, value, i, binding->path);
      } else {
        value = *value.find(node.fields[i]);
      }
    }
    return value.is_marker() ? locate_anywhere(node, value) : widened(value, node);
  }
  std::size_t i = 0;
  for (; i < node.fields.size(); ++i) {
    const auto* const object = json->get_ptr<const Json::object_t*>();
    if (object == nullptr) return missing_field(node, Value::of_json(*json), i, binding->path);
    const auto found = object->find(node.fields[i]);
    if (found == object->end()) {
      if (is_absent_marker(*json)) break;
      return missing_field(node, Value::of_json(*json), i, binding->path);
    }
    json = &found->second;
  }
  const Value value = Value::of_json(*json);
  if (!value.is_marker()) return widened(value, node);
  std::string place(binding->path);
  for (const std::string_view field : node.fields.first(i)) place += fmt::format(".{}", field);
  return unknown(place, absent_fact(*json));
}

Value Evaluator::missing_field(const Node& node, const Value& container, std::size_t field,
                               std::string_view root_path) {
  if (container.is(Kind::map) && field < node.declared_fields) {
    std::string place(root_path);
    for (const std::string_view name : node.fields) place += fmt::format(".{}", name);
    return not_recorded(place);
  }
  return placed(member(container, node.fields[field], context_), node);
}

Value Evaluator::select(const Node& node) {
  const Value container = evaluate(*node.args[0]);
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
  Value container = evaluate(*node.args[0]);
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
  Value container = evaluate(*node.args[0]);
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
  const Value container = evaluate(*node.args[0]);
  const Value key = evaluate(*node.args[1]);
  if (container.is_failure() || key.is_failure()) return failed(container, key);
  if (container.is(Kind::optional)) return optional_index(node);
  const Value result = element(container, key, context_);
  if (!result.is_failure()) return widened(result, node);
  return result.is_marker() ? locate(node, result) : placed(result, node);
}

Value Evaluator::optional_index(const Node& node) {
  Value container = evaluate(*node.args[0]);
  const Value key = evaluate(*node.args[1]);
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
  const auto root = [&] {
    const Activation::Binding* const binding = activation_->find(node.name, node.hash);
    return std::string(binding == nullptr ? node.name : binding->path);
  };
  switch (node.op) {
    case Op::global: return root();
    case Op::path: {
      std::string text = root();
      for (const std::string_view field : node.fields) text += fmt::format(".{}", field);
      return text;
    }
    case Op::select:
    case Op::optional_select:
    case Op::has: return fmt::format("{}.{}", path_of(*node.args[0], direct), node.name);
    case Op::index:
    case Op::optional_index: return path_of(*node.args[0], direct) + key_text(evaluate(*node.args[1]));
    case Op::local: {
      if (node.owner->op == Op::block) break;
      const std::string range = path_of(*node.owner->args[0], direct);
      if (node.owner->op < Op::all || node.owner->op > Op::sort_by) return range;
      return fmt::format("{}[{}]", range, slots_[node.slot].index);
    }
    default: break;
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
