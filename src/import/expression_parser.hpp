#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "import/expression.hpp"
#include "import/lexer.hpp"

namespace ms::import {

/// The words of a file one after the other, and the expressions among them.
///
/// From weakest to strongest: or; and; not; in, not in; comparisons (which do not chain); + -; * / // %;
/// unary minus; ** (from the right). Expressions that nest deeper than 100 levels or join more than 500 parts
/// are refused.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, std::string source, Position start = {});

  /// Throws InputError with the place, and with what was expected there.
  Expression expression();

  const Token& token() const { return token_; }
  Position position() const { return lexer_.position(token_.begin); }
  bool at(std::string_view sign_or_name) const { return token_.is(sign_or_name); }
  bool at_end() const { return token_.kind == Token::Kind::end; }
  Token take();
  bool take(std::string_view sign_or_name);
  void expect(std::string_view sign_or_name);
  std::string expect_name(std::string_view what);
  std::string expect_text(std::string_view what);
  [[noreturn]] void fail_expected(std::string_view what) const;
  [[noreturn]] void fail(const Token& token, const std::string& message) const {
    lexer_.fail(token.begin, message);
  }

 private:
  Expression disjunction();
  Expression conjunction();
  Expression negation();
  Expression membership();
  Expression comparison();
  Expression sum();
  Expression product();
  Expression sign();
  Expression power();
  Expression primary();
  Expression named(const Token& name);
  void parts_until(std::string_view end, Expression& whole);

  /// An operator with its two sides.
  Expression joined(std::string sign, Expression left, Expression right);
  void deeper();
  void finish(Expression& expression, std::size_t begin) const;

  Lexer lexer_;
  Token token_;
  std::size_t last_end_ = 0;
  int depth_ = 0;
  int joints_ = 0;
};

/// A text that is one expression; nullopt when it is none.
std::optional<Expression> parse_expression(std::string_view text);

}  // namespace ms::import
