#pragma once

#include "cel/inline_vector.hpp"
#include "cel/lexer.hpp"
#include "cel/parser.hpp"

namespace ms::cel {

/// The parser itself; parser.cpp has the grammar, macros.cpp what `has`, `all`, `cel.bind`... become.
///
/// Operators are parsed by precedence climbing, so that the stack grows with parentheses only, and those are
/// counted.
class Parser {
 public:
  Parser(std::string_view source, const ParseOptions& options, Arena& arena)
      : lexer_(source), source_(source), options_(options), arena_(arena) {}

  Node* run();

 private:
  Node* expression();
  Node* operators(int lowest_precedence);
  Node* logical(Op op, Node* first, int precedence);
  Node* unary();
  Node* postfix(Node* operand);
  Node* after_dot(Node* operand);
  Node* after_bracket(Node* operand);
  Node* primary();
  Node* number(bool negative, std::uint32_t begin);
  Node* name(bool from_root, std::uint32_t begin);
  Node* list(std::uint32_t begin);
  Node* map(std::uint32_t begin);
  Node* message(Node* type_name);
  std::size_t arguments();

  // macros.cpp. nullptr: no macro, so a call.
  Node* global_macro(std::string_view name, std::size_t first_argument, std::uint32_t begin);
  Node* member_macro(Node* operand, std::string_view name, std::size_t first_argument);
  Node* has_macro(std::size_t first_argument, std::uint32_t begin);
  Node* cel_macro(std::string_view name, std::size_t first_argument, std::uint32_t begin);
  Node* block_macro(std::string_view name, std::size_t first_argument, std::uint32_t begin);
  std::string_view variable_name(const Node& node, std::string_view macro);

  Node* leaf(Op op, std::uint32_t begin, std::uint32_t end) {
    Node* const node = arena_.make<Node>();
    node->op = op;
    node->begin = begin;
    node->end = end;
    return node;
  }
  Node* make(Op op, std::uint32_t begin, std::uint32_t end, std::span<Node* const> args);
  Node* make(Op op, Node* left, Node* right);
  Node* call(std::string_view function, std::uint32_t begin, std::span<Node* const> args, bool member);

  void advance() {
    last_end_ = token_.end;
    token_ = lexer_.next();
  }
  bool at(TokenKind kind) const { return token_.kind == kind; }
  bool accept(TokenKind kind) {
    if (token_.kind != kind) return false;
    advance();
    return true;
  }
  void expect(TokenKind kind, std::string_view what);
  [[noreturn]] void unexpected(std::string_view wanted);
  [[noreturn]] void too_long(const Node& node);
  [[noreturn]] void fail(const Node& node, std::string message);

  Lexer lexer_;
  std::string_view source_;
  const ParseOptions& options_;
  Arena& arena_;
  Token token_;
  std::uint32_t last_end_ = 0;
  std::uint32_t nesting_ = 0;
  InlineVector<Node*, 64> pending_;  ///< arguments and elements that have been read, innermost list last
};

}  // namespace ms::cel
