#pragma once

#include <memory>
#include <span>
#include <vector>

#include "cel/arena.hpp"
#include "cel/ast.hpp"
#include "cel/environment.hpp"
#include "cel/inline_vector.hpp"

namespace ms::cel {

/// Prepares a checked tree for evaluation: what is constant is computed, chains of selections become one
/// step, constant patterns are compiled, and the facts that are read are noted.
class Planner {
 public:
  Planner(std::string_view source, const Environment& environment, Arena& arena,
          std::vector<std::shared_ptr<const re2::RE2>>& patterns)
      : source_(source), environment_(environment), arena_(arena), patterns_(patterns) {}

  Node* run(Node* root) { return plan(root); }

  /// The paths of the facts that are read, each once.
  std::span<const std::string_view> references() const { return arena_.copy(references_.all()); }

 private:
  Node* plan(Node* node);
  bool plan_path(Node* node);
  void fold(Node* node);
  void compile_pattern(Node* node);
  void note(const Node& root, std::string_view last_field);

  std::string_view source_;
  const Environment& environment_;
  Arena& arena_;
  std::vector<std::shared_ptr<const re2::RE2>>& patterns_;
  InlineVector<std::string_view, 8> references_;
};

}  // namespace ms::cel
