#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "import/expression.hpp"

namespace ms::import {

/// A part of an expression in CEL.
struct Cel {
  enum class Type { any, boolean, integer, real, text, list };
  /// How tightly its outermost operator binds.
  enum Strength { conditional, disjunction, conjunction, relation, sum, product, unary, whole };

  std::string text;
  Type type = Type::any;
  Strength strength = whole;

  /// In parentheses where an operator of that strength needs them.
  std::string within(Strength outer) const { return strength < outer ? "(" + text + ")" : text; }
};

/// A text as a literal of CEL.
std::string cel_text(std::string_view text);

/// Writes expressions of the two rule languages in CEL, with the meaning that they have there: what is
/// missing is false, equals only itself, and has no order.
///
/// An imported rule whose check goes wrong fails. So `missing() < 3`, which goes wrong, is as good as false
/// wherever false would make the check fail too, and is written as it stands; under a `not`, in a guard or as
/// a value it is written as loose.less(...).
class CelWriter {
 public:
  struct Names {
    /// The value of a path or name.
    std::function<Cel(const Expression& path)> resolve;
    /// Asks the host whether the path exists that this CEL expression gives.
    std::function<Cel(const std::string& path)> path_exists;
    /// Asks the host whether a local TCP port is in use.
    std::function<Cel(const std::string& port)> port_in_use;
    /// Something was understood otherwise than it is written.
    std::function<void(const Expression& part, const std::string& reason)> note;
    bool none_is_missing = false;  ///< None stands for what is missing, as in YAML rules
  };

  explicit CelWriter(Names names) : names_(std::move(names)) {}

  /// True or false. With `check`, an error may stand for false. Throws Untranslatable.
  Cel condition(const Expression& expression, bool check) const;
  /// Throws Untranslatable.
  Cel value(const Expression& expression) const;

 private:
  Cel joined(const Expression& expression, bool check) const;
  Cel equality(const Expression& expression) const;
  Cel order(const Expression& expression, bool check) const;
  Cel membership(const Expression& expression) const;
  Cel chosen(const Expression& expression) const;
  Cel arithmetic(const Expression& expression) const;
  Cel binary(const Expression& expression) const;
  Cel call(const Expression& expression) const;
  Cel extreme(const Expression& expression, std::string_view function) const;
  Cel range(const Expression& expression) const;
  Cel port(const Expression& expression) const;
  Cel list(const Expression& expression) const;
  Cel map(const Expression& expression) const;
  bool is_missing_word(const Expression& expression) const;

  Names names_;
};

}  // namespace ms::import
