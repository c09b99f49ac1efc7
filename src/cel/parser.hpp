#pragma once

#include <string_view>

#include "cel/arena.hpp"
#include "cel/ast.hpp"
#include "cel/limits.hpp"

namespace ms::cel {

struct ParseOptions {
  Limits limits = {};
  /// cel.block, cel.index, cel.iterVar, cel.accuVar: what optimisers write, for the conformance suite only.
  bool block_macros = false;
};

/// Parses an expression into a tree in `arena`; macros are expanded on the way. `source` must be followed by
/// a zero byte and live as long as the tree. Throws CompileError.
Node* parse(std::string_view source, const ParseOptions& options, Arena& arena);

}  // namespace ms::cel
