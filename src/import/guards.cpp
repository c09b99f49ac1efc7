#include "import/guards.hpp"

#include <algorithm>

namespace ms::import {
namespace {

constexpr std::string_view kContext = "context::";

std::optional<std::string> literal_text(const Expression& expression) {
  const bool is_literal = expression.is(Expression::Kind::text) || expression.is(Expression::Kind::number) ||
                          expression.is_word("true") || expression.is_word("false");
  return is_literal ? std::optional(expression.text) : std::nullopt;
}

std::optional<bool> negate(std::optional<bool> value) {
  return value ? std::optional(!*value) : std::nullopt;
}

// false wins over open, open over true.
std::optional<bool> both(std::optional<bool> a, std::optional<bool> b) {
  if (a == false || b == false) return false;
  return a && b ? std::optional(true) : std::nullopt;
}

// An element of the list that is no literal may be the value after all.
bool lists_literals_only(const Expression& condition, const Comparison& comparison) {
  return !condition.is_operator("in") || comparison.values.size() == condition.parts[1].parts.size();
}

}  // namespace

std::optional<std::string> context_key(std::string_view path) {
  if (!path.starts_with(kContext)) return std::nullopt;
  return std::string(path.substr(kContext.size()));
}

std::optional<Comparison> comparison_in(const Expression& expression) {
  if (expression.is_operator("==") || expression.is_operator("!=")) {
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const Expression& path = expression.parts[side];
      const auto value = literal_text(expression.parts[1 - side]);
      if (path.is(Expression::Kind::path) && value) return Comparison{path.text, {*value}};
    }
  }
  if (!expression.is_operator("in") || !expression.parts[1].is(Expression::Kind::list)) return std::nullopt;
  if (!expression.parts[0].is(Expression::Kind::path)) return std::nullopt;
  Comparison comparison{expression.parts[0].text, {}};
  for (const Expression& element : expression.parts[1].parts) {
    if (const auto value = literal_text(element)) comparison.values.push_back(*value);
  }
  return comparison;
}

ContextKnowledge::ContextKnowledge(const std::vector<Guard>& guards, bool of_any_path)
    : of_any_path_(of_any_path) {
  for (const Guard& guard : guards) learn(*guard.condition, guard.negated);
}

void ContextKnowledge::learn(const Expression& condition, bool negated) {
  if (condition.is(Expression::Kind::unary) && condition.text == "not")
    return learn(condition.parts[0], !negated);
  if (condition.is_operator(negated ? "or" : "and")) {
    learn(condition.parts[0], negated);
    learn(condition.parts[1], negated);
    return;
  }
  const auto comparison = comparison_in(condition);
  if (!comparison || condition.is_operator("in")) return;
  if (!of_any_path_ && !context_key(comparison->path)) return;
  const bool is_equal = condition.is_operator("==") != negated;
  if (is_equal) {
    equal_.emplace(comparison->path, comparison->values[0]);
  } else {
    unequal_[comparison->path].insert(comparison->values[0]);
  }
}

std::optional<bool> ContextKnowledge::decide_equality(const Expression& condition) const {
  const auto comparison = comparison_in(condition);
  if (!comparison || comparison->values.empty() || !lists_literals_only(condition, *comparison))
    return std::nullopt;
  const auto known = equal_.find(comparison->path);
  if (known != equal_.end()) {
    return std::find(comparison->values.begin(), comparison->values.end(), known->second) !=
           comparison->values.end();
  }
  const auto excluded = unequal_.find(comparison->path);
  if (excluded == unequal_.end()) return std::nullopt;
  const bool all_excluded =
      std::all_of(comparison->values.begin(), comparison->values.end(),
                  [&](const std::string& value) { return excluded->second.contains(value); });
  return all_excluded ? std::optional(false) : std::nullopt;
}

std::optional<bool> ContextKnowledge::decide(const Expression& condition) const {
  if (condition.is(Expression::Kind::unary) && condition.text == "not")
    return negate(decide(condition.parts[0]));
  if (condition.is_operator("and")) return both(decide(condition.parts[0]), decide(condition.parts[1]));
  if (condition.is_operator("or")) {
    return negate(both(negate(decide(condition.parts[0])), negate(decide(condition.parts[1]))));
  }
  const auto equal = decide_equality(condition);
  return condition.is_operator("!=") ? negate(equal) : equal;
}

std::optional<bool> ContextKnowledge::decide(const std::vector<Guard>& guards) const {
  std::optional<bool> result = true;
  for (const Guard& guard : guards) {
    const auto holds = decide(*guard.condition);
    result = both(result, guard.negated ? negate(holds) : holds);
  }
  return result;
}

std::vector<Guard> without_implied(const std::vector<Guard>& guards) {
  std::vector<Guard> positive;
  std::copy_if(guards.begin(), guards.end(), std::back_inserter(positive),
               [](const Guard& g) { return !g.negated; });
  const ContextKnowledge known(positive, true);
  std::vector<Guard> kept;
  std::copy_if(guards.begin(), guards.end(), std::back_inserter(kept),
               [&](const Guard& g) { return !g.negated || known.decide(*g.condition) != false; });
  return kept;
}

}  // namespace ms::import
