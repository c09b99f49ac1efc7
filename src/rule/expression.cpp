#include "rule/expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ms {
namespace {

bool may_be_bool(const cel::Type& type) {
  return type.kind() == cel::TypeKind::boolean || type.kind() == cel::TypeKind::dyn;
}

cel::Program compile_string(const TomlTable& table, std::string_view key, const std::string& text,
                            const cel::Environment& environment) {
  try {
    return cel::compile(text, environment);
  } catch (const cel::CompileError& e) {
    table.fail_in_string(key, e.offset(), e.what());
  }
}

cel::Template compile_template_text(const TomlTable& table, std::string_view key, const std::string& text,
                                    const cel::Environment& environment) {
  try {
    return cel::Template::compile(text, environment);
  } catch (const cel::CompileError& e) {
    table.fail_in_string(key, e.offset(), e.what());
  }
}

cel::Template plain(const std::string& text) {
  // Braces of a fixed text are text: an expected value may well be JSON.
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool opens = text.compare(i, 2, "{{") == 0;
    escaped += opens ? "{{{{" : text.substr(i, 1);
    if (opens) ++i;
  }
  static const cel::Environment kNothing;
  return cel::Template::compile(escaped, kNothing);
}

}  // namespace

cel::Program compile_program(const TomlTable& table, std::string_view key,
                             const cel::Environment& environment) {
  return compile_string(table, key, table.string(key), environment);
}

std::optional<cel::Program> optional_program(const TomlTable& table, std::string_view key,
                                             const cel::Environment& environment) {
  if (!table.has(key)) return std::nullopt;
  return compile_program(table, key, environment);
}

std::optional<cel::Program> optional_condition(const TomlTable& table, std::string_view key,
                                               const cel::Environment& environment) {
  auto program = optional_program(table, key, environment);
  if (program && !may_be_bool(program->result_type())) {
    table.fail_in_string(key, 0,
                         fmt::format("'{}' must be true or false, but this is a value of type {}", key,
                                     program->result_type().to_text()));
  }
  return program;
}

cel::Program compile_condition(const TomlTable& table, std::string_view key, const std::string& expression,
                               const cel::Environment& environment) {
  try {
    return cel::compile(expression, environment);
  } catch (const cel::CompileError& e) {
    table.fail(key, fmt::format("'{}' does not fit the fact: {}", key, e.what()));
  }
}

cel::Template compile_template(const TomlTable& table, std::string_view key,
                               const cel::Environment& environment) {
  return compile_template_text(table, key, table.string(key), environment);
}

cel::Template compile_key(const TomlTable& table, std::string_view key, const cel::Environment& environment) {
  return compile_template_text(table, key, std::string(key), environment);
}

cel::Template compile_text(const TomlTable& table, std::string_view key, const std::string& text,
                           const cel::Environment& environment) {
  return compile_template_text(table, key, text, environment);
}

TextTemplate text_template(const TomlTable& table, const cel::Environment& environment) {
  return {compile_template(table, "en", environment), compile_template(table, "zh", environment)};
}

TextTemplate text_template(const TomlTable& table, std::string_view key,
                           const cel::Environment& environment) {
  auto text = optional_text_template(table, key, environment);
  if (!text) table.fail(key, fmt::format("'{0}' is missing: {0} = {{ en = \"...\", zh = \"...\" }}", key));
  return std::move(*text);
}

std::optional<TextTemplate> optional_text_template(const TomlTable& table, std::string_view key,
                                                   const cel::Environment& environment) {
  const auto text = table.optional_table(key);
  if (!text) return std::nullopt;
  TextTemplate result = text_template(*text, environment);
  text->finish();
  return result;
}

std::optional<TextTemplate> optional_actual(const TomlTable& table, const cel::Environment& environment) {
  if (!table.has("actual")) return std::nullopt;
  if (table.is_table("actual")) return optional_text_template(table, "actual", environment);
  return TextTemplate{compile_template(table, "actual", environment),
                      compile_template(table, "actual", environment)};
}

TextTemplate fixed_text(const Text& text) {
  return {plain(text.en), plain(text.zh)};
}

cel::Type element_type(const TomlTable& table, std::string_view key, const cel::Program& list) {
  const cel::Type type = list.result_type();
  if (type.kind() == cel::TypeKind::dyn) return cel::Type::dyn();
  if (type.kind() != cel::TypeKind::list) {
    table.fail_in_string(
        key, 0, fmt::format("'{}' must be a list, but this is a value of type {}", key, type.to_text()));
  }
  return cel::Type::copy_of(*type.node().parameter(0));
}

cel::Activation activation_of(const FactDocument& facts) {
  return cel::Activation::of_document(facts.tree());
}

Json value_or_null(const std::optional<cel::Program>& program, const cel::Activation& activation,
                   cel::Arena& arena) {
  if (!program) return nullptr;
  const cel::Value value = program->evaluate(activation, arena);
  return value.is_failure() ? Json() : cel::to_json(value);
}

Text render(const TextTemplate& text, const cel::Activation& activation, cel::Arena& arena) {
  return {text.en.evaluate(activation, arena).text, text.zh.evaluate(activation, arena).text};
}

std::string reasons_of(const cel::Value& unknown) {
  std::vector<std::string_view> reasons;
  for (const cel::UnknownFact& fact : unknown.unknown()) {
    if (std::find(reasons.begin(), reasons.end(), fact.reason) == reasons.end())
      reasons.push_back(fact.reason);
  }
  return fmt::format("{}", fmt::join(reasons, "; "));
}

bool holds(const std::optional<cel::Program>& condition, const cel::Activation& activation,
           cel::Arena& arena) {
  return condition && condition->evaluate(activation, arena).is_true();
}

}  // namespace ms
