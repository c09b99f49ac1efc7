#include <fmt/format.h>

#include "base/text.hpp"
#include "import/imported_pack.hpp"
#include "rule/toml_text.hpp"

namespace ms::import {
namespace {

std::string toml_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + toml_expression(text);
  return fmt::format("[{}]", list);
}

std::string both_languages(const std::string& text) {
  return fmt::format("{{ en = {0}, zh = {0} }}", toml_expression(text));
}

std::string head(const ImportedPack& pack) {
  std::string text =
      fmt::format("# Translated from {} by msprecheck import.\n\n", sanitize_utf8(pack.source));
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) text += fmt::format("{} = {}\n", key, toml_expression(value));
  };
  add("name", sanitize_utf8(pack.name));
  add("version", sanitize_utf8(pack.version));
  add("about", sanitize_utf8(pack.about));
  return text + "errors_fail = true  # what is missing fails a rule, as it does there\n";
}

std::string inputs(const ImportedPack& pack) {
  std::string text;
  for (const ImportedDocument& document : pack.documents) {
    text += fmt::format("\n[documents.{}]\nabout = {}\n", document.name,
                        toml_expression(document.about.empty() ? document.name : document.about));
    if (!document.format.empty()) text += fmt::format("format = {}\n", toml_expression(document.format));
  }
  for (const ImportedContext& key : pack.contexts) {
    text += fmt::format("\n[context.{}]\nabout = {}\n", key.name,
                        toml_expression(key.about.empty() ? key.name : key.about));
    if (!key.options.empty()) text += fmt::format("options = {}\n", toml_list(key.options));
    if (key.open) text += "open = true\n";
  }
  if (pack.questions.empty()) return text;
  text += "\n[ask]\n";
  if (!pack.questions.paths.empty())
    text += fmt::format("path_exists = {}\n", toml_list(pack.questions.paths));
  if (pack.questions.ports) text += "ports_in_use = true\n";
  if (pack.questions.address) text += "address = true\n";
  return text;
}

std::string expectation(const ImportedRule& rule) {
  const Expectation& wanted = rule.expectation;
  if (wanted.variable.empty()) {
    return fmt::format("check = {}\nexpected = {}\n", toml_expression(wanted.check),
                       both_languages(without_holes(rule.expected)));
  }
  std::string text = fmt::format("fact = 'env.{}'\n", wanted.variable);
  if (wanted.unset) text += "expect_unset = true\n";
  if (wanted.values.size() == 1 && !wanted.unset) {
    text += fmt::format("expect = {}\n", toml_expression(wanted.values[0]));
  } else if (!wanted.values.empty()) {
    text += fmt::format("expect_any = {}\n", toml_list(wanted.values));
  }
  if (wanted.values.empty()) return text + fmt::format("fix.unset = '{}'\n", wanted.variable);
  return text + fmt::format("fix.env = {{ {} = {} }}\n", wanted.variable,
                            toml_expression(without_holes(wanted.values[0])));
}

std::string rule_text(const ImportedRule& rule, const std::string& source) {
  std::string text =
      fmt::format("\n[[rule]]\nid = {}\nseverity = '{}'\ntitle = {}\nwhy = {}\n", toml_expression(rule.id),
                  rule.severity, both_languages(rule.title), both_languages(rule.why));
  if (!rule.when.empty()) text += fmt::format("when = {}\n", toml_expression(rule.when));
  if (!rule.for_each.empty()) {
    text += fmt::format(
        "for_each = {}\nelement = '{{{{loose.last([it, it.at(\"name\")])}}}}'\nactual = '{{{{it}}}}'\n",
        toml_expression(rule.for_each));
  }
  return text + expectation(rule) +
         fmt::format("source = {}\n", toml_expression(fmt::format("{}:{}", source, rule.line)));
}

std::string comments(const std::vector<Omission>& list, std::string_view title) {
  if (list.empty()) return {};
  std::string text = fmt::format("\n# {}\n", title);
  for (const Omission& one : list) {
    text += fmt::format("# line {}: {}: {}\n", one.line, one.construct, shortened(one.reason));
  }
  return text;
}

}  // namespace

std::string to_toml(const ImportedPack& pack) {
  std::string text = head(pack) + inputs(pack);
  const std::string source = sanitize_utf8(pack.source);
  for (const ImportedRule& rule : pack.rules) text += rule_text(rule, source);
  return text + comments(pack.notes, "Translated, but not as it stands there:") +
         comments(pack.omissions, "Not translated:");
}

}  // namespace ms::import
