#include "cel/evaluator.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "cel/function.hpp"

namespace ms::cel {
namespace {

// Comparisons with NaN are false, in C++ as in the language.
template <class Number>
Value order_of(Op op, Number a, Number b) {
  switch (op) {
    case Op::less:
      return Value::boolean(a < b);
    case Op::less_equal:
      return Value::boolean(a <= b);
    case Op::greater:
      return Value::boolean(a > b);
    default:
      return Value::boolean(a >= b);
  }
}

}  // namespace

Value Evaluator::dispatch(const Node& node) {
  switch (node.op) {
    case Op::constant:
    case Op::failure:
      return node.constant;
    case Op::identifier:
    case Op::message:
      break;
    case Op::global:
      return global(node);
    case Op::local:
      return local(node);
    case Op::path:
      return path(node);
    case Op::select:
      return select(node);
    case Op::optional_select:
      return optional_select(node);
    case Op::has:
      return has(node);
    case Op::index:
      return index(node);
    case Op::optional_index:
      return optional_index(node);
    case Op::list:
      return list(node);
    case Op::map:
      return map(node);
    case Op::call:
      return call(node);
    case Op::logical_and:
      return logical_and(node);
    case Op::logical_or:
      return logical_or(node);
    case Op::logical_not:
      return logical_not(node);
    case Op::negate:
      return negated(node);
    case Op::conditional:
      return conditional(node);
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::remainder:
      return arithmetic(node);
    case Op::equal:
    case Op::not_equal:
      return equality(node);
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return relation(node);
    case Op::in:
      return membership(node);
    case Op::all:
    case Op::exists:
    case Op::exists_one:
    case Op::filter:
    case Op::map_list:
    case Op::transform_list:
    case Op::transform_map:
    case Op::transform_map_entry:
    case Op::sort_by:
      return fold(node);
    case Op::bind:
      return bind(node);
    case Op::optional_map:
    case Op::optional_flat_map:
      return optional_map(node);
    case Op::block:
      return block(node);
    case Op::matches:
      return matches(node);
  }
  return not_evaluable(node);
}

Value Evaluator::not_evaluable(const Node& node) {
  return no_overload(node, "this cannot be evaluated");
}

Value Evaluator::traced(const Node& node) {
  constexpr std::size_t kMostParts = 10'000;
  if (++traced_parts_ > kMostParts) return dispatch(node);
  Explanation* const parent = trace_;
  Explanation part{.source = source_.substr(node.begin, node.end - node.begin),
                   .offset = node.begin,
                   .value = {},
                   .parts = {}};
  trace_ = &part;
  part.value = dispatch(node);
  trace_ = parent;
  parent->parts.push_back(std::move(part));
  return parent->parts.back().value;
}

Value Evaluator::explain(const Node& node, Explanation& into) {
  Explanation above;
  trace_ = &above;
  const Value value = evaluate(node);
  trace_ = nullptr;
  if (above.parts.empty()) {
    into = {.source = source_, .offset = 0, .value = value, .parts = {}};
  } else {
    into = std::move(above.parts.front());
  }
  return value;
}

Value Evaluator::placed(Value value, const Node& node) {
  if (!value.is(Kind::error) || value.error().length != 0) return value;
  EvalError error = value.error();
  error.offset = node.begin;
  error.length = node.end - node.begin;
  return Value::error(*context_.arena.make<EvalError>(error));
}

Value Evaluator::no_overload(const Node& node, std::string_view message) {
  return placed(context_.error(ErrorCode::no_such_overload, message), node);
}

// false decides, whatever the others are; then an unknown operand, then an error.
Value Evaluator::logical_and(const Node& node) {
  Value undecided = Value::boolean(true);
  for (const Node* const operand : node.args()) {
    const Value value = evaluate(*operand);
    if (value.is(Kind::boolean)) {
      if (!value.as_bool()) return value;
      continue;
    }
    const Value failure =
        value.is_failure()
            ? value
            : no_overload(*operand, fmt::format("'&&' does not take {}", type_name(value.kind())));
    undecided = undecided.is_failure() ? failed(undecided, failure) : failure;
  }
  return undecided;
}

Value Evaluator::logical_or(const Node& node) {
  Value undecided = Value::boolean(false);
  for (const Node* const operand : node.args()) {
    const Value value = evaluate(*operand);
    if (value.is(Kind::boolean)) {
      if (value.as_bool()) return value;
      continue;
    }
    const Value failure =
        value.is_failure()
            ? value
            : no_overload(*operand, fmt::format("'||' does not take {}", type_name(value.kind())));
    undecided = undecided.is_failure() ? failed(undecided, failure) : failure;
  }
  return undecided;
}

Value Evaluator::logical_not(const Node& node) {
  const Value operand = evaluate(*node.arg(0));
  if (operand.is(Kind::boolean)) return Value::boolean(!operand.as_bool());
  if (operand.is_failure()) return operand;
  return no_overload(node, fmt::format("'!' does not take {}", type_name(operand.kind())));
}

Value Evaluator::negated(const Node& node) {
  const Value operand = evaluate(*node.arg(0));
  return operand.is_failure() ? operand : placed(negate(operand, context_), node);
}

Value Evaluator::conditional(const Node& node) {
  const Value condition = evaluate(*node.arg(0));
  if (condition.is(Kind::boolean)) return evaluate(*node.arg(condition.as_bool() ? 1 : 2));
  if (condition.is_failure()) return condition;
  return no_overload(*node.arg(0), fmt::format("'?' does not take {}", type_name(condition.kind())));
}

// The result of an operation on two values that are no failures.
Value Evaluator::settled(Value result, const Node& node) {
  if (!result.is_failure()) [[likely]]
    return result;
  return result.is_marker() ? locate_anywhere(node, result) : placed(result, node);
}

Value Evaluator::equality(const Node& node) {
  const Value left = evaluate(*node.arg(0));
  const Value right = evaluate(*node.arg(1));
  if (left.is_failure() || right.is_failure()) return failed(left, right);
  const Value same = equal_quickly(left, right);
  if (!same.is(Kind::boolean)) return settled(same, node);
  return Value::boolean(same.as_bool() == (node.op == Op::equal));
}

Value Evaluator::relation(const Node& node) {
  const Value left = evaluate(*node.arg(0));
  const Value right = evaluate(*node.arg(1));
  if (left.is(Kind::integer) && right.is(Kind::integer))
    return order_of(node.op, left.as_int(), right.as_int());
  if (left.is(Kind::real) && right.is(Kind::real))
    return order_of(node.op, left.as_double(), right.as_double());
  if (left.is_failure() || right.is_failure()) return failed(left, right);
  return settled(order(node.op, left, right, context_), node);
}

Value Evaluator::arithmetic(const Node& node) {
  const Value left = evaluate(*node.arg(0));
  const Value right = evaluate(*node.arg(1));
  if (left.is_failure() || right.is_failure()) return failed(left, right);
  return settled(cel::arithmetic(node.op, left, right, context_), node);
}

Value Evaluator::membership(const Node& node) {
  const Value needle = evaluate(*node.arg(0));
  const Value range = evaluate(*node.arg(1));
  if (needle.is_failure() || range.is_failure()) return failed(needle, range);
  return settled(cel::membership(needle, range, context_), node);
}

Value Evaluator::call(const Node& node) {
  constexpr std::size_t kUsual = 4;
  Value usual[kUsual];
  const std::size_t count = node.args().size();
  const std::span<Value> arguments =
      count <= kUsual ? std::span<Value>(usual, count) : context_.arena.array<Value>(count);
  Value failure;
  for (std::size_t i = 0; i < count; ++i) {
    arguments[i] = evaluate(*node.arg(i));
    if (arguments[i].is_failure())
      failure = failure.is_failure() ? failed(failure, arguments[i]) : arguments[i];
  }
  if (failure.is_failure()) return failure;
  if (!context_.step()) return placed(context_.limit_reached(), node);
  for (const Overload* const overload : node.overloads()) {
    if (!overload->takes(arguments)) continue;
    if (overload->implementation == nullptr) break;
    return settled(overload->implementation(arguments, context_), node);
  }
  std::string kinds;
  for (const Value& argument : arguments) {
    kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", type_name(argument.kind()));
  }
  return no_overload(node, fmt::format("{}() does not take ({})", node.name, kinds));
}

// The pattern was compiled with the program.
Value Evaluator::matches(const Node& node) {
  const Value text = evaluate(*node.arg(0));
  if (text.is_failure()) return text;
  if (!text.is(Kind::string)) {
    return no_overload(node, fmt::format("matches() does not take ({}, string)", type_name(text.kind())));
  }
  if (!context_.step(1 + text.as_string().size() / 64)) return placed(context_.limit_reached(), node);
  const std::string_view subject = text.as_string();
  return Value::boolean(
      re2::RE2::PartialMatch(re2::StringPiece(subject.data(), subject.size()), *node.pattern));
}

// What an element of a literal contributes: `?x` contributes what is in x, if anything.
Value Evaluator::unpack_element(const Node& node, const Value& value, bool& present) {
  present = true;
  if (!node.optional_element) return value;
  if (!value.is(Kind::optional)) {
    return no_overload(node, fmt::format("'?' does not take {}", type_name(value.kind())));
  }
  present = value.as_optional() != nullptr;
  return present ? *value.as_optional() : Value();
}

Value Evaluator::list(const Node& node) {
  if (!context_.charge(node.args().size() * sizeof(Value))) return placed(context_.limit_reached(), node);
  const std::span<Value> elements = context_.arena.array<Value>(node.args().size());
  std::size_t count = 0;
  Value failure;
  for (const Node* const argument : node.args()) {
    Value value = evaluate(*argument);
    bool present = true;
    if (!value.is_failure()) value = unpack_element(*argument, value, present);
    if (value.is_failure()) {
      failure = failure.is_failure() ? failed(failure, value) : value;
    } else if (present) {
      elements[count++] = value;
    }
  }
  return failure.is_failure() ? failure : Value::list(elements.first(count));
}

Value Evaluator::map(const Node& node) {
  const std::size_t pairs = node.args().size() / 2;
  if (!context_.charge(pairs * sizeof(MapEntry))) return placed(context_.limit_reached(), node);
  const std::span<MapEntry> entries = context_.arena.array<MapEntry>(pairs);
  std::size_t count = 0;
  Value failure;
  for (std::size_t i = 0; i < pairs; ++i) {
    const Value key = evaluate(*node.arg(2 * i));
    Value value = evaluate(*node.arg(2 * i + 1));
    bool present = true;
    if (!value.is_failure()) value = unpack_element(*node.arg(2 * i), value, present);
    for (const Value& part : {key, value}) {
      if (part.is_failure()) failure = failure.is_failure() ? failed(failure, part) : part;
    }
    const bool is_key = key.is(Kind::boolean) || key.is(Kind::integer) || key.is(Kind::unsigned_integer) ||
                        key.is(Kind::string);
    if (!is_key && !key.is_failure()) {
      const Value error =
          no_overload(*node.arg(2 * i), fmt::format("{} is no key of a map", type_name(key.kind())));
      failure = failure.is_failure() ? failed(failure, error) : error;
    }
    if (present) entries[count++] = {key, value};
  }
  return failure.is_failure() ? failure : placed(context_.map(entries.first(count)), node);
}

}  // namespace ms::cel
