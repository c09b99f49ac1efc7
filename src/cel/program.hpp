#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cel/activation.hpp"
#include "cel/arena.hpp"
#include "cel/environment.hpp"
#include "cel/explanation.hpp"
#include "cel/type.hpp"
#include "cel/value.hpp"

namespace ms::cel {

/// A compiled expression. It does not change and may be evaluated by several threads at once, each with an
/// arena of its own.
class Program {
 public:
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  /// The value of the expression. Never throws for what the expression does: failures are values. The result
  /// lives as long as the arena, the program and what is bound in the activation.
  Value evaluate(const Activation& activation, Arena& arena) const;

  /// The same, with the values of the parts.
  Explanation evaluate_explained(const Activation& activation, Arena& arena) const;

  /// The facts that the expression names, dotted, each once: "env.TASK_QUEUE_ENABLE", "npu.devices".
  std::vector<std::string> references() const;

  /// The type of the value, as far as it is known.
  Type result_type() const;

  std::string_view source() const;

  struct Code;
  explicit Program(std::unique_ptr<const Code> code);

 private:
  std::unique_ptr<const Code> code_;
};

/// Parses, checks and prepares an expression. Throws CompileError.
Program compile(std::string_view source, const Environment& environment);

}  // namespace ms::cel
