#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
  /// With `of_any_path` the guards stand at one place, where every path means one thing: what they say of any
  /// path is known as well.
  explicit ContextKnowledge(const std::vector<Guard>& guards, bool of_any_path = false);

  /// Whether a condition holds wherever the guards do; nullopt where they leave it open.
  std::optional<bool> decide(const Expression& condition) const;
  /// The same for all of some guards.
  std::optional<bool> decide(const std::vector<Guard>& guards) const;

 private:
  void learn(const Expression& condition, bool negated);
  std::optional<bool> decide_equality(const Expression& condition) const;

  bool of_any_path_;
  std::map<std::string, std::string, std::less<>> equal_;
  std::map<std::string, std::set<std::string>, std::less<>> unequal_;
};

/// Without the guards that follow from the others: `if a == 1 ... elif a == 2` need not say that a is not 1.
std::vector<Guard> without_implied(const std::vector<Guard>& guards);

/// A path that is compared with literals: `${context::key} == 'a'`, `${context::key} in ['a', 'b']`.
struct Comparison {
  std::string path;
  std::vector<std::string> values;
};
std::optional<Comparison> comparison_in(const Expression& expression);

/// The key of `context::key`; nullopt for another path.
std::optional<std::string> context_key(std::string_view path);

}  // namespace ms::import
