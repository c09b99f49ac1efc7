#include "import/expression_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ms::import {
namespace {

constexpr int kMaxDepth = 100;
constexpr int kMaxJoints = 500;

constexpr std::array<std::string_view, 4> kWords = {"true", "false", "None", "NA"};
constexpr std::array<std::string_view, 10> kKeywords = {"and",  "or",   "not", "in",   "if",
                                                        "elif", "else", "fi",  "done", "assert"};

std::string shown(const Token& token) {
  return token.kind == Token::Kind::end ? "the end of the file" : fmt::format("'{}'", token.text);
}

}  // namespace

ExpressionParser::ExpressionParser(std::string_view text, std::string source, Position start)
    : lexer_(text, std::move(source), start) {
  token_ = lexer_.next();
}

Token ExpressionParser::take() {
  Token taken = std::move(token_);
  last_end_ = taken.end;
  token_ = lexer_.next();
  return taken;
}

bool ExpressionParser::take(std::string_view sign_or_name) {
  if (!at(sign_or_name)) return false;
  take();
  return true;
}

void ExpressionParser::expect(std::string_view sign_or_name) {
  if (!take(sign_or_name)) fail_expected(fmt::format("'{}'", sign_or_name));
}

std::string ExpressionParser::expect_name(std::string_view what) {
  if (token_.kind != Token::Kind::name) fail_expected(what);
  return take().text;
}

std::string ExpressionParser::expect_text(std::string_view what) {
  if (token_.kind != Token::Kind::text) fail_expected(what);
  return take().text;
}

void ExpressionParser::fail_expected(std::string_view what) const {
  lexer_.fail(token_.begin, fmt::format("expected {}, not {}", what, shown(token_)));
}

Expression ExpressionParser::joined(std::string sign, Expression left, Expression right) {
  // A chain is a tree as deep as it is long.
  if (++joints_ > kMaxJoints) fail(token_, fmt::format("joins more than {} parts", kMaxJoints));
  Expression whole{.kind = Expression::Kind::binary,
                   .text = std::move(sign),
                   .position = left.position,
                   .parts = {},
                   .source = {}};
  const char* const begin = left.source.data();
  whole.source = std::string_view(begin, static_cast<std::size_t>(lexer_.text().data() + last_end_ - begin));
  whole.parts.push_back(std::move(left));
  whole.parts.push_back(std::move(right));
  return whole;
}

void ExpressionParser::finish(Expression& expression, std::size_t begin) const {
  expression.position = lexer_.position(begin);
  expression.source = lexer_.text().substr(begin, last_end_ - begin);
}

void ExpressionParser::deeper() {
  if (++depth_ > kMaxDepth) fail(token_, fmt::format("nests deeper than {} levels", kMaxDepth));
}

Expression ExpressionParser::expression() {
  deeper();
  if (depth_ == 1) joints_ = 0;
  Expression whole = disjunction();
  --depth_;
  return whole;
}

Expression ExpressionParser::disjunction() {
  Expression left = conjunction();
  while (at("or") || at("|")) {
    take();
    left = joined("or", std::move(left), conjunction());
  }
  return left;
}

Expression ExpressionParser::conjunction() {
  Expression left = negation();
  while (at("and") || at("&")) {
    take();
    left = joined("and", std::move(left), negation());
  }
  return left;
}

Expression ExpressionParser::negation() {
  if (!at("not")) return membership();
  deeper();
  const std::size_t begin = take().begin;
  Expression whole{.kind = Expression::Kind::unary, .text = "not", .position = {}, .parts = {}, .source = {}};
  whole.parts.push_back(negation());
  finish(whole, begin);
  --depth_;
  return whole;
}

Expression ExpressionParser::membership() {
  Expression left = comparison();
  if (take("in")) return joined("in", std::move(left), comparison());
  if (!take("not")) return left;
  expect("in");
  return joined("not in", std::move(left), comparison());
}

Expression ExpressionParser::comparison() {
  static constexpr std::array<std::string_view, 7> kComparisons = {"==", "!=", "<", "<=", ">", ">=", "=~"};
  const auto at_comparison = [&] {
    return token_.kind == Token::Kind::sign &&
           std::find(kComparisons.begin(), kComparisons.end(), token_.text) != kComparisons.end();
  };
  Expression left = sum();
  if (!at_comparison()) return left;
  std::string sign = take().text;
  left = joined(std::move(sign), std::move(left), sum());
  if (at_comparison()) {
    lexer_.fail(token_.begin, "comparisons do not chain: join them by 'and'");
  }
  return left;
}

Expression ExpressionParser::sum() {
  Expression left = product();
  while (at("+") || at("-")) {
    std::string operation = take().text;
    left = joined(std::move(operation), std::move(left), product());
  }
  return left;
}

Expression ExpressionParser::product() {
  Expression left = sign();
  while (at("*") || at("/") || at("//") || at("%")) {
    std::string operation = take().text;
    left = joined(std::move(operation), std::move(left), sign());
  }
  return left;
}

Expression ExpressionParser::sign() {
  if (!at("-")) return power();
  deeper();
  const std::size_t begin = take().begin;
  Expression whole{.kind = Expression::Kind::unary, .text = "-", .position = {}, .parts = {}, .source = {}};
  whole.parts.push_back(sign());
  finish(whole, begin);
  --depth_;
  return whole;
}

Expression ExpressionParser::power() {
  Expression base = primary();
  if (!at("**")) return base;
  deeper();
  take();
  Expression whole = joined("**", std::move(base), sign());
  --depth_;
  return whole;
}

void ExpressionParser::parts_until(std::string_view end, Expression& whole) {
  const bool is_map = whole.is(Expression::Kind::map);
  while (!at(end)) {
    whole.parts.push_back(expression());
    if (is_map) {
      expect(":");
      whole.parts.push_back(expression());
    }
    if (at(end)) break;
    if (!take(",")) fail_expected(fmt::format("',' or '{}'", end));
  }
  expect(end);
}

Expression ExpressionParser::named(const Token& name) {
  Expression whole{
      .kind = Expression::Kind::name, .text = name.text, .position = {}, .parts = {}, .source = {}};
  if (name.text == "True" || name.text == "False") whole.text[0] = name.text == "True" ? 't' : 'f';
  if (take("(")) {
    whole.kind = Expression::Kind::call;
    whole.text = name.text;
    parts_until(")", whole);
  } else if (std::find(kWords.begin(), kWords.end(), whole.text) != kWords.end()) {
    whole.kind = Expression::Kind::word;
  }
  return whole;
}

Expression ExpressionParser::primary() {
  const std::size_t begin = token_.begin;
  Expression whole;
  const bool is_keyword = std::find(kKeywords.begin(), kKeywords.end(), token_.text) != kKeywords.end();
  switch (token_.kind) {
    case Token::Kind::number:
      whole = {
          .kind = Expression::Kind::number, .text = take().text, .position = {}, .parts = {}, .source = {}};
      break;
    case Token::Kind::text:
      whole = {
          .kind = Expression::Kind::text, .text = take().text, .position = {}, .parts = {}, .source = {}};
      break;
    case Token::Kind::path:
      whole = {
          .kind = Expression::Kind::path, .text = take().text, .position = {}, .parts = {}, .source = {}};
      break;
    case Token::Kind::name:
      if (is_keyword) fail_expected("a value");
      whole = named(take());
      break;
    default:
      if (take("(")) {
        whole = expression();
        expect(")");
      } else if (at("[") || at("{")) {
        whole.kind = at("[") ? Expression::Kind::list : Expression::Kind::map;
        take();
        parts_until(whole.is(Expression::Kind::list) ? "]" : "}", whole);
      } else {
        fail_expected("a value");
      }
  }
  finish(whole, begin);
  return whole;
}

std::optional<Expression> parse_expression(std::string_view text) {
  try {
    ExpressionParser parser(text, "expression");
    Expression whole = parser.expression();
    if (parser.at_end()) return whole;
  } catch (const InputError&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace ms::import
