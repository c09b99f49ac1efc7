#pragma once

#include "cel/ast.hpp"
#include "cel/eval_context.hpp"
#include "cel/value.hpp"

namespace ms::cel {

/// + - * / % on two values that are neither unknown nor errors. Results that do not fit, a division by zero
/// and types that do not go together are error values.
Value arithmetic(Op op, Value a, Value b, EvalContext& context);

/// Unary minus.
Value negate(Value a, EvalContext& context);

/// < <= > >=.
Value order(Op op, Value a, Value b, EvalContext& context);

/// needle in range: an element of a list or a key of a map.
Value membership(Value needle, Value range, EvalContext& context);

/// What an operation on two values gives when one of them is unknown or an error: the unknown ones win.
Value combine_failures(Value a, Value b, EvalContext& context);

/// The member of a map or the element of a list, as in container[key].
Value element(Value container, Value key, EvalContext& context);

/// container.name, for a container that is neither unknown nor an error.
Value member(Value container, std::string_view name, EvalContext& context);

}  // namespace ms::cel
