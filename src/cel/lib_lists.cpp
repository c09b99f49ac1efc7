#include <fmt/format.h>

#include <algorithm>

#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;

Value size(Arguments args, EvalContext&) {
  return Value::integer(static_cast<std::int64_t>(args[0].size()));
}

// A copy of the elements; a failure where one of them is absent.
Value copied(const Value& list, std::span<Value>& elements, EvalContext& context) {
  if (!context.charge(list.size() * sizeof(Value))) return context.limit_reached();
  elements = context.arena.array<Value>(list.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    elements[i] = list.at(i);
    if (elements[i].is_failure()) return elements[i];
  }
  return Value();
}

Value slice(Arguments args, EvalContext& context) {
  const std::int64_t begin = args[1].as_int();
  const std::int64_t end = args[2].as_int();
  const auto count = static_cast<std::int64_t>(args[0].size());
  if (begin < 0 || end < begin || end > count) {
    return context.invalid_argument(fmt::format("cannot slice({}, {}) of a list of {}", begin, end, count));
  }
  std::vector<Value> elements;
  for (std::int64_t i = begin; i < end; ++i) {
    elements.push_back(args[0].at(static_cast<std::size_t>(i)));
    if (elements.back().is_failure()) return elements.back();
  }
  return context.list(elements);
}

bool flatten_into(const Value& list, std::int64_t depth, std::vector<Value>& out, EvalContext& context) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value element = list.at(i);
    if (!context.charge(sizeof(Value))) return false;
    if (element.is(Kind::list) && depth > 0) {
      if (!flatten_into(element, depth - 1, out, context)) return false;
    } else {
      out.push_back(element);
    }
  }
  return true;
}

Value flatten(Arguments args, EvalContext& context) {
  constexpr std::int64_t kDeepest = 200;
  const std::int64_t depth = args.size() > 1 ? args[1].as_int() : 1;
  if (depth < 0) return context.invalid_argument("flatten() takes a depth that is not negative");
  std::vector<Value> out;
  if (!flatten_into(args[0], std::min(depth, kDeepest), out, context)) return context.limit_reached();
  const auto failure = std::find_if(out.begin(), out.end(), [](const Value& v) { return v.is_failure(); });
  return failure == out.end() ? context.list(out) : *failure;
}

Value sort(Arguments args, EvalContext& context) {
  std::span<Value> elements;
  const Value failure = copied(args[0], elements, context);
  if (failure.is_failure()) return failure;
  if (!context.step(elements.size())) return context.limit_reached();
  for (const Value& element : elements) {
    const bool has_order = element.is_number() || compare(element, elements[0]).has_value();
    if (!has_order || element.is_number() != elements[0].is_number()) {
      return context.error(ErrorCode::no_such_overload, "sort() takes elements that have an order");
    }
  }
  std::stable_sort(elements.begin(), elements.end(),
                   [](const Value& a, const Value& b) { return compare(a, b).value_or(0) < 0; });
  return Value::list(elements);
}

Value distinct(Arguments args, EvalContext& context) {
  std::vector<Value> out;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value element = args[0].at(i);
    if (element.is_failure()) return element;
    if (!context.step(1 + out.size() / 4)) return context.limit_reached();
    Value failure;
    const bool known = std::any_of(out.begin(), out.end(), [&](const Value& other) {
      const Value same = equal(element, other);
      if (same.is_failure()) failure = same;
      return same.is_true();
    });
    if (failure.is_failure()) return failure;
    if (!known) out.push_back(element);
  }
  return context.list(out);
}

Value reverse(Arguments args, EvalContext& context) {
  std::span<Value> elements;
  const Value failure = copied(args[0], elements, context);
  if (failure.is_failure()) return failure;
  std::reverse(elements.begin(), elements.end());
  return Value::list(elements);
}

Value range(Arguments args, EvalContext& context) {
  const std::int64_t count = std::max<std::int64_t>(args[0].as_int(), 0);
  if (count > (1 << 24) || !context.charge(static_cast<std::uint64_t>(count) * sizeof(Value))) {
    return context.error(ErrorCode::limit,
                         "lists.range() of more than the memory of an evaluation (limit memory_bytes)");
  }
  const std::span<Value> elements = context.arena.array<Value>(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < elements.size(); ++i)
    elements[i] = Value::integer(static_cast<std::int64_t>(i));
  return Value::list(elements);
}

Value end_of(const Value& list, bool last, EvalContext& context) {
  if (list.size() == 0) return Value::optional_none();
  const Value element = list.at(last ? list.size() - 1 : 0);
  return element.is_failure() ? element : context.optional(element);
}

Value first(Arguments args, EvalContext& context) {
  return end_of(args[0], false, context);
}
Value last(Arguments args, EvalContext& context) {
  return end_of(args[0], true, context);
}

Value sum(Arguments args, EvalContext& context) {
  if (!context.step(args[0].size() / 8)) return context.limit_reached();
  std::int64_t whole = 0;
  double real = 0;
  bool has_real = false;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value element = args[0].at(i);
    if (element.is_failure()) return element;
    if (element.is(Kind::integer)) {
      if (__builtin_add_overflow(whole, element.as_int(), &whole))
        return context.overflow("sum() does not fit into int");
    } else if (element.is(Kind::real)) {
      has_real = true;
      real += element.as_double();
    } else {
      return context.error(ErrorCode::no_such_overload,
                           fmt::format("sum() takes ints and doubles, not {}", type_name(element.kind())));
    }
  }
  return has_real ? Value::real(real + static_cast<double>(whole)) : Value::integer(whole);
}

constexpr FunctionEntry kEntries[] = {
    {"size(list(A)) -> int", "Number of elements.", "size([1, 2]) == 2", size},
    {"size(map(A, B)) -> int", "Number of entries.", "size({'a': 1}) == 1", size},
    {"list(A).size() -> int", "Number of elements.", "[1, 2].size() == 2", size},
    {"map(A, B).size() -> int", "Number of entries.", "{'a': 1}.size() == 1", size},
    {"list(A).slice(int, int) -> list(A)", "The elements from a position to before another.",
     "[1, 2, 3, 4].slice(1, 3) == [2, 3]", slice},
    {"list(A).flatten() -> list(dyn)", "With the elements of the lists in it in their place.",
     "[1, [2, [3]]].flatten() == [1, 2, [3]]", flatten},
    {"list(A).flatten(int) -> list(dyn)", "The same, so many levels deep.",
     "[1, [2, [3]]].flatten(2) == [1, 2, 3]", flatten},
    {"list(A).sort() -> list(A)", "In rising order.", "[3, 1, 2].sort() == [1, 2, 3]", sort},
    {"list(A).distinct() -> list(A)", "Every element once.", "[1, 2, 1.0].distinct() == [1, 2]", distinct},
    {"list(A).reverse() -> list(A)", "From the last to the first.", "[1, 2].reverse() == [2, 1]", reverse},
    {"lists.range(int) -> list(int)", "The numbers from 0 to before this one.", "lists.range(3) == [0, 1, 2]",
     range},
    {"list(A).first() -> optional(A)", "The first element, none of an empty list.",
     "[7, 8].first().value() == 7", first},
    {"list(A).last() -> optional(A)", "The last element, none of an empty list.",
     "[7, 8].last().value() == 8", last},
    {"list(int).sum() -> int", "The sum, 0 of an empty list.", "[1, 2].sum() == 3", sum},
    {"list(double).sum() -> double", "The sum.", "[0.5, 1.5].sum() == 2.0", sum},
};

}  // namespace

std::span<const FunctionEntry> list_functions() {
  return kEntries;
}

}  // namespace ms::cel
