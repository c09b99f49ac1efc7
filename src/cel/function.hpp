#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cel/arena.hpp"
#include "cel/type.hpp"
#include "cel/value.hpp"

namespace ms::cel {

class EvalContext;

/// What a function does. The arguments have the kinds of the signature and are neither unknown nor errors; a
/// receiver comes first. Failures are returned, see EvalContext.
using Implementation = Value (*)(std::span<const Value> arguments, EvalContext& context);

/// One row of the table that the checker, the evaluator and the documentation share.
struct FunctionEntry {
  /// "size(string) -> int", "string.contains(string) -> bool", "math.greatest(dyn...) -> dyn". A capital
  /// letter stands for any one type.
  std::string_view signature;
  std::string_view summary;
  std::string_view example;  ///< an expression that is true
  Implementation implementation =
      nullptr;  ///< nullptr: an operator or a macro, which the evaluator knows itself
};

/// A signature that has been read.
struct Overload {
  std::string_view name;
  bool member = false;                          ///< called as receiver.name(...)
  bool variadic = false;                        ///< the last parameter any number of times, at least once
  std::span<const TypeNode* const> parameters;  ///< the receiver first
  const TypeNode* result = nullptr;
  std::span<const std::uint32_t> kinds;  ///< of each parameter, the kinds of value it takes, as bits
  std::uint32_t type_parameters = 0;     ///< how many different capital letters
  Implementation implementation = nullptr;
  std::string_view signature;

  /// Whether values of these kinds can be passed.
  bool takes(std::span<const Value> arguments) const;
  bool takes_count(std::size_t count) const {
    return variadic ? count >= parameters.size() : count == parameters.size();
  }
};

/// All overloads of one name.
struct FunctionGroup {
  std::string name;
  std::vector<const Overload*> overloads;
};

/// Functions by name.
class FunctionTable {
 public:
  /// Reads the signature; throws std::invalid_argument when it is not one. The texts of `entry` are copied.
  void add(const FunctionEntry& entry, const FunctionTable* base = nullptr);

  const FunctionGroup* find(std::string_view name) const;
  /// Whether functions are named `name` and more, like "math" in math.abs.
  bool is_namespace(std::string_view name) const;
  const std::unordered_map<std::string_view, std::unique_ptr<FunctionGroup>>& groups() const {
    return groups_;
  }

 private:
  Arena arena_;
  std::unordered_map<std::string_view, std::unique_ptr<FunctionGroup>> groups_;
  std::vector<std::string_view> namespaces_;
};

/// Operators, macros, CEL's standard functions, its extensions, and ours.
const FunctionTable& standard_functions();

struct FunctionDoc {
  std::string_view section;  ///< "strings", "math", "facts", ...
  std::string_view signature;
  std::string_view summary;
  std::string_view example;  ///< an expression that is true
};

/// Every operator, macro and function in the order of the documentation.
std::span<const FunctionDoc> function_docs();

}  // namespace ms::cel
