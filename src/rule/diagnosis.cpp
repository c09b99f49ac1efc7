#include "rule/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "base/closest_match.hpp"
#include "rule/expression.hpp"

namespace ms {
namespace {

constexpr std::array<std::string_view, 4> kPlaces = {"mindie", "vllm", "client", "env"};

/// Shares of the time from which a symptom is of high and of medium priority. Source: msprof-analyze, base
/// analyzer.
constexpr double kHighGain = 0.05;
constexpr double kMediumGain = 0.03;

Json read_constants(const TomlTable& pack) {
  Json constants = Json::object();
  const auto table = pack.optional_table("constants");
  if (!table) return constants;
  for (const std::string& name : table->keys()) {
    const auto value = table->optional_double(name);
    if (!value) table->fail(name, fmt::format("constant '{}' is no number", name));
    constants[name] = *value;
  }
  table->finish();
  return constants;
}

std::shared_ptr<const cel::Environment> with_constants(const cel::Environment& base, const Json& constants) {
  std::vector<cel::Type::Field> fields;
  for (const auto& [name, value] : constants.items()) fields.push_back({name, cel::Type::real()});
  auto environment = std::make_shared<cel::Environment>(&base);
  environment->declare("constants", cel::Type::object("constants", std::move(fields)));
  return environment;
}

SettingRule read_setting(const TomlTable& table, const cel::Environment& scope) {
  SettingRule rule{.target = table.string("target"),
                   .apply = table.string("apply"),
                   .when = optional_condition(table, "when", scope),
                   .value = compile_program(table, "value", scope),
                   .low = optional_program(table, "low", scope),
                   .high = optional_program(table, "high", scope),
                   .current = optional_program(table, "current", scope)};
  if (std::find(kPlaces.begin(), kPlaces.end(), rule.apply) == kPlaces.end()) {
    table.fail("apply", fmt::format("unknown apply '{}'{}", rule.apply,
                                    did_you_mean(closest_match(rule.apply, kPlaces))));
  }
  table.finish();
  return rule;
}

DiagnosisRule read_diagnosis(const TomlTable& table, const cel::Environment& base) {
  auto scope = std::make_shared<cel::Environment>(&base);
  std::vector<std::pair<std::string, cel::Program>> lets;
  if (const auto names = table.optional_table("let")) {
    for (const std::string& name : names->keys()) {
      cel::Program program = compile_program(*names, name, *scope);
      scope->declare(name, program.result_type());
      lets.emplace_back(name, std::move(program));
    }
    names->finish();
  }
  std::vector<TextTemplate> evidence;
  for (const TomlTable& line : table.tables("evidence")) {
    evidence.push_back(text_template(line, *scope));
    line.finish();
  }
  std::vector<SettingRule> settings;
  for (const TomlTable& setting : table.tables("setting")) settings.push_back(read_setting(setting, *scope));
  DiagnosisRule rule{.id = table.string("id"),
                     .defined_at = fmt::format("{}:{}", table.source(), table.position().line),
                     .scope = scope,
                     .lets = std::move(lets),
                     .when = optional_condition(table, "when", *scope),
                     .gain = compile_program(table, "gain", *scope),
                     .title = text_template(table, "title", *scope),
                     .evidence = std::move(evidence),
                     .cause = text_template(table, "cause", *scope),
                     .action = text_template(table, "action", *scope),
                     .settings = std::move(settings),
                     .effect = text_template(table, "effect", *scope),
                     .measure = text_template(table, "measure", *scope),
                     .source = table.strings("source")};
  if (rule.source.empty()) {
    table.fail("id", fmt::format("diagnosis {} has no 'source': say who says so", rule.id));
  }
  if (rule.evidence.empty()) table.fail("id", fmt::format("diagnosis {} has no 'evidence'", rule.id));
  table.finish();
  return rule;
}

// A rule on the facts of one run.
class Examination {
 public:
  Examination(const DiagnosisRule& rule, const cel::Activation& below) : rule_(rule), activation_(&below) {}

  std::optional<Diagnosis> run(std::string_view without) {
    if (!bind_lets() || (rule_.when && !holds(rule_.when, activation_, arena_))) return std::nullopt;
    const double gain = number(rule_.gain.evaluate(activation_, arena_));
    Diagnosis diagnosis{.id = rule_.id,
                        .gain = std::clamp(gain, 0.0, 1e3),
                        .title = text(rule_.title),
                        .evidence = {},
                        .cause = text(rule_.cause),
                        .action = text(rule_.action),
                        .settings = {},
                        .effect = text(rule_.effect),
                        .measure = text(rule_.measure),
                        .source = rule_.source};
    for (const TextTemplate& line : rule_.evidence) diagnosis.evidence.push_back(text(line));
    for (const SettingRule& setting : rule_.settings) {
      if (setting.apply != without) add_setting(setting, diagnosis);
    }
    return diagnosis;
  }

 private:
  bool bind_lets() {
    for (const auto& [name, program] : rule_.lets) {
      const cel::Value value = program.evaluate(activation_, arena_);
      if (value.is_failure()) return false;
      activation_.bind(name, values_.emplace_back(cel::to_json(value)));
    }
    return true;
  }

  static double number(const cel::Value& value) {
    if (value.is_failure()) return 0;
    const Json json = cel::to_json(value);
    return json.is_number() && std::isfinite(json.get<double>()) ? json.get<double>() : 0;
  }

  Text text(const TextTemplate& text) { return render(text, activation_, arena_); }

  void add_setting(const SettingRule& setting, Diagnosis& diagnosis) {
    if (setting.when && !holds(setting.when, activation_, arena_)) return;
    const cel::Value value = setting.value.evaluate(activation_, arena_);
    if (value.is_failure()) return;
    diagnosis.settings.push_back({.id = rule_.id,
                                  .target = setting.target,
                                  .apply = setting.apply,
                                  .current = value_or_null(setting.current, activation_, arena_),
                                  .value = cel::to_json(value),
                                  .low = value_or_null(setting.low, activation_, arena_),
                                  .high = value_or_null(setting.high, activation_, arena_),
                                  .why = diagnosis.title,
                                  .evidence = diagnosis.evidence,
                                  .effect = diagnosis.effect,
                                  .risk = {},
                                  .confidence = "medium",
                                  .source = diagnosis.source});
  }

  const DiagnosisRule& rule_;
  cel::Activation activation_;
  cel::Arena arena_;
  std::deque<Json> values_;  // what the names of `let` are bound to
};

}  // namespace

std::string_view Diagnosis::priority() const {
  return gain >= kHighGain ? "high" : gain >= kMediumGain ? "medium" : "low";
}

DiagnosisPack load_diagnoses(const TomlTable& pack,
                             const std::shared_ptr<const cel::Environment>& environment) {
  Json constants = read_constants(pack);
  auto scope = with_constants(*environment, constants);
  std::vector<DiagnosisRule> rules;
  for (const TomlTable& table : pack.tables("diagnosis")) rules.push_back(read_diagnosis(table, *scope));
  return {.environment = std::move(scope), .constants = std::move(constants), .rules = std::move(rules)};
}

std::vector<Diagnosis> diagnose(const std::vector<DiagnosisPack>& packs, const FactDocument& facts,
                                const Json& advised, std::string_view without) {
  std::vector<Diagnosis> found;
  for (const DiagnosisPack& pack : packs) {
    cel::Activation activation = activation_of(facts);
    activation.bind("advice", advised);
    activation.bind("constants", pack.constants);
    for (const DiagnosisRule& rule : pack.rules) {
      auto diagnosis = Examination(rule, activation).run(without);
      if (diagnosis) found.push_back(std::move(*diagnosis));
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Diagnosis& a, const Diagnosis& b) { return a.gain > b.gain; });
  return found;
}

}  // namespace ms
