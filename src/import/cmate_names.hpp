#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "import/cel_writer.hpp"
#include "import/cmate.hpp"
#include "import/guards.hpp"
#include "import/imported_pack.hpp"

namespace ms::import {

/// A loop around a statement, and the guards between it and the next loop or the statement.
struct Loop {
  std::string variable;
  const Expression* list = nullptr;
  std::vector<Guard> guards;
};

/// An assignment of [global], with all that decides whether it is reached.
struct Assignment {
  std::string name;
  const Expression* value = nullptr;
  std::vector<Guard> guards;  ///< outside of loops
  std::vector<Loop> loops;
  int line = 0;
  std::string refusal;  ///< why it cannot be translated; empty where it can
};

/// Where an expression stands.
struct Place {
  std::string target;                ///< of the partition; empty in [global]
  const std::vector<Guard>* guards;  ///< of the statement
  /// Names of loop variables and what they are in CEL; empty text: not to be had here.
  std::vector<std::pair<std::string, std::string>> variables;
  std::size_t assignments;  ///< how many assignments come before
};

/// A name as CEL takes it.
std::string identifier(const std::string& name);

/// What the paths and names of a .cmate file are in CEL. [global] is gone afterwards: each use of a variable
/// is the value that was assigned to it under the guards of the use.
class CmateNames {
 public:
  /// Notes and what is asked of the host go to `pack`, whose documents and contexts are known.
  CmateNames(const std::vector<Assignment>& assignments, ImportedPack& pack)
      : assignments_(assignments), pack_(pack) {}

  /// Writes expressions that stand at `place`, which must outlive the writer.
  CelWriter writer(const Place& place) const;

  /// The guards of a statement joined by &&; empty without any.
  std::string condition(const std::vector<Guard>& guards, const Place& place) const;

  /// The elements that the innermost of some loops goes through, as a list in CEL. `place` stands outside of
  /// them.
  std::string elements(const std::vector<Loop>& loops, const Place& place) const;

 private:
  Cel resolve(const Expression& path, const Place& place) const;
  Cel variable(const std::string& name, const Place& place) const;
  Cel assigned(const Assignment& assignment, const Place& place) const;
  Cel asked_path(const std::string& path, const Place& place) const;
  bool is_assigned(const std::string& name) const;

  const std::vector<Assignment>& assignments_;
  ImportedPack& pack_;
};

}  // namespace ms::import
