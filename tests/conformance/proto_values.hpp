#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "cel/arena.hpp"
#include "cel/type.hpp"
#include "cel/value.hpp"
#include "textproto.hpp"

namespace conformance {

/// A test uses something that this implementation leaves out: what() is the reason.
class Excluded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The value of a `cel.expr.Value` message. Throws Excluded for messages and enums.
ms::cel::Value value_of(const Message& value, ms::cel::Arena& arena);

/// The type of a `cel.expr.Type` message. Throws Excluded for message types.
ms::cel::Type type_of(const Message& type);

/// Whether two values are the same: also of the same type, and NaN is NaN.
bool identical(const ms::cel::Value& a, const ms::cel::Value& b);

}  // namespace conformance
