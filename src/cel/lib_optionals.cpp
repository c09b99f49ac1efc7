#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

bool is_zero(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return !value.as_bool();
    case Kind::integer:
      return value.as_int() == 0;
    case Kind::unsigned_integer:
      return value.as_uint() == 0;
    case Kind::real:
      return value.as_double() == 0;
    case Kind::string:
    case Kind::bytes:
      return value.as_string().empty();
    case Kind::duration:
      return value.as_duration() == 0;
    case Kind::timestamp:
      return value.as_timestamp().seconds == 0 && value.as_timestamp().nanos == 0;
    case Kind::list:
    case Kind::map:
      return value.size() == 0;
    case Kind::optional:
      return value.as_optional() == nullptr;
    default:
      return false;
  }
}

Value of(Arguments args, EvalContext& context) {
  return context.optional(args[0]);
}
Value none(Arguments, EvalContext&) {
  return Value::optional_none();
}

Value of_non_zero(Arguments args, EvalContext& context) {
  return is_zero(args[0]) ? Value::optional_none() : context.optional(args[0]);
}

Value has_value(Arguments args, EvalContext&) {
  return Value::boolean(args[0].as_optional() != nullptr);
}

Value value(Arguments args, EvalContext& context) {
  if (args[0].as_optional() == nullptr)
    return context.invalid_argument("value() of an optional that is none");
  return *args[0].as_optional();
}

Value or_value(Arguments args, EvalContext&) {
  return args[0].as_optional() == nullptr ? args[1] : *args[0].as_optional();
}

Value or_other(Arguments args, EvalContext&) {
  return args[0].as_optional() == nullptr ? args[1] : args[0];
}

Value unwrap(Arguments args, EvalContext& context) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value element = args[0].at(i);
    if (element.is_failure()) return element;
    if (!element.is(Kind::optional)) {
      return context.error(ErrorCode::no_such_overload, "unwrap() takes a list of optionals");
    }
    if (element.as_optional() != nullptr) values.push_back(*element.as_optional());
  }
  return context.list(values);
}

constexpr FunctionEntry kEntries[] = {
    {"optional.of(A) -> optional(A)", "An optional with a value.", "optional.of(1).hasValue()", of},
    {"optional.none() -> optional(A)", "An optional without one.", "!optional.none().hasValue()", none},
    {"optional.ofNonZeroValue(A) -> optional(A)", "None for null, 0, false, '' and what is empty.",
     "!optional.ofNonZeroValue('').hasValue()", of_non_zero},
    {"optional(A).hasValue() -> bool", "Whether there is a value.", "optional.of(0).hasValue()", has_value},
    {"optional(A).value() -> A", "The value; an error where there is none.", "optional.of(1).value() == 1",
     value},
    {"optional(A).orValue(A) -> A", "The value, or another one where there is none.",
     "optional.none().orValue(2) == 2", or_value},
    {"optional(A).or(optional(A)) -> optional(A)", "The first of two that has a value.",
     "optional.none().or(optional.of(2)).value() == 2", or_other},
    {"optional.unwrap(list(optional(A))) -> list(A)", "The values of those that have one.",
     "optional.unwrap([optional.of(1), optional.none()]) == [1]", unwrap},
    {"list(optional(A)).unwrapOpt() -> list(A)", "The same.",
     "[optional.of(1), optional.none()].unwrapOpt() == [1]", unwrap},
};

}  // namespace

std::span<const FunctionEntry> optional_functions() {
  return kEntries;
}

}  // namespace ms::cel
