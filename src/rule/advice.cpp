#include "rule/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/closest_match.hpp"
#include "rule/expression.hpp"

namespace ms {
namespace {

constexpr std::array<std::string_view, 3> kConfidences = {"low", "medium", "high"};
constexpr std::array<std::string_view, 4> kPlaces = {"mindie", "vllm", "client", "env"};

std::string word_of(const TomlTable& table, std::string_view key, std::span<const std::string_view> words) {
  std::string word = table.string(key);
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    table.fail(key, fmt::format("unknown {} '{}'{}", key, word, did_you_mean(closest_match(word, words))));
  }
  return word;
}

std::vector<TextTemplate> evidence_of(const TomlTable& table, const cel::Environment& environment) {
  std::vector<TextTemplate> lines;
  for (const TomlTable& line : table.tables("evidence")) {
    lines.push_back(text_template(line, environment));
    line.finish();
  }
  return lines;
}

AdviceRule read_advice(const TomlTable& table, const cel::Environment& environment) {
  AdviceRule rule{.id = table.string("id"),
                  .defined_at = fmt::format("{}:{}", table.source(), table.position().line),
                  .target = table.string("target"),
                  .apply = word_of(table, "apply", kPlaces),
                  .when = optional_condition(table, "when", environment),
                  .value = (table.string("value"), compile_program(table, "value", environment)),
                  .low = optional_program(table, "low", environment),
                  .high = optional_program(table, "high", environment),
                  .current = optional_program(table, "current", environment),
                  .why = text_template(table, "why", environment),
                  .evidence = evidence_of(table, environment),
                  .effect = text_template(table, "effect", environment),
                  .risk = optional_text_template(table, "risk", environment),
                  .confidence = word_of(table, "confidence", kConfidences),
                  .source = table.strings("source")};
  if (rule.source.empty())
    table.fail("id", fmt::format("advice {} has no 'source': say who says so", rule.id));
  table.finish();
  return rule;
}

}  // namespace

std::vector<AdviceRule> load_advice(const TomlTable& pack, const cel::Environment& environment) {
  std::vector<AdviceRule> rules;
  for (const TomlTable& table : pack.tables("advice")) rules.push_back(read_advice(table, environment));
  return rules;
}

Advice advise(const std::vector<AdviceRule>& rules, const FactDocument& facts, std::string_view without) {
  Json advised = Json::object();
  Advice advice;
  for (const AdviceRule& rule : rules) {
    if (!without.empty() && rule.apply == without) continue;
    cel::Activation activation = activation_of(facts);
    activation.bind("advice", advised);
    cel::Arena arena;
    if (rule.when && !holds(rule.when, activation, arena)) continue;
    const cel::Value value = rule.value.evaluate(activation, arena);
    if (value.is_failure()) {
      advice.warnings.push_back(
          fmt::format("{}: {}", rule.id,
                      value.is(cel::Kind::unknown) ? reasons_of(value) : std::string(value.error().message)));
      continue;
    }
    const Json advised_value = cel::to_json(value);
    advised[rule.target] = advised_value;  // low, high and the texts may speak of it
    Recommendation recommendation{.id = rule.id,
                                  .target = rule.target,
                                  .apply = rule.apply,
                                  .current = value_or_null(rule.current, activation, arena),
                                  .value = advised_value,
                                  .low = value_or_null(rule.low, activation, arena),
                                  .high = value_or_null(rule.high, activation, arena),
                                  .why = render(rule.why, activation, arena),
                                  .evidence = {},
                                  .effect = render(rule.effect, activation, arena),
                                  .risk = rule.risk ? render(*rule.risk, activation, arena) : Text(),
                                  .confidence = rule.confidence,
                                  .source = rule.source};
    for (const TextTemplate& line : rule.evidence)
      recommendation.evidence.push_back(render(line, activation, arena));
    advice.recommendations.push_back(std::move(recommendation));
  }
  return advice;
}

}  // namespace ms
