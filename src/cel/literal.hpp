#pragma once

#include <string_view>

#include "cel/arena.hpp"
#include "cel/lexer.hpp"
#include "cel/value.hpp"

namespace ms::cel {

/// The value of a number token; `negative` where a minus sign stands before it. Throws CompileError when it
/// does not fit into 64 bits.
Value number_literal(const Token& token, std::string_view text, bool negative);

/// The value of a string or bytes token with its prefix and quotes. Refers to `text` where it has no escapes,
/// to the arena otherwise. Throws CompileError at an escape that is not one.
Value string_literal(const Token& token, std::string_view text, Arena& arena);

}  // namespace ms::cel
