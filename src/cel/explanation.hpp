#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cel/value.hpp"

namespace ms::cel {

/// The value that a part of an expression had, and those of its parts. Constants are left out; a
/// comprehension lists the parts of each turn. Parts that were not evaluated (the right side of `false && x`)
/// are not there.
struct Explanation {
  std::string_view source;   ///< the part as it is written
  std::uint32_t offset = 0;  ///< where it starts in the expression
  Value value;
  std::vector<Explanation> parts;
};

}  // namespace ms::cel
