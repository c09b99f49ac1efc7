#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/expression.hpp"

namespace ms::import {

struct Statement;

/// A branch of an `if`; without a condition it is the `else`.
struct Branch {
  std::optional<Expression> condition;
  std::vector<Statement> body;
};

/// One statement of a section.
struct Statement {
  enum class Kind { assign, assertion, choice, loop, leave };

  Kind kind = Kind::assign;
  Position position;
  std::string name;              ///< what is assigned, the variable of a loop, "break" or "continue"
  Expression value;              ///< what is assigned or asserted, the list of a loop
  std::string message;           ///< of an assertion
  std::string severity;          ///< "info", "warning" or "error"
  std::vector<Branch> branches;  ///< of a choice; a loop has one
};

/// `name: 'what it is' @ 'json'`
struct Dependency {
  std::string name;
  std::string about;
  std::string format;  ///< empty for a context key
  Position position;
};

struct Partition {
  std::string target;
  std::vector<Statement> rules;
};

/// A .cmate file as it is written.
struct CmateFile {
  std::vector<Statement> metadata;
  std::vector<Dependency> dependencies;
  std::vector<Statement> globals;
  std::vector<Partition> partitions;
};

/// Reads a .cmate file; the result refers to `text`. Throws InputError with line, column and what was
/// expected.
CmateFile parse_cmate(std::string_view text, const std::string& source);

}  // namespace ms::import
