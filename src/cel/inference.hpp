#pragma once

#include <span>

#include "cel/arena.hpp"
#include "cel/inline_vector.hpp"
#include "cel/type.hpp"

namespace ms::cel {

/// Finds types: which type a parameter stands for, and whether one type may be used where another is
/// expected.
///
/// `dyn` may be used as anything and anything as `dyn`. Where two types could both stand for a parameter, the
/// more general one is kept.
class Inference {
 public:
  explicit Inference(Arena& arena) : arena_(arena) {}

  /// A type of its own, to be found.
  const TypeNode* fresh();

  /// Whether a value of type `from` may stand where `to` is expected. Parameters in both are bound on the
  /// way; a failure may leave some bound, see mark().
  bool assignable(const TypeNode* from, const TypeNode* to);

  /// The bindings so far, and the way back to them.
  std::size_t mark() const { return trail_.size(); }
  void undo(std::size_t mark);

  /// `type` with its parameters replaced by what they stand for; those that stand for nothing become `dyn` if
  /// `settle`, and stay otherwise.
  const TypeNode* resolve(const TypeNode* type, bool settle);

  /// What a parameter stands for at the moment; other types are themselves.
  const TypeNode* current(const TypeNode* type) const;

  /// A type for values of both: the more general one, or dyn.
  const TypeNode* join(const TypeNode* a, const TypeNode* b);

  /// `type` with the parameters of a signature replaced by `fresh_types`.
  const TypeNode* instantiate(const TypeNode* type, std::span<const TypeNode* const> fresh_types);

  const TypeNode* list_of(const TypeNode* element);
  const TypeNode* map_of(const TypeNode* key, const TypeNode* value);
  const TypeNode* optional_of(const TypeNode* value);
  const TypeNode* type_of(const TypeNode* type);

 private:
  struct Change {
    std::uint32_t variable;
    const TypeNode* before;
  };

  template <class Replace>
  const TypeNode* rebuild(const TypeNode* type, Replace replace);
  bool bind(const TypeNode* type, const TypeNode* variable, bool& was_bound);
  bool occurs(const TypeNode* variable, const TypeNode* type) const;
  void set(const TypeNode* variable, const TypeNode* type);

  Arena& arena_;
  InlineVector<const TypeNode*, 16> bindings_;  ///< by variable - 1; nullptr: open
  InlineVector<Change, 16> trail_;
};

}  // namespace ms::cel
