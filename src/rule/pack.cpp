#include "rule/pack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/closest_match.hpp"
#include "base/parallel.hpp"
#include "rule/expression.hpp"

namespace ms {
namespace {

constexpr std::string_view kEnvPrefix = "env.";

// What a short form means: a condition, and what it expects in words.
struct Condition {
  std::string expression;
  Text expected;
};

std::string shown(const Json& value) {
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  return text.empty() ? "\"\"" : text;
}

// "1", "1 or true", "0, 1 or true".
Text one_of(const std::vector<Json>& values) {
  Text text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool last = i + 1 == values.size();
    text.en += (i == 0 ? "" : last ? " or " : ", ") + shown(values[i]);
    text.zh += (i == 0 ? "" : last ? " 或 " : "、") + shown(values[i]);
  }
  return text;
}

std::string list_literal(const std::vector<Json>& values) {
  std::string literal = "[";
  for (const Json& value : values) literal += (literal.size() > 1 ? ", " : "") + value.dump();
  return literal + "]";
}

// How a fact is judged: the value that an expression sees, and when there is one.
struct Subject {
  std::string fact;
  bool is_variable = false;
  std::optional<std::string> default_value;

  std::string value() const {
    if (!is_variable || !default_value) return fact;
    return fmt::format("(has({0}) ? {0} : {1})", fact, Json(*default_value).dump());
  }

  // A variable that is not set, and that has no default, is not what any rule expects.
  std::string holds(const std::string& condition) const {
    if (!is_variable || default_value) return condition;
    return fmt::format("has({}) && {}", fact, condition);
  }
};

Condition range_condition(const TomlTable& table, const Subject& subject, const Json& range) {
  const bool is_pair = range.is_array() && range.size() == 2 && range[0].is_number() && range[1].is_number();
  if (!is_pair) table.fail("expect_range", "'expect_range' must be two numbers: [8, 16]");
  const std::string low = range[0].dump();
  const std::string high = range[1].dump();
  const std::string value = subject.value();
  std::string condition;
  if (subject.is_variable) {
    // The text of a variable that is no number is a wrong value, not a broken rule.
    condition = fmt::format(
        "{0}.matches(r'^\\s*[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)\\s*$') && "
        "number({0}) >= {1} && number({0}) <= {2}",
        value, low, high);
  } else {
    condition = fmt::format("{0} >= {1} && {0} <= {2}", value, low, high);
  }
  return {subject.holds(condition), {fmt::format("{} to {}", low, high), fmt::format("{} 到 {}", low, high)}};
}

std::vector<Json> values_of(const TomlTable& table, std::string_view key) {
  const Json list = *table.optional_json(key);
  if (!list.is_array() || list.empty()) table.fail(key, fmt::format("'{}' must be a list of values", key));
  return std::vector<Json>(list.begin(), list.end());
}

Condition short_form(const TomlTable& table, const Subject& subject) {
  const bool unset = table.optional_bool("expect_unset").value_or(false);
  if (table.has("expect_unset")) {
    if (!unset) table.fail("expect_unset", "'expect_unset' can only be true");
    if (!subject.is_variable) table.fail("expect_unset", "'expect_unset' is for environment variables only");
    if (!table.has("expect_any")) return {fmt::format("!has({})", subject.fact), {"not set", "未设置"}};
    const auto values = values_of(table, "expect_any");
    const Text any = one_of(values);
    return {fmt::format("!has({0}) || {0} in {1}", subject.fact, list_literal(values)),
            {"not set, or " + any.en, "未设置，或 " + any.zh}};
  }
  if (const auto value = table.optional_json("expect")) {
    if (!value->is_primitive())
      table.fail("expect", "'expect' must be one value; for several use 'expect_any'");
    return {subject.holds(fmt::format("{} == {}", subject.value(), value->dump())),
            {shown(*value), shown(*value)}};
  }
  if (table.has("expect_any")) {
    const auto values = values_of(table, "expect_any");
    return {subject.holds(fmt::format("{} in {}", subject.value(), list_literal(values))), one_of(values)};
  }
  return range_condition(table, subject, *table.optional_json("expect_range"));
}

// The one key that says what is expected.
std::string_view expectation_key(const TomlTable& table) {
  constexpr std::array<std::string_view, 5> kKeys = {"check", "expect", "expect_any", "expect_range",
                                                     "expect_unset"};
  std::vector<std::string_view> found;
  for (const std::string_view key : kKeys) {
    if (table.has(key)) found.push_back(key);
  }
  const bool unset_or_one_of = found == std::vector<std::string_view>{"expect_any", "expect_unset"};
  if (found.empty()) {
    table.fail("id",
               "the rule expects nothing: it needs 'expect', 'expect_any', 'expect_range', 'expect_unset' or "
               "'check'");
  }
  if (found.size() > 1 && !unset_or_one_of) {
    table.fail(found[1], fmt::format("'{}' and '{}' exclude each other", found[0], found[1]));
  }
  return found.front();
}

FixTemplate read_fix(const TomlTable& fix, const cel::Environment& environment) {
  FixTemplate result;
  if (const auto env = fix.optional_table("env")) {
    for (const std::string& name : env->keys()) {
      result.env.emplace_back(compile_key(*env, name, environment),
                              compile_template(*env, name, environment));
    }
  }
  for (const std::string& name : fix.strings("unset"))
    result.unset.push_back(compile_text(fix, "unset", name, environment));
  for (const std::string& command : fix.strings("command")) {
    result.commands.push_back(compile_text(fix, "command", command, environment));
  }
  result.note = optional_text_template(fix, "note", environment);
  fix.finish();
  return result;
}

Severity read_severity(const TomlTable& table) {
  const std::string word = table.string("severity");
  const auto severity = severity_named(word);
  if (!severity) {
    table.fail("severity", fmt::format("unknown severity '{}'{}", word,
                                       did_you_mean(closest_match(word, kSeverityNames))));
  }
  return *severity;
}

Rule read_rule(const TomlTable& table, const cel::Environment& declared) {
  const std::string id = table.string("id");
  if (id.empty()) table.fail("id", "'id' is empty");
  const Severity severity = read_severity(table);
  Text title = table.text("title");
  Text why = table.text("why");
  Text disputed = table.optional_text("disputed").value_or(Text());
  if (!disputed.en.empty() && severity == Severity::error) {
    table.fail("severity", "a rule whose sources contradict each other ('disputed') must not be an error");
  }
  std::vector<std::string> source = table.strings("source");
  if (source.empty()) table.fail("id", fmt::format("rule {} has no 'source': say who says so", id));

  auto when = optional_condition(table, "when", declared);
  auto for_each = optional_program(table, "for_each", declared);
  auto scope = std::make_shared<cel::Environment>(&declared);
  std::optional<cel::Template> element;
  if (for_each) {
    scope->declare("it", element_type(table, "for_each", *for_each));
    element = compile_template(table, "element", *scope);
  }
  const cel::Environment& environment = *scope;

  const std::string_view key = expectation_key(table);
  const std::string fact = table.optional_string("fact").value_or("");
  if (!fact.empty()) compile_program(table, "fact", environment);
  const bool is_variable = fact.starts_with(kEnvPrefix);
  Subject subject{fact, is_variable, table.optional_string("default")};
  if (subject.default_value && !is_variable)
    table.fail("default", "'default' is for environment variables only");

  std::optional<cel::Program> check;
  std::optional<TextTemplate> expected = optional_text_template(table, "expected", environment);
  if (key == "check") {
    check = optional_condition(table, "check", environment);
    if (!expected) expected = fixed_text({table.string("check"), table.string("check")});
  } else {
    if (fact.empty()) table.fail(key, fmt::format("'{}' needs a 'fact'", key));
    Condition condition = short_form(table, subject);
    check = compile_condition(table, key, condition.expression, environment);
    if (!expected) expected = fixed_text(condition.expected);
  }

  const auto fix = table.optional_table("fix");
  Rule rule{.id = id,
            .defined_at = fmt::format("{}:{}", table.source(), table.position().line),
            .severity = severity,
            .title = std::move(title),
            .why = std::move(why),
            .disputed = std::move(disputed),
            .source = std::move(source),
            .scope = scope,
            .when = std::move(when),
            .for_each = std::move(for_each),
            .element = std::move(element),
            .check = std::move(*check),
            .errors_fail = false,
            .fact = fact,
            .variable = is_variable ? std::optional(fact.substr(kEnvPrefix.size())) : std::nullopt,
            .default_value = subject.default_value,
            .expected = std::move(*expected),
            .actual = optional_actual(table, environment),
            .fix = fix ? read_fix(*fix, environment) : FixTemplate()};
  table.finish();
  return rule;
}

}  // namespace

std::vector<Rule> load_rules(const TomlTable& pack, const cel::Environment& environment) {
  constexpr std::size_t kChunk = 64;  // rules that are worth a thread
  const std::vector<TomlTable> tables = pack.tables("rule");
  const std::size_t chunks = (tables.size() + kChunk - 1) / kChunk;
  auto compiled = in_parallel(chunks, [&](std::size_t chunk) {
    std::vector<Rule> rules;
    const std::size_t end = std::min(tables.size(), (chunk + 1) * kChunk);
    for (std::size_t i = chunk * kChunk; i < end; ++i) rules.push_back(read_rule(tables[i], environment));
    return rules;
  });
  std::vector<Rule> rules;
  rules.reserve(tables.size());
  std::map<std::string, std::string> seen;
  for (std::vector<Rule>& chunk : compiled) {
    for (Rule& rule : chunk) {
      const auto [first, is_new] = seen.emplace(rule.id, rule.defined_at);
      if (!is_new) {
        tables[rules.size()].fail("id",
                                  fmt::format("rule {} is there already, at {}", rule.id, first->second));
      }
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace ms
