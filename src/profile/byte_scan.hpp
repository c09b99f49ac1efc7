#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

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

/// The first byte of [at, end) that `hits` marks, `end` where there is none. `hits` takes eight bytes as a
/// word and marks those that are looked for in their highest bits, each by itself.
template <class Hits>
const char* find_byte(const char* at, const char* end, Hits hits) {
  if constexpr (std::endian::native == std::endian::little) {
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      if (const std::uint64_t found = hits(word); found != 0) return at + std::countr_zero(found) / 8;
      at += 8;
    }
  }
  constexpr std::uint64_t kFirst = 0x80;
  while (at < end && (hits(std::uint64_t{static_cast<unsigned char>(*at)}) & kFirst) == 0) ++at;
  return at;
}

/// A bit for every byte of the 64 at `at` that is one of the three, the first one lowest.
inline std::uint64_t mark_64_bytes(const char* at, char a, char b, char c) {
  std::uint64_t marks = 0;
  for (unsigned i = 0; i < 8; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, at + std::size_t{8} * i, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    const std::uint64_t found =
        equal_bytes(word, repeat(a)) | equal_bytes(word, repeat(b)) | equal_bytes(word, repeat(c));
    // Gathers the highest bits of eight bytes in one.
    marks |= ((found >> 7) * 0x0102040810204080ULL >> 56) << (8 * i);
  }
  return marks;
}

}  // namespace ms::profile
