#include "cel/parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cel/literal.hpp"
#include "cel/parser_state.hpp"

namespace ms::cel {
namespace {

constexpr int kOr = 1;
constexpr int kAnd = 2;
constexpr int kRelation = 3;
constexpr int kAddition = 4;
constexpr int kMultiplication = 5;

struct BinaryOperator {
  int precedence;  // 0: not a binary operator
  Op op;
};

constexpr BinaryOperator binary_operator(TokenKind kind) {
  switch (kind) {
    case TokenKind::logical_or:
      return {kOr, Op::logical_or};
    case TokenKind::logical_and:
      return {kAnd, Op::logical_and};
    case TokenKind::equal:
      return {kRelation, Op::equal};
    case TokenKind::not_equal:
      return {kRelation, Op::not_equal};
    case TokenKind::less:
      return {kRelation, Op::less};
    case TokenKind::less_equal:
      return {kRelation, Op::less_equal};
    case TokenKind::greater:
      return {kRelation, Op::greater};
    case TokenKind::greater_equal:
      return {kRelation, Op::greater_equal};
    case TokenKind::in:
      return {kRelation, Op::in};
    case TokenKind::plus:
      return {kAddition, Op::add};
    case TokenKind::minus:
      return {kAddition, Op::subtract};
    case TokenKind::star:
      return {kMultiplication, Op::multiply};
    case TokenKind::slash:
      return {kMultiplication, Op::divide};
    case TokenKind::percent:
      return {kMultiplication, Op::remainder};
    default:
      return {0, Op::constant};
  }
}

std::string_view without_backticks(std::string_view text) {
  return text.substr(1, text.size() - 2);
}

}  // namespace

Node* parse(std::string_view source, const ParseOptions& options, Arena& arena) {
  if (source.size() > options.limits.source_bytes) {
    throw CompileError(options.limits.source_bytes, 0,
                       fmt::format("the expression is longer than {} bytes (limit source_bytes)",
                                   options.limits.source_bytes));
  }
  return Parser(source, options, arena).run();
}

Node* Parser::run() {
  advance();
  Node* const root = expression();
  if (!at(TokenKind::end)) unexpected("an operator or the end");
  return root;
}

Node* Parser::expression() {
  if (++nesting_ > options_.limits.nesting) {
    throw CompileError(token_.begin, token_.end - token_.begin,
                       fmt::format("nested more than {} deep (limit nesting)", options_.limits.nesting));
  }
  Node* result = operators(kOr);
  if (accept(TokenKind::question)) {
    Node* const yes = operators(kOr);
    expect(TokenKind::colon, "':'");
    Node* const no = expression();
    Node* const parts[] = {result, yes, no};
    result = make(Op::conditional, result->begin, no->end, parts);
  }
  --nesting_;
  return result;
}

Node* Parser::operators(int lowest_precedence) {
  Node* left = unary();
  while (true) {
    const BinaryOperator found = binary_operator(token_.kind);
    if (found.precedence < lowest_precedence || found.precedence == 0) return left;
    if (found.precedence <= kAnd) {
      left = logical(found.op, left, found.precedence);
      continue;
    }
    advance();
    left = make(found.op, left, operators(found.precedence + 1));
  }
}

// A chain of && or || is one node, however long: it neither deepens the tree nor evaluates in any other
// order.
Node* Parser::logical(Op op, Node* first, int precedence) {
  const std::size_t mark = pending_.size();
  const TokenKind kind = token_.kind;
  pending_.push_back(first);
  while (accept(kind)) {
    Node* const operand = operators(precedence + 1);
    pending_.push_back(operand);
  }
  Node* const result = make(op, first->begin, pending_.back()->end, pending_.from(mark));
  pending_.shrink(mark);
  return result;
}

Node* Parser::unary() {
  const std::size_t mark = pending_.size();
  const TokenKind kind = token_.kind;
  if (kind != TokenKind::exclamation && kind != TokenKind::minus) return postfix(primary());

  InlineVector<std::uint32_t, 16> signs;
  while (at(kind)) {
    signs.push_back(token_.begin);
    if (signs.size() > options_.limits.chain) {
      throw CompileError(token_.begin, 1,
                         fmt::format("more than {} operators in a row (limit chain)", options_.limits.chain));
    }
    advance();
  }
  Node* operand = nullptr;
  const bool signed_number = kind == TokenKind::minus && (at(TokenKind::integer) || at(TokenKind::real));
  if (signed_number) {
    // The last minus belongs to the number, so that the smallest int can be written.
    operand = postfix(number(true, signs.back()));
    signs.shrink(signs.size() - 1);
  } else {
    operand = postfix(primary());
  }
  for (std::size_t i = signs.size(); i-- > 0;) {
    Node* const parts[] = {operand};
    operand = make(kind == TokenKind::minus ? Op::negate : Op::logical_not, signs[i], operand->end, parts);
  }
  pending_.shrink(mark);
  return operand;
}

Node* Parser::postfix(Node* operand) {
  while (true) {
    if (at(TokenKind::dot)) {
      operand = after_dot(operand);
    } else if (at(TokenKind::left_bracket)) {
      operand = after_bracket(operand);
    } else if (at(TokenKind::left_brace) && (operand->op == Op::identifier || operand->op == Op::select)) {
      operand = message(operand);
    } else {
      return operand;
    }
  }
}

Node* Parser::after_dot(Node* operand) {
  advance();
  const bool optional = accept(TokenKind::question);
  const bool is_name = at(TokenKind::identifier) || at(TokenKind::reserved);
  if (!is_name && !at(TokenKind::quoted_identifier)) unexpected("a field name");
  const bool quoted = at(TokenKind::quoted_identifier);
  const std::string_view text = lexer_.text(token_);
  const std::string_view field = quoted ? without_backticks(text) : text;
  advance();
  if (!optional && !quoted && at(TokenKind::left_paren)) {
    const std::size_t mark = arguments();
    Node* result = member_macro(operand, field, mark);
    if (result == nullptr) {
      // The receiver becomes the first argument.
      InlineVector<Node*, 8> args;
      args.push_back(operand);
      for (Node* const argument : pending_.from(mark)) args.push_back(argument);
      result = call(field, operand->begin, args.all(), true);
    }
    pending_.shrink(mark);
    return result;
  }
  Node* const parts[] = {operand};
  Node* const result = make(optional ? Op::optional_select : Op::select, operand->begin, last_end_, parts);
  result->name = field;
  return result;
}

Node* Parser::after_bracket(Node* operand) {
  advance();
  const bool optional = accept(TokenKind::question);
  Node* const key = expression();
  expect(TokenKind::right_bracket, "']'");
  Node* const parts[] = {operand, key};
  return make(optional ? Op::optional_index : Op::index, operand->begin, last_end_, parts);
}

// Reads "(a, b)" onto `pending_`; returns where it starts there.
std::size_t Parser::arguments() {
  expect(TokenKind::left_paren, "'('");
  const std::size_t mark = pending_.size();
  if (!at(TokenKind::right_paren)) {
    do {
      Node* const argument = expression();
      pending_.push_back(argument);
    } while (accept(TokenKind::comma));
  }
  expect(TokenKind::right_paren, "',' or ')'");
  return mark;
}

Node* Parser::primary() {
  const std::uint32_t begin = token_.begin;
  const auto constant = [&](Value value) {
    advance();
    Node* const node = leaf(Op::constant, begin, last_end_);
    node->constant = value;
    return node;
  };
  switch (token_.kind) {
    case TokenKind::true_:
      return constant(Value::boolean(true));
    case TokenKind::false_:
      return constant(Value::boolean(false));
    case TokenKind::null:
      return constant(Value::null());
    case TokenKind::string:
    case TokenKind::bytes:
      return constant(string_literal(token_, lexer_.text(token_), arena_));
    case TokenKind::integer:
    case TokenKind::unsigned_integer:
    case TokenKind::real:
      return number(false, begin);
    case TokenKind::identifier:
      return name(false, begin);
    case TokenKind::dot:
      advance();
      if (!at(TokenKind::identifier)) unexpected("a name");
      return name(true, begin);
    case TokenKind::left_paren: {
      advance();
      Node* const inner = expression();
      expect(TokenKind::right_paren, "')'");
      return inner;
    }
    case TokenKind::left_bracket:
      return list(begin);
    case TokenKind::left_brace:
      return map(begin);
    case TokenKind::reserved:
      throw CompileError(begin, token_.end - begin,
                         fmt::format("'{}' is a reserved word", lexer_.text(token_)));
    default:
      unexpected("a value");
  }
}

Node* Parser::number(bool negative, std::uint32_t begin) {
  const Value value = number_literal(token_, lexer_.text(token_), negative);
  advance();
  Node* const node = leaf(Op::constant, begin, last_end_);
  node->constant = value;
  return node;
}

Node* Parser::name(bool from_root, std::uint32_t begin) {
  const std::string_view text = lexer_.text(token_);
  advance();
  if (at(TokenKind::left_paren)) {
    const std::size_t mark = arguments();
    Node* result = from_root ? nullptr : global_macro(text, mark, begin);
    if (result == nullptr) result = call(text, begin, pending_.from(mark), false);
    result->from_root = from_root;
    pending_.shrink(mark);
    return result;
  }
  Node* const node = leaf(Op::identifier, begin, last_end_);
  node->name = text;
  node->from_root = from_root;
  return node;
}

Node* Parser::list(std::uint32_t begin) {
  advance();
  const std::size_t mark = pending_.size();
  while (!at(TokenKind::right_bracket)) {
    const bool optional = accept(TokenKind::question);
    Node* const element = expression();
    element->optional_element = optional;
    pending_.push_back(element);
    if (!accept(TokenKind::comma)) break;
  }
  expect(TokenKind::right_bracket, "',' or ']'");
  Node* const node = make(Op::list, begin, last_end_, pending_.from(mark));
  pending_.shrink(mark);
  return node;
}

Node* Parser::map(std::uint32_t begin) {
  advance();
  const std::size_t mark = pending_.size();
  while (!at(TokenKind::right_brace)) {
    const bool optional = accept(TokenKind::question);
    Node* const key = expression();
    key->optional_element = optional;
    expect(TokenKind::colon, "':'");
    Node* const value = expression();
    pending_.push_back(key);
    pending_.push_back(value);
    if (!accept(TokenKind::comma)) break;
  }
  expect(TokenKind::right_brace, "',' or '}'");
  Node* const node = make(Op::map, begin, last_end_, pending_.from(mark));
  pending_.shrink(mark);
  return node;
}

Node* Parser::message(Node* type_name) {
  advance();
  const std::size_t mark = pending_.size();
  while (!at(TokenKind::right_brace)) {
    accept(TokenKind::question);
    const bool is_name =
        at(TokenKind::identifier) || at(TokenKind::reserved) || at(TokenKind::quoted_identifier);
    if (!is_name) unexpected("a field name");
    advance();
    expect(TokenKind::colon, "':'");
    Node* const value = expression();
    pending_.push_back(value);
    if (!accept(TokenKind::comma)) break;
  }
  expect(TokenKind::right_brace, "',' or '}'");
  Node* const node = make(Op::message, type_name->begin, last_end_, pending_.from(mark));
  node->name = source_.substr(type_name->begin, type_name->end - type_name->begin);
  pending_.shrink(mark);
  return node;
}

Node* Parser::make(Op op, std::uint32_t begin, std::uint32_t end, std::span<Node* const> args) {
  Node* const node = leaf(op, begin, end);
  if (args.empty()) return node;
  node->first = static_cast<Node**>(arena_.allocate(args.size_bytes(), alignof(Node*)));
  node->count = static_cast<std::uint32_t>(args.size());
  for (std::size_t i = 0; i < args.size(); ++i) {
    node->first[i] = args[i];
    node->depth = std::max(node->depth, static_cast<std::uint16_t>(args[i]->depth + 1));
  }
  if (node->depth > options_.limits.chain) too_long(*node);
  return node;
}

Node* Parser::make(Op op, Node* left, Node* right) {
  Node* const parts[] = {left, right};
  return make(op, left->begin, right->end, parts);
}

Node* Parser::call(std::string_view function, std::uint32_t begin, std::span<Node* const> args, bool member) {
  Node* const node = make(Op::call, begin, last_end_, args);
  node->name = function;
  node->member_call = member;
  return node;
}

void Parser::expect(TokenKind kind, std::string_view what) {
  if (!accept(kind)) unexpected(what);
}

void Parser::unexpected(std::string_view wanted) {
  if (at(TokenKind::end)) {
    throw CompileError(source_.size(), 0, fmt::format("expected {}, but the expression ends here", wanted));
  }
  const std::size_t length = token_.end - token_.begin;
  throw CompileError(token_.begin, length,
                     fmt::format("expected {}, not '{}'", wanted, lexer_.text(token_).substr(0, 40)));
}

void Parser::too_long(const Node& node) {
  fail(node, fmt::format("more than {} operators in a row (limit chain)", options_.limits.chain));
}

void Parser::fail(const Node& node, std::string message_text) {
  throw CompileError(node.begin, node.end - node.begin, std::move(message_text));
}

}  // namespace ms::cel
