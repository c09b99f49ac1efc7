#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "import/expression.hpp"

namespace ms::import {

/// A condition under which a statement is reached: it holds or, with `negated`, it does not.
struct Guard {
  const Expression* condition = nullptr;
  bool negated = false;
};

/// What guards say of the context keys: `${context::deploy_mode} == 'pd_mix'`.
class ContextKnowledge {
 public:
  explicit ContextKnowledge(const std::vector<Guard>& guards);

  /// Whether a condition holds wherever the guards do; nullopt where they leave it open.
  std::optional<bool> decide(const Expression& condition) const;
  /// The same for all of some guards.
  std::optional<bool> decide(const std::vector<Guard>& guards) const;

 private:
  void learn(const Expression& condition, bool negated);
  std::optional<bool> decide_equality(const Expression& condition) const;

  std::map<std::string, std::string, std::less<>> equal_;
  std::map<std::string, std::set<std::string>, std::less<>> unequal_;
};

/// Without the guards that follow from the others: `if a == 1 ... elif a == 2` need not say that a is not 1.
std::vector<Guard> without_implied(const std::vector<Guard>& guards);

/// A context key that is compared with texts: `${context::key} == 'a'`, `${context::key} in ['a', 'b']`.
struct ContextComparison {
  std::string key;
  std::vector<std::string> values;
};
std::optional<ContextComparison> context_comparison(const Expression& expression);

/// The key of `${context::key}`; nullopt for another path.
std::optional<std::string> context_key(const Expression& expression);

}  // namespace ms::import
