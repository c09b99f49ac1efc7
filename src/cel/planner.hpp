#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "cel/arena.hpp"
#include "cel/ast.hpp"
#include "cel/environment.hpp"

namespace ms::cel {

/// Prepares a checked tree for evaluation: what is constant is computed, chains of selections become one
/// step, constant patterns are compiled, and the facts that are read are noted.
class Planner {
 public:
  Planner(std::string_view source, const Environment& environment, Arena& arena,
          std::vector<std::shared_ptr<const re2::RE2>>& patterns)
      : source_(source), environment_(environment), arena_(arena), patterns_(patterns) {}

  Node* run(Node* root) { return plan(root); }

  /// The paths of the facts that are read, in a list from the last one to the first; nullptr: none.
  const PathData* paths() const { return last_path_; }

 private:
  Node* plan(Node* node);
  PathData* plan_path(Node* node);
  void fold(Node* node);
  void compile_pattern(Node* node);
  PathData* make_path(const Node& root, std::span<FieldKey> names);
  const PathData* path_to_member(const Node& container, std::string_view name);
  void note(PathData* path) { path->next = std::exchange(last_path_, path); }

  std::string_view source_;
  const Environment& environment_;
  Arena& arena_;
  std::vector<std::shared_ptr<const re2::RE2>>& patterns_;
  PathData* last_path_ = nullptr;
};

}  // namespace ms::cel
