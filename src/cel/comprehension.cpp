#include <fmt/format.h>

#include <algorithm>

#include "cel/evaluator.hpp"
#include "cel/inline_vector.hpp"

namespace ms::cel {

// The turns of a loop over a list or a map: each sets the variables.
class Turns {
 public:
  Turns(Evaluator& evaluator, const Node& node, const Value& range)
      : evaluator_(evaluator),
        first_(evaluator.slots_[node.binder->slot]),
        second_(node.binder->second.empty() ? nullptr : &evaluator.slots_[node.binder->slot + 1]),
        range_(range),
        size_(range.size()) {
    if (range.is(Kind::map)) cursor_.emplace(range);
  }

  bool next() {
    if (position_ == size_ || !evaluator_.context_.step()) return false;
    if (cursor_) {
      Value key;
      Value value;
      cursor_->next(key, value);
      first_.value = key;
      if (second_ != nullptr) *second_ = {value, position_};
    } else if (second_ != nullptr) {
      first_.value = Value::integer(static_cast<std::int64_t>(position_));
      *second_ = {range_.at(position_), position_};
    } else {
      first_ = {range_.at(position_), position_};
    }
    ++position_;
    return true;
  }

  /// What the first variable holds: the element, where there is only one.
  const Value& first() const { return first_.value; }

 private:
  Evaluator& evaluator_;
  LocalSlot& first_;
  LocalSlot* second_;
  Value range_;
  std::size_t size_;
  std::size_t position_ = 0;
  std::optional<MapCursor> cursor_;
};

Value Evaluator::fold(const Node& node) {
  const Value range = evaluate(*node.arg(0));
  if (range.is_failure()) return range;
  if (!range.is(Kind::list) && !range.is(Kind::map)) {
    return no_overload(*node.arg(0),
                       fmt::format("{}() does not go over {}", node.name, type_name(range.kind())));
  }
  Value result;
  switch (node.op) {
    case Op::all:
    case Op::exists:
      result = fold_predicate(node, range);
      break;
    case Op::exists_one:
      result = exists_one(node, range);
      break;
    case Op::transform_map:
    case Op::transform_map_entry:
      result = transform_map(node, range);
      break;
    case Op::sort_by:
      result = sort_by(node, range);
      break;
    default:
      result = transform(node, range);
      break;
  }
  return context_.exhausted() ? placed(context_.limit_reached(), node) : result;
}

// all() is a chain of && over the elements, exists() one of ||: a deciding turn wins over failures of others.
Value Evaluator::fold_predicate(const Node& node, const Value& range) {
  const bool decisive = node.op == Op::exists;
  const Node& predicate = *node.last();
  Value undecided = Value::boolean(!decisive);
  for (Turns turns(*this, node, range); turns.next();) {
    const Value value = evaluate(predicate);
    if (value.is(Kind::boolean)) {
      if (value.as_bool() == decisive) return value;
      continue;
    }
    const Value failure = value.is_failure()
                              ? value
                              : no_overload(predicate, fmt::format("{}() does not take {}", node.name,
                                                                   type_name(value.kind())));
    undecided = undecided.is_failure() ? failed(undecided, failure) : failure;
  }
  return undecided;
}

Value Evaluator::exists_one(const Node& node, const Value& range) {
  std::size_t count = 0;
  Value failure;
  for (Turns turns(*this, node, range); turns.next();) {
    const Value value = evaluate(*node.last());
    if (value.is_true()) {
      ++count;
    } else if (!value.is(Kind::boolean)) {
      const Value one = value.is_failure() ? value : no_overload(node, "exists_one() takes a condition");
      failure = failure.is_failure() ? failed(failure, one) : one;
    }
  }
  return failure.is_failure() ? failure : Value::boolean(count == 1);
}

// map, filter, transformList: with args[1] as a filter where there are three.
Value Evaluator::transform(const Node& node, const Value& range) {
  const bool keeps = node.op == Op::filter;
  const Node* const condition = keeps ? node.arg(1) : node.args().size() == 3 ? node.arg(1) : nullptr;
  if (!context_.charge(range.size() * sizeof(Value))) return placed(context_.limit_reached(), node);
  const std::span<Value> elements = context_.arena.array<Value>(range.size());
  std::size_t count = 0;
  Value failure;
  for (Turns turns(*this, node, range); turns.next();) {
    const Value wanted = condition == nullptr ? Value::boolean(true) : evaluate(*condition);
    Value value;
    if (wanted.is_true()) {
      value = !keeps ? evaluate(*node.last()) : turns.first();
      if (value.is_marker()) value = locate_anywhere(node, value);
    } else if (wanted.is_failure()) {
      value = wanted;
    } else if (!wanted.is_false()) {
      value = no_overload(*condition, "a filter takes a condition");
    }
    if (value.is_failure()) {
      failure = failure.is_failure() ? failed(failure, value) : value;
    } else if (wanted.is_true()) {
      elements[count++] = value;
    }
  }
  return failure.is_failure() ? failure : Value::list(elements.first(count));
}

Value Evaluator::transform_map(const Node& node, const Value& range) {
  const Node* const condition = node.args().size() == 3 ? node.arg(1) : nullptr;
  const bool whole_entries = node.op == Op::transform_map_entry;
  InlineVector<MapEntry, 8> entries;
  Value failure;
  const auto fail = [&](const Value& value) {
    failure = failure.is_failure() ? failed(failure, value) : value;
  };
  for (Turns turns(*this, node, range); turns.next();) {
    const Value wanted = condition == nullptr ? Value::boolean(true) : evaluate(*condition);
    if (wanted.is_false()) continue;
    if (!wanted.is_true()) {
      fail(wanted.is_failure() ? wanted : no_overload(*condition, "a filter takes a condition"));
      continue;
    }
    const Value key = turns.first();
    const Value value = evaluate(*node.last());
    if (value.is_failure()) {
      fail(value);
    } else if (!context_.charge(sizeof(MapEntry))) {
      return placed(context_.limit_reached(), node);
    } else if (!whole_entries) {
      entries.push_back({key, value});
    } else if (value.is(Kind::map)) {
      MapEntry entry;
      for (MapCursor cursor(value); cursor.next(entry.key, entry.value);) {
        if (!context_.charge(sizeof(MapEntry))) return placed(context_.limit_reached(), node);
        entries.push_back(entry);
      }
    } else {
      fail(no_overload(*node.last(), "transformMapEntry() takes a map"));
    }
  }
  if (failure.is_failure()) return failure;
  return placed(context_.map(context_.arena.copy(entries.all())), node);
}

Value Evaluator::sort_by(const Node& node, const Value& range) {
  struct Keyed {
    Value key;
    Value element;
  };
  if (!range.is(Kind::list)) return no_overload(node, "sortBy() sorts a list");
  if (!context_.charge(range.size() * sizeof(Keyed))) return placed(context_.limit_reached(), node);
  const std::span<Keyed> keyed = context_.arena.array<Keyed>(range.size());
  std::size_t count = 0;
  Value failure;
  for (Turns turns(*this, node, range); turns.next();) {
    Value element = turns.first();
    if (element.is_marker()) element = locate_anywhere(node, element);
    const Value key = element.is_failure() ? element : evaluate(*node.last());
    if (key.is_failure()) {
      failure = failure.is_failure() ? failed(failure, key) : key;
    } else if (count > 0 && !compare(key, keyed[0].key)) {
      return no_overload(*node.last(), "the keys of sortBy() have no common order");
    } else {
      keyed[count++] = {key, element};
    }
  }
  if (failure.is_failure()) return failure;
  const std::span<Keyed> filled = keyed.first(count);
  std::stable_sort(filled.begin(), filled.end(),
                   [](const Keyed& a, const Keyed& b) { return compare(a.key, b.key).value_or(0) < 0; });
  const std::span<Value> elements = context_.arena.array<Value>(count);
  for (std::size_t i = 0; i < count; ++i) elements[i] = filled[i].element;
  return Value::list(elements);
}

// A failure of the value is the result only where the variable is used.
Value Evaluator::bind(const Node& node) {
  const Value value = evaluate(*node.arg(0));
  slots_[node.binder->slot] = {value, 0};
  return evaluate(*node.arg(1));
}

Value Evaluator::block(const Node& node) {
  const std::size_t count = node.args().size() - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const Value value = evaluate(*node.arg(i));
    slots_[node.binder->slot + i] = {value, 0};
  }
  return evaluate(*node.last());
}

Value Evaluator::optional_map(const Node& node) {
  const Value operand = evaluate(*node.arg(0));
  if (operand.is_failure()) return operand;
  if (!operand.is(Kind::optional)) {
    return no_overload(*node.arg(0),
                       fmt::format("{}() takes an optional, not {}", node.name, type_name(operand.kind())));
  }
  if (operand.as_optional() == nullptr) return operand;
  slots_[node.binder->slot] = {*operand.as_optional(), 0};
  const Value body = evaluate(*node.arg(1));
  if (body.is_failure()) return body;
  if (node.op == Op::optional_map) return context_.optional(body);
  if (!body.is(Kind::optional)) return no_overload(*node.arg(1), "optFlatMap() takes an optional");
  return body;
}

}  // namespace ms::cel
