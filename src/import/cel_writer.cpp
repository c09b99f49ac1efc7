#include "import/cel_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"
#include "import/expression_parser.hpp"
#include "import/imported_pack.hpp"

namespace ms::import {
namespace {

using Type = Cel::Type;

bool is_comparison(const Expression& expression) {
  static constexpr std::array<std::string_view, 9> kSigns = {"==", "!=", "<",  "<=",    ">",
                                                             ">=", "=~", "in", "not in"};
  return expression.is(Expression::Kind::binary) &&
         std::find(kSigns.begin(), kSigns.end(), expression.text) != kSigns.end();
}

// Whether it is true or false whatever its parts are.
bool is_boolean(const Expression& expression) {
  if (is_comparison(expression)) return true;
  if (expression.is_operator("and") || expression.is_operator("or")) {
    return is_boolean(expression.parts[0]) && is_boolean(expression.parts[1]);
  }
  if (expression.is(Expression::Kind::unary)) return expression.text == "not";
  return expression.is_word("true") || expression.is_word("false");
}

Cel any(std::string text) {
  return {.text = std::move(text)};
}

Cel boolean(std::string text, Cel::Strength strength = Cel::whole) {
  return {.text = std::move(text), .type = Type::boolean, .strength = strength};
}

// Kinds that CEL refuses to compare before it runs.
bool cannot_be_compared(const Cel& a, const Cel& b) {
  return a.type != Type::any && b.type != Type::any && a.type != b.type;
}

std::string number_literal(const std::string& text) {
  if (text.starts_with('.')) return "0" + text;
  const std::size_t digits = std::min(text.find_first_not_of('0'), text.size() - 1);
  return text[digits] == '.' ? "0" + text.substr(digits) : text.substr(digits);
}

}  // namespace

std::string cel_text(std::string_view text) {
  return Json(sanitize_utf8(text)).dump();
}

bool CelWriter::is_missing_word(const Expression& expression) const {
  return expression.is_word("NA") || (names_.none_is_missing && expression.is_word("None"));
}

Cel CelWriter::condition(const Expression& expression, bool check) const {
  if (expression.is(Expression::Kind::unary) && expression.text == "not") {
    return boolean("!" + condition(expression.parts[0], false).within(Cel::unary), Cel::unary);
  }
  if (expression.is_operator("and") || expression.is_operator("or")) return joined(expression, check);
  if (expression.is_operator("==") || expression.is_operator("!=")) return equality(expression);
  if (expression.is_operator("in") || expression.is_operator("not in")) return membership(expression);
  if (is_comparison(expression)) return order(expression, check);
  if (expression.is(Expression::Kind::text) && expression.text.find("${") != std::string::npos) {
    if (const auto inside = parse_expression(expression.text)) {
      names_.note(expression,
                  "the condition is a text in quotes, which is always true; what is in the quotes is used");
      return condition(*inside, check);
    }
  }
  Cel result = value(expression);
  return result.type == Type::boolean ? result : boolean(fmt::format("loose.truth({})", result.text));
}

Cel CelWriter::joined(const Expression& expression, bool check) const {
  const bool both = expression.text == "and";
  const Cel::Strength strength = both ? Cel::conjunction : Cel::disjunction;
  return boolean(fmt::format("{} {} {}", condition(expression.parts[0], check).within(strength),
                             both ? "&&" : "||", condition(expression.parts[1], check).within(strength)),
                 strength);
}

Cel CelWriter::equality(const Expression& expression) const {
  const bool negated = expression.text == "!=";
  const Expression& left = expression.parts[0];
  const Expression& right = expression.parts[1];
  if (names_.none_is_missing && (is_missing_word(left) || is_missing_word(right))) {
    const Cel subject = value(is_missing_word(left) ? right : left);
    return boolean(fmt::format("{}loose.none({})", negated ? "!" : "", subject.text),
                   negated ? Cel::unary : Cel::whole);
  }
  Cel a = value(left);
  const Cel b = value(right);
  if (cannot_be_compared(a, b)) a = any(fmt::format("dyn({})", a.text));
  return boolean(fmt::format("{} {} {}", a.within(Cel::sum), expression.text, b.within(Cel::sum)),
                 Cel::relation);
}

Cel CelWriter::order(const Expression& expression, bool check) const {
  const Cel a = value(expression.parts[0]);
  const Cel b = value(expression.parts[1]);
  if (expression.text == "=~") return boolean(fmt::format("{}.matches({})", a.within(Cel::whole), b.text));
  if (check) {
    const std::string left = cannot_be_compared(a, b) ? fmt::format("dyn({})", a.text) : a.within(Cel::sum);
    return boolean(fmt::format("{} {} {}", left, expression.text, b.within(Cel::sum)), Cel::relation);
  }
  const bool is_less = expression.text.starts_with('<');
  return boolean(fmt::format("loose.{}({}, {})", expression.text.size() == 1 ? "less" : "less_equal",
                             is_less ? a.text : b.text, is_less ? b.text : a.text));
}

Cel CelWriter::membership(const Expression& expression) const {
  const bool negated = expression.text == "not in";
  const Cel element = value(expression.parts[0]);
  const Expression& container = expression.parts[1];
  Cel result;
  if (container.is(Expression::Kind::call) && container.text == "range" && container.parts.size() <= 2 &&
      !container.parts.empty()) {
    const std::string first = container.parts.size() == 1 ? "0" : value(container.parts[0]).text;
    result = boolean(
        fmt::format("loose.in_range({}, {}, {})", element.text, first, value(container.parts.back()).text));
  } else if (container.is(Expression::Kind::list) && element.type == Type::any) {
    result = boolean(fmt::format("{} in {}", element.within(Cel::sum), value(container).text), Cel::relation);
  } else {
    result = boolean(fmt::format("loose.contains({}, {})", value(container).text, element.text));
  }
  return negated ? boolean("!" + result.within(Cel::unary), Cel::unary) : result;
}

// `a or b` and `a and b` as values: one of the two.
Cel CelWriter::chosen(const Expression& expression) const {
  const Cel a = value(expression.parts[0]);
  const Cel b = value(expression.parts[1]);
  const bool both = expression.text == "and";
  const auto kind = expression.parts[1].kind;
  const bool is_literal =
      kind == Expression::Kind::number || kind == Expression::Kind::text || kind == Expression::Kind::word;
  if (!both && is_literal) return any(fmt::format("loose.either({}, {})", a.text, b.text));
  return {.text = fmt::format("loose.truth({}) ? dyn({}) : dyn({})", a.text, both ? b.text : a.text,
                              both ? a.text : b.text),
          .type = Type::any,
          .strength = Cel::conditional};
}

Cel CelWriter::arithmetic(const Expression& expression) const {
  struct Operator {
    std::string_view sign;
    std::string_view function;
    Cel::Strength strength;
  };
  static constexpr std::array<Operator, 7> kOperators = {{{"+", "add", Cel::sum},
                                                          {"-", "subtract", Cel::sum},
                                                          {"*", "multiply", Cel::product},
                                                          {"/", "divide", Cel::whole},
                                                          {"//", "floor_divide", Cel::whole},
                                                          {"%", "modulo", Cel::whole},
                                                          {"**", "power", Cel::whole}}};
  const auto found = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](const Operator& o) { return o.sign == expression.text; });
  if (found == kOperators.end()) throw Untranslatable(fmt::format("unknown operator '{}'", expression.text));
  const Cel a = value(expression.parts[0]);
  const Cel b = value(expression.parts[1]);
  const bool is_plain = a.type == b.type && (a.type == Type::integer || a.type == Type::real ||
                                             (a.type == Type::text && found->sign == "+"));
  if (!is_plain || found->strength == Cel::whole) {
    return any(fmt::format("loose.{}({}, {})", found->function, a.text, b.text));
  }
  const auto right = static_cast<Cel::Strength>(found->strength + 1);
  return {.text = fmt::format("{} {} {}", a.within(found->strength), found->sign, b.within(right)),
          .type = a.type,
          .strength = found->strength};
}

Cel CelWriter::binary(const Expression& expression) const {
  if (is_boolean(expression)) return condition(expression, false);
  if (expression.text == "and" || expression.text == "or") return chosen(expression);
  return arithmetic(expression);
}

Cel CelWriter::extreme(const Expression& expression, std::string_view function) const {
  if (expression.parts.empty())
    throw Untranslatable(fmt::format("{}() without an argument", expression.text));
  std::string arguments;
  for (const Expression& part : expression.parts)
    arguments += (arguments.empty() ? "" : ", ") + value(part).text;
  return any(fmt::format("{}({})", function, arguments));
}

Cel CelWriter::range(const Expression& expression) const {
  const std::size_t count = expression.parts.size();
  if (count == 0 || count > 3) throw Untranslatable("range() takes one to three numbers");
  return {.text = fmt::format("loose.range({}, {}, {})", count == 1 ? "0" : value(expression.parts[0]).text,
                              value(expression.parts[count == 1 ? 0 : 1]).text,
                              count == 3 ? value(expression.parts[2]).text : "1"),
          .type = Type::list};
}

Cel CelWriter::port(const Expression& expression) const {
  static constexpr std::array<std::string_view, 4> kHere = {"localhost", "127.0.0.1", "0.0.0.0", "::1"};
  if (expression.parts.empty() || expression.parts.size() > 3) {
    throw Untranslatable("is_port_in_use() takes a port, a host and a protocol");
  }
  const auto is_one_of = [&](std::size_t i, std::span<const std::string_view> texts) {
    return expression.parts.size() <= i ||
           (expression.parts[i].is(Expression::Kind::text) &&
            std::find(texts.begin(), texts.end(), expression.parts[i].text) != texts.end());
  };
  static constexpr std::array<std::string_view, 1> kTcp = {"tcp"};
  if (!is_one_of(1, kHere)) throw Untranslatable("is_port_in_use() of another host is not asked");
  if (!is_one_of(2, kTcp)) throw Untranslatable("is_port_in_use() is asked of TCP ports only");
  return names_.port_in_use(value(expression.parts[0]).text);
}

Cel CelWriter::call(const Expression& expression) const {
  const std::string& name = expression.text;
  if (name == "min") return extreme(expression, "math.least");
  if (name == "max") return extreme(expression, "math.greatest");
  if (name == "range") return range(expression);
  if (name == "is_port_in_use") return port(expression);
  if (name == "get_conf_pagesize" && expression.parts.empty()) {
    return {.text = "host.page_size_bytes", .type = Type::integer};
  }
  if (expression.parts.size() != 1) {
    throw Untranslatable(fmt::format("{}() with {} arguments is not known", name, expression.parts.size()));
  }
  // The digits of a version are no number: 5.10 is not 5.1.
  const bool is_version_number = name == "Version" && expression.parts[0].is(Expression::Kind::number);
  const std::string argument =
      is_version_number ? cel_text(expression.parts[0].text) : value(expression.parts[0]).text;
  if (name == "int") return {.text = fmt::format("int({})", argument), .type = Type::integer};
  if (name == "float") return {.text = fmt::format("double({})", argument), .type = Type::real};
  if (name == "str") return {.text = fmt::format("string({})", argument), .type = Type::text};
  if (name == "bool") return boolean(fmt::format("loose.truth({})", argument));
  if (name == "len") return {.text = fmt::format("size({})", argument), .type = Type::integer};
  if (name == "list" || name == "tuple")
    return {.text = fmt::format("loose.items({})", argument), .type = Type::list};
  if (name == "set")
    return {.text = fmt::format("loose.items({}).distinct().sort()", argument), .type = Type::list};
  if (name == "sum") return any(fmt::format("loose.sum(loose.items({}))", argument));
  if (name == "path_exists") return names_.path_exists(argument);
  if (name == "Version") return any(fmt::format("version({})", argument));
  throw Untranslatable(fmt::format("the function {}() is not known", name));
}

Cel CelWriter::list(const Expression& expression) const {
  std::string elements;
  for (const Expression& part : expression.parts)
    elements += (elements.empty() ? "" : ", ") + value(part).text;
  return {.text = fmt::format("[{}]", elements), .type = Type::list};
}

Cel CelWriter::map(const Expression& expression) const {
  std::string entries;
  for (std::size_t i = 0; i + 1 < expression.parts.size(); i += 2) {
    entries += fmt::format("{}{}: {}", i == 0 ? "" : ", ", value(expression.parts[i]).text,
                           value(expression.parts[i + 1]).within(Cel::disjunction));
  }
  return any(fmt::format("{{{}}}", entries));
}

Cel CelWriter::value(const Expression& expression) const {
  switch (expression.kind) {
    case Expression::Kind::number: {
      const std::string literal = number_literal(expression.text);
      return {.text = literal, .type = literal.find('.') == literal.npos ? Type::integer : Type::real};
    }
    case Expression::Kind::text:
      return {.text = cel_text(expression.text), .type = Type::text};
    case Expression::Kind::word:
      if (expression.text == "NA") return any("missing()");
      if (expression.text == "None") return any("null");
      return boolean(expression.text);
    case Expression::Kind::name:
    case Expression::Kind::path:
      return names_.resolve(expression);
    case Expression::Kind::list:
      return list(expression);
    case Expression::Kind::map:
      return map(expression);
    case Expression::Kind::call:
      return call(expression);
    case Expression::Kind::binary:
      return binary(expression);
    case Expression::Kind::unary:
      break;
  }
  if (expression.text == "not") return condition(expression, false);
  const Cel operand = value(expression.parts[0]);
  const bool is_number = operand.type == Type::integer || operand.type == Type::real;
  if (!is_number) return any(fmt::format("loose.subtract(0, {})", operand.text));
  return {.text = "-" + operand.within(Cel::whole), .type = operand.type, .strength = Cel::unary};
}

}  // namespace ms::import
