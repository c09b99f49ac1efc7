#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ms::import {

/// A part of an expression of the two rule languages, which are nearly Python.
struct Expression {
  enum class Kind {
    number,  ///< `text` as it is written
    text,    ///< `text` without its quotes
    word,    ///< true, false, None or NA
    name,    ///< a name by itself
    path,    ///< `text` is what is between "${" and "}"
    list,
    map,    ///< key, value, key, value, ...
    unary,  ///< `text` is "not" or "-"
    binary,
    call  ///< `text` is the name of the function
  };

  Kind kind = Kind::text;
  std::string text;
  Position position;
  std::vector<Expression> parts;
  std::string_view source;  ///< as it is written, in the text that was parsed

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_operator(std::string_view sign) const { return kind == Kind::binary && text == sign; }
  bool is_word(std::string_view word) const { return kind == Kind::word && text == word; }
};

/// Every part of an expression, itself first.
template <class Visit>
void walk(const Expression& expression, const Visit& visit) {
  visit(expression);
  for (const Expression& part : expression.parts) walk(part, visit);
}

}  // namespace ms::import
