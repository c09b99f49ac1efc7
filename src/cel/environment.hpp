#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/function.hpp"
#include "cel/limits.hpp"
#include "cel/type.hpp"

namespace ms::cel {

/// What expressions may use: variables with their types, functions, limits.
///
///     cel::Environment environment;
///     environment.declare("env", Type::map(Type::string(), Type::string()));
///     environment.declare("cpu", Type::object("cpu", {{"governors", Type::list(Type::string())}}));
///     const cel::Program program = cel::compile("'powersave' in cpu.governors", environment);
///
/// An environment must outlive the programs that were compiled in it, and must not change while it compiles
/// in another thread.
class Environment {
 public:
  /// The standard functions and no variables.
  Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  /// All of `base`, which must outlive it, and what is declared on top: cheap, for the variable of one rule.
  explicit Environment(const Environment* base);

  /// A variable; the name may be qualified ("a.b"). Declaring it again replaces its type.
  Environment& declare(std::string name, Type type);

  /// Adds an overload of a function; see FunctionEntry for the signature. The texts are copied.
  Environment& add_function(const FunctionEntry& entry);

  /// The namespace in which names are looked up first: in "a.b" the name x may be a.b.x, a.x or x.
  Environment& set_container(std::string name);

  /// Without checking, names and types that do not fit become error values of the evaluation instead of
  /// CompileErrors. For facts whose shape is not known at all.
  Environment& set_checking(bool on);

  /// cel.block and its companions, which only the conformance suite writes by hand.
  Environment& set_block_macros(bool on);

  Limits limits;

  const std::string& container() const { return container_; }
  bool checking() const { return checking_; }
  bool block_macros() const { return block_macros_; }
  const TypeNode* variable(std::string_view name, std::uint64_t hash) const;  ///< nullptr: not declared
  const TypeNode* variable(std::string_view name) const;
  const FunctionGroup* function(std::string_view name) const;
  bool is_namespace(std::string_view name) const;
  /// Whether a variable has a dot in its name, so that selections may be names.
  bool has_qualified_names() const;

  std::optional<std::string> closest_variable(std::string_view name) const;
  std::optional<std::string> closest_function(std::string_view name) const;

 private:
  struct Variable {
    std::uint64_t hash;
    std::string name;
    Type type;
  };

  const Environment* base_ = nullptr;
  std::vector<Variable> variables_;  ///< some dozen at most, so a scan over the hashes finds one fastest
  std::unique_ptr<FunctionTable> functions_;
  std::string container_;
  bool checking_ = true;
  bool block_macros_ = false;
  bool has_qualified_names_ = false;
};

}  // namespace ms::cel
