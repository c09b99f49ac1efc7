#pragma once

#include <span>
#include <string_view>

#include "cel/arena.hpp"
#include "cel/limits.hpp"
#include "cel/value.hpp"

namespace ms::cel {

/// What a function may use while it runs: memory for its result, and the budget of the evaluation.
///
/// A function that loops over something large, or builds something large, charges for it first:
///
///     if (!context.charge(text.size())) return context.limit_reached();
class EvalContext {
 public:
  EvalContext(Arena& memory, const Limits& limits)
      : arena(memory), limits_(limits), steps_left_(limits.steps), memory_left_(limits.memory_bytes) {}

  Arena& arena;

  Value error(ErrorCode code, std::string_view message);
  Value invalid_argument(std::string_view message) { return error(ErrorCode::invalid_argument, message); }
  Value overflow(std::string_view message) { return error(ErrorCode::overflow, message); }
  Value limit_reached();

  /// Takes `count` steps off the budget; false when there are not so many left, for good.
  bool step(std::uint64_t count = 1) {
    if (steps_left_ < count) {
      steps_left_ = 0;
      out_of_steps_ = true;
      return false;
    }
    steps_left_ -= count;
    return true;
  }

  /// Takes `bytes` off the memory budget, and the time to fill them off the steps.
  bool charge(std::uint64_t bytes) {
    if (memory_left_ < bytes) {
      memory_left_ = 0;
      return false;
    }
    memory_left_ -= bytes;
    return step(bytes / 256);
  }

  bool exhausted() const { return out_of_steps_; }

  /// A copy of a text, charged for.
  Value string(std::string_view text);
  /// A list of these elements, copied and charged for.
  Value list(std::span<const Value> elements);
  /// A map of these entries (kept, not copied, and in the arena); an error where a key comes twice.
  Value map(std::span<const MapEntry> entries);
  /// An optional that holds a value.
  Value optional(const Value& value);

 private:
  const Limits& limits_;
  std::uint64_t steps_left_;
  std::uint64_t memory_left_;
  bool out_of_steps_ = false;
};

/// The facts of several unknown values in one, each path once.
Value merge_unknowns(Value a, Value b, Arena& arena);

}  // namespace ms::cel
