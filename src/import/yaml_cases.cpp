#include "import/yaml_cases.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "import/expression_parser.hpp"
#include "import/yaml_words.hpp"

namespace ms::import {
namespace {

constexpr std::array<Word, 14> kComparisons = {{{"eq", "=="},
                                                {"==", "=="},
                                                {"ne", "!="},
                                                {"!=", "!="},
                                                {"lt", "<"},
                                                {"<", "<"},
                                                {"le", "<="},
                                                {"<=", "<="},
                                                {"gt", ">"},
                                                {">", ">"},
                                                {"ge", ">="},
                                                {">=", ">="},
                                                {"enum", "in"},
                                                {"in", "in"}}};

// A text that is an expression, not a word like `standard` or a value like `expandable_segments:True`.
std::optional<Expression> expression_in(const std::string& text) {
  auto expression = parse_expression(text);
  if (!expression) return std::nullopt;
  bool has_word = false;
  walk(*expression, [&](const Expression& part) { has_word |= part.is(Expression::Kind::name); });
  return has_word ? std::nullopt : std::move(expression);
}

// A variable is text, whatever a number looks like in YAML.
std::optional<std::string> variable_text(const YamlNode& value) {
  if (!value.is_scalar() || value.is_null()) return std::nullopt;
  if (value.text.find("${") != std::string::npos) return std::nullopt;
  const auto expression = parse_expression(value.text);
  return sanitize_utf8(expression && expression->is(Expression::Kind::text) ? expression->text : value.text);
}

std::optional<Expectation> variable_expectation(std::string_view sign, const YamlNode& value,
                                                const Subject& subject, bool may_be_unset) {
  if (subject.root != "env" || subject.path.size() != 1) return std::nullopt;
  if (sign != "==" && sign != "in") return std::nullopt;
  const std::string& name = subject.path[0];
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
  if (!is_plain || name.empty()) return std::nullopt;
  Expectation expectation{.variable = name, .values = {}, .unset = may_be_unset, .check = {}};
  if (sign == "==" && value.is_null()) {
    expectation.unset = true;
    return expectation;
  }
  for (const YamlNode* one : sign == "in" ? value.items : std::vector<const YamlNode*>{&value}) {
    if (one->is_null()) {
      expectation.unset = true;
      continue;
    }
    const auto text = variable_text(*one);
    if (!text) return std::nullopt;
    expectation.values.push_back(*text);
  }
  return expectation.values.empty() && !expectation.unset ? std::nullopt : std::optional(expectation);
}

}  // namespace

// What a case asks of the subject.
Expectation YamlCases::test_of(const YamlNode& node, const Subject& subject, bool may_be_unset) {
  const Cel self = subject.cel();
  if (node.is_map()) return comparison(node, subject, may_be_unset);
  if (!node.is_scalar()) throw Untranslatable("a list is no condition");
  if (node.text == "absent")
    return {.variable = {}, .values = {}, .check = fmt::format("loose.none({})", self.text)};
  if (node.text == "present")
    return {.variable = {}, .values = {}, .check = fmt::format("!loose.none({})", self.text)};
  const auto expression = expression_in(node.text);
  if (!expression) throw Untranslatable(fmt::format("'{}' is no condition", shortened(node.text)));
  return {.variable = {}, .values = {}, .check = names_.writer(subject).condition(*expression, true).text};
}

Expectation YamlCases::comparison(const YamlNode& node, const Subject& subject, bool may_be_unset) {
  const YamlNode* type = node.find("type");
  const YamlNode* value = node.find("value");
  if (type == nullptr || value == nullptr)
    throw Untranslatable("a case is 'type' and 'value', or an expression");
  const Cel self = subject.cel();
  if (type->text == "path")
    return {.variable = {}, .values = {}, .check = names_.path_exists(self.text).text};
  if (type->text == "docker") throw Untranslatable("Docker is not asked for its images");
  if (type->text == "range") return {.variable = {}, .values = {}, .check = range(*value, subject)};
  const auto sign = find_word(kComparisons, to_lower(type->text));
  if (!sign) throw Untranslatable(fmt::format("the comparison '{}' is not known", type->text));
  if (auto variable = variable_expectation(*sign, *value, subject, may_be_unset)) return *variable;
  const std::string check = compared(self, *sign, *value, subject);
  return {.variable = {},
          .values = {},
          .check = may_be_unset ? fmt::format("loose.none({}) || {}", self.text, check) : check};
}

std::string YamlCases::compared(const Cel& self, std::string_view sign, const YamlNode& value,
                                const Subject& subject) {
  const Cel wanted = literal(value, subject);
  if (sign == "in") return fmt::format("loose.contains({}, {})", wanted.text, self.text);
  if (wanted.text == "null" && (sign == "==" || sign == "!=")) {
    return fmt::format("{}loose.none({})", sign == "!=" ? "!" : "", self.text);
  }
  const bool is_version = wanted.text.starts_with("version(");
  const std::string left = is_version ? fmt::format("version({})", self.text) : self.within(Cel::sum);
  return fmt::format("{} {} {}", left, sign, wanted.within(Cel::sum));
}

// [1, 8] includes both ends; so does "[1, 8]", while "(1, 8)" does not.
std::string YamlCases::range(const YamlNode& value, const Subject& subject) {
  const std::string self = subject.cel().within(Cel::sum);
  if (value.is_list() && value.items.size() == 2) {
    return fmt::format("{0} >= {1} && {0} <= {2}", self, literal(*value.items[0], subject).within(Cel::sum),
                       literal(*value.items[1], subject).within(Cel::sum));
  }
  const std::string text(trim(value.text));
  const auto comma = text.find(',');
  const bool is_interval = text.size() > 4 && (text[0] == '[' || text[0] == '(') &&
                           (text.back() == ']' || text.back() == ')') && comma != text.npos;
  if (!is_interval) throw Untranslatable("a range is [low, high] or \"(low, high]\"");
  const auto end = [&](std::string_view part) {
    const auto expression = expression_in(std::string(trim(part)));
    if (!expression) throw Untranslatable(fmt::format("'{}' is no number", shortened(part)));
    return names_.writer(subject).value(*expression).within(Cel::sum);
  };
  return fmt::format("{0} {1} {2} && {0} {3} {4}", self, text[0] == '[' ? ">=" : ">",
                     end(std::string_view(text).substr(1, comma - 1)), text.back() == ']' ? "<=" : "<",
                     end(std::string_view(text).substr(comma + 1, text.size() - comma - 2)));
}

// A value: a number, a text, an expression, or a list of them.
Cel YamlCases::literal(const YamlNode& node, const Subject& here) {
  if (node.is_list()) {
    std::string elements;
    for (const YamlNode* item : node.items)
      elements += (elements.empty() ? "" : ", ") + literal(*item, here).text;
    return {.text = fmt::format("[{}]", elements), .type = Cel::Type::list};
  }
  if (node.is_map()) throw Untranslatable("a map is no value to compare with");
  if (node.is_null()) return {.text = "null"};
  if (const auto expression = expression_in(node.text)) return names_.writer(here).value(*expression);
  return {.text = cel_text(node.text), .type = Cel::Type::text};
}

std::string YamlCases::expression(const YamlNode& node, const Subject& here) {
  const auto parsed = expression_in(node.text);
  if (!parsed) throw Untranslatable(fmt::format("'{}' is no expression", shortened(node.text)));
  return names_.writer(here).value(*parsed).text;
}

std::string YamlCases::condition(const YamlNode& node, const Subject& here) {
  const auto parsed = expression_in(node.text);
  if (!parsed) throw Untranslatable(fmt::format("'{}' is no condition", shortened(node.text)));
  return names_.writer(here).condition(*parsed, false).text;
}

// "== 600", "in [1, 2]", or the expression as it is written.
std::string YamlCases::readable(const YamlNode& node) {
  if (node.is_list()) {
    std::string text;
    for (const YamlNode* item : node.items) text += (text.empty() ? "" : ", ") + readable(*item);
    return "[" + text + "]";
  }
  if (!node.is_map()) return import::readable(node.text);
  const YamlNode* type = node.find("type");
  const YamlNode* value = node.find("value");
  if (type == nullptr || value == nullptr) return "...";
  const auto sign = find_word(kComparisons, to_lower(type->text));
  return fmt::format("{} {}", sign ? *sign : std::string_view(type->text), readable(*value));
}

}  // namespace ms::import
