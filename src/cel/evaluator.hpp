#pragma once

#include <span>
#include <string>

#include "cel/activation.hpp"
#include "cel/ast.hpp"
#include "cel/eval_context.hpp"
#include "cel/explanation.hpp"
#include "cel/operators.hpp"

namespace ms::cel {

/// A local variable while it has a value.
struct LocalSlot {
  Value value;
  std::size_t index = 0;  ///< of the turn of the loop
};

/// Walks over the tree of a program. One evaluator serves one evaluation.
class Evaluator {
 public:
  Evaluator(std::string_view source, const Limits& limits, const Activation* activation,
            std::span<LocalSlot> slots, Arena& arena)
      : context_(arena, limits), source_(source), activation_(activation), slots_(slots) {}

  Value evaluate(const Node& node) {
    if (node.op == Op::constant) return node.constant;
    if (trace_ != nullptr) [[unlikely]]
      return traced(node);
    return dispatch(node);
  }

  /// Records the parts into `into`.
  Value explain(const Node& node, Explanation& into);

 private:
  Value dispatch(const Node& node);
  Value traced(const Node& node);

  // evaluator.cpp
  Value logical_and(const Node& node);
  Value logical_or(const Node& node);
  Value logical_not(const Node& node);
  Value negated(const Node& node);
  Value not_evaluable(const Node& node);
  Value conditional(const Node& node);
  Value equality(const Node& node);
  Value relation(const Node& node);
  Value arithmetic(const Node& node);
  Value membership(const Node& node);
  Value settled(Value result, const Node& node);
  Value call(const Node& node);
  Value matches(const Node& node);
  Value list(const Node& node);
  Value map(const Node& node);
  Value unpack_element(const Node& node, const Value& value, bool& present);

  // access.cpp
  Value local(const Node& node);
  Value global(const Node& node);
  Value path(const Node& node);
  Value walk(const Node& node);
  Value path_of_value(const Node& node, Value value);
  Value missing_field(const Node& node, const Value& container, std::size_t field);
  Value unbound(const Node& node);
  std::string place_of(const Node& node, std::size_t fields);
  Value select(const Node& node);
  Value has(const Node& node);
  Value optional_select(const Node& node);
  Value index(const Node& node);
  Value optional_index(const Node& node);
  Value locate(const Node& node, const Value& marker);
  Value locate_anywhere(const Node& node, const Value& marker);
  Value unknown(std::string_view path, const UnknownFact& fact);
  Value not_recorded(std::string_view path);
  std::string path_of(const Node& node, bool& direct);
  static Value widened(Value value, const Node& node) {
    if (!node.widen || !value.is(Kind::integer)) return value;
    return Value::real(static_cast<double>(value.as_int()));
  }

  // comprehension.cpp
  Value fold(const Node& node);
  Value fold_predicate(const Node& node, const Value& range);
  Value exists_one(const Node& node, const Value& range);
  Value transform(const Node& node, const Value& range);
  Value transform_map(const Node& node, const Value& range);
  Value sort_by(const Node& node, const Value& range);
  Value bind(const Node& node);
  Value block(const Node& node);
  Value optional_map(const Node& node);

  /// The error with the place of `node`, unless it has one.
  Value placed(Value value, const Node& node);
  Value no_overload(const Node& node, std::string_view message);
  Value failed(Value a, Value b) { return combine_failures(a, b, context_); }

  friend class Turns;

  EvalContext context_;
  std::string_view source_;
  const Activation* activation_;  ///< nullptr while folding constants
  std::span<LocalSlot> slots_;
  Explanation* trace_ = nullptr;
  std::size_t traced_parts_ = 0;
};

}  // namespace ms::cel
