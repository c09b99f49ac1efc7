#pragma once

#include <cstdint>

// Searches for bytes eight at a time.
namespace ms::profile {

/// Marks the bytes of `word` that equal `pattern` (a byte repeated eight times) in their highest bits. Exact,
/// unlike the shorter form with a subtraction, which also marks bytes above a match.
constexpr std::uint64_t equal_bytes(std::uint64_t word, std::uint64_t pattern) {
  constexpr std::uint64_t kLow = 0x7f7f7f7f7f7f7f7fULL;
  const std::uint64_t difference = word ^ pattern;
  return ~(((difference & kLow) + kLow) | difference | kLow);
}

/// The byte eight times.
constexpr std::uint64_t repeat(char byte) {
  return 0x0101010101010101ULL * static_cast<unsigned char>(byte);
}

}  // namespace ms::profile
