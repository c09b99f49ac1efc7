#pragma once

#include <cstdint>

namespace ms::cel {

/// Bounds on what an expression may cost. Passing one of the first four is a CompileError, passing one of the
/// others an error value with code `limit`; the message names the limit.
struct Limits {
  std::uint32_t source_bytes = 64 * 1024;
  std::uint32_t nesting = 128;               ///< parentheses, brackets, calls inside each other
  std::uint32_t chain = 512;                 ///< operators or selections in a row
  std::uint32_t comprehension_nesting = 8;   ///< all, map, ... inside each other
  std::uint64_t steps = 1'000'000;           ///< of one evaluation; a step is a call or one turn of a loop
  std::uint64_t memory_bytes = 64ull << 20;  ///< that one evaluation may build
};

}  // namespace ms::cel
