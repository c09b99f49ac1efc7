#include "cel/eval_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "cel/inline_vector.hpp"

namespace ms::cel {

Value EvalContext::error(ErrorCode code, std::string_view message) {
  return Value::error(*arena.make<EvalError>(EvalError{.code = code, .message = arena.copy(message)}));
}

Value EvalContext::limit_reached() {
  if (out_of_steps_) {
    return error(ErrorCode::limit, fmt::format("more than {} evaluation steps (limit steps)", limits_.steps));
  }
  return error(ErrorCode::limit, fmt::format("more than {} bytes of intermediate values (limit memory_bytes)",
                                             limits_.memory_bytes));
}

Value EvalContext::string(std::string_view text) {
  if (!charge(text.size())) return limit_reached();
  return Value::string(arena.copy(text));
}

Value EvalContext::list(std::span<const Value> elements) {
  if (!charge(elements.size_bytes())) return limit_reached();
  return Value::list(arena.copy(elements));
}

Value EvalContext::map(std::span<const MapEntry> entries) {
  constexpr std::size_t kScanned = 8;  // below this a scan beats a hash table
  MapData data{.entries = entries};
  const MapEntry* duplicate = nullptr;
  if (entries.size() > kScanned) {
    const std::size_t slots = std::bit_ceil(entries.size() * 2);
    if (!charge(slots * sizeof(std::uint32_t))) return limit_reached();
    const std::span<std::uint32_t> index = arena.array<std::uint32_t>(slots);
    duplicate = fill_index(entries, index);
    data.index = index;
  } else {
    for (std::size_t i = 1; i < entries.size() && duplicate == nullptr; ++i) {
      const MapData before{.entries = entries.first(i)};
      if (before.find(entries[i].key) != nullptr) duplicate = &entries[i];
    }
  }
  if (duplicate != nullptr) {
    return error(ErrorCode::duplicate_key,
                 fmt::format("the map has the key {} twice", to_text(duplicate->key)));
  }
  return Value::map(*arena.make<MapData>(data));
}

Value EvalContext::optional(const Value& value) {
  if (value.is_failure()) return value;
  return Value::optional_of(*arena.make<Value>(value));
}

Value merge_unknowns(Value a, Value b, Arena& arena) {
  InlineVector<UnknownFact, 8> facts;
  for (const UnknownFact& fact : a.unknown()) facts.push_back(fact);
  for (const UnknownFact& fact : b.unknown()) {
    const auto same_path = [&](const UnknownFact& known) { return known.path == fact.path; };
    const std::span<const UnknownFact> known = a.unknown();
    if (std::none_of(known.begin(), known.end(), same_path)) facts.push_back(fact);
  }
  return Value::unknown(arena.copy(facts.all()));
}

}  // namespace ms::cel
