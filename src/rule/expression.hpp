#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/toml.hpp"
#include "cel/environment.hpp"
#include "cel/program.hpp"
#include "cel/template.hpp"
#include "facts/document.hpp"
#include "rule/rule.hpp"

namespace ms {

// Expressions and templates as they stand in TOML. Each function throws InputError at the byte of the string
// that is wrong: file, line, column, caret, and the closest name.

cel::Program compile_program(const TomlTable& table, std::string_view key,
                             const cel::Environment& environment);
std::optional<cel::Program> optional_program(const TomlTable& table, std::string_view key,
                                             const cel::Environment& environment);

/// An expression that is true or false.
std::optional<cel::Program> optional_condition(const TomlTable& table, std::string_view key,
                                               const cel::Environment& environment);

/// A condition that a short form stands for; what is wrong with it is wrong with the value of `key`.
cel::Program compile_condition(const TomlTable& table, std::string_view key, const std::string& expression,
                               const cel::Environment& environment);

cel::Template compile_template(const TomlTable& table, std::string_view key,
                               const cel::Environment& environment);
/// `key` itself as a template: names of variables may have holes.
cel::Template compile_key(const TomlTable& table, std::string_view key, const cel::Environment& environment);
/// A string of the list at `key`.
cel::Template compile_text(const TomlTable& table, std::string_view key, const std::string& text,
                           const cel::Environment& environment);

/// `{ en = "...", zh = "..." }` with holes.
TextTemplate text_template(const TomlTable& table, std::string_view key, const cel::Environment& environment);
/// `en` and `zh` of `table` itself.
TextTemplate text_template(const TomlTable& table, const cel::Environment& environment);
std::optional<TextTemplate> optional_text_template(const TomlTable& table, std::string_view key,
                                                   const cel::Environment& environment);
/// `actual`: the same in both languages, or a text in each.
std::optional<TextTemplate> optional_actual(const TomlTable& table, const cel::Environment& environment);
/// A text without holes.
TextTemplate fixed_text(const Text& text);

/// The type of the elements of a list expression; throws when it is no list.
cel::Type element_type(const TomlTable& table, std::string_view key, const cel::Program& list);

/// What expressions see: every top-level tree of the facts.
cel::Activation activation_of(const FactDocument& facts);

/// What an expression gives; null where there is none, or where it fails: a missing fact leaves it open.
Json value_or_null(const std::optional<cel::Program>& program, const cel::Activation& activation,
                   cel::Arena& arena);

Text render(const TextTemplate& text, const cel::Activation& activation, cel::Arena& arena);

/// The reasons of an unknown value, each once: "npu-smi: not found on PATH".
std::string reasons_of(const cel::Value& unknown);

/// A condition's value that holds: not false, not unknown, not an error.
bool holds(const std::optional<cel::Program>& condition, const cel::Activation& activation,
           cel::Arena& arena);

}  // namespace ms
