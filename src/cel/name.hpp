#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace ms::cel {

// Names and short texts are compared and hashed eight bytes at a time: they are most of what an expression
// does.

template <class Word>
Word load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// The same with the first byte as the highest one, so that words order as texts do.
inline std::uint64_t load_ordered(const char* from) {
  const auto word = load<std::uint64_t>(from);
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}
inline std::uint32_t load_half_ordered(const char* from) {
  const auto word = load<std::uint32_t>(from);
  return std::endian::native == std::endian::little ? __builtin_bswap32(word) : word;
}

/// The first eight bytes of a text as a number that orders as the texts do, zeros behind a shorter one.
inline std::uint64_t text_prefix(std::string_view text) {
  const char* const first = text.data();
  const std::size_t size = text.size();
  if (size >= 8) return load_ordered(first);
  if (size >= 4) {
    const std::uint64_t tail = load_half_ordered(first + size - 4);
    return std::uint64_t{load_half_ordered(first)} << 32 | (tail << (8 * (8 - size)) & 0xFFFFFFFFu);
  }
  if (size == 0) return 0;
  const auto byte = [&](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(first[i])} << (56 - 8 * i);
  };
  return byte(0) | byte(size / 2) | byte(size - 1);
}

inline bool same_text(std::string_view a, std::string_view b) {
  constexpr std::size_t kShort = 64;  // beyond, the library's vector code is faster
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  const auto same = [&]<class Word>(Word, std::size_t at) {
    return load<Word>(a.data() + at) == load<Word>(b.data() + at);
  };
  if (size < 8) {
    if (size >= 4) return same(std::uint32_t(), 0) && same(std::uint32_t(), size - 4);
    if (size >= 2) return same(std::uint16_t(), 0) && same(std::uint16_t(), size - 2);
    return size == 0 || same(char(), 0);
  }
  if (size > kShort) return std::memcmp(a.data(), b.data(), size) == 0;
  for (std::size_t i = 0; i < size - 8; i += 8) {
    if (!same(std::uint64_t(), i)) return false;
  }
  return same(std::uint64_t(), size - 8);
}

/// The hash of a name behind others: of "kv" in plan.kv, with the hash of plan before it.
inline std::uint64_t name_hash(std::string_view name, std::uint64_t before = 0) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15u;
  const auto mix = [](std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * kOdd;
    return hash ^ (hash >> 32);
  };
  std::uint64_t hash = mix(before, name.size());
  if (name.size() < 8) return mix(hash, text_prefix(name));
  for (std::size_t i = 0; i < name.size() - 8; i += 8) hash = mix(hash, load<std::uint64_t>(name.data() + i));
  return mix(hash, load<std::uint64_t>(name.data() + name.size() - 8));
}

/// The name of a field, prepared for looking it up in many JSON objects: their maps compare names, and nearly
/// every comparison is decided by the first eight bytes.
struct FieldKey {
  std::string_view text;
  std::uint64_t prefix = 0;

  FieldKey() = default;
  explicit FieldKey(std::string_view name) : text(name), prefix(text_prefix(name)) {}

  friend bool operator<(const std::string& name, const FieldKey& key) {
    const std::uint64_t other = text_prefix(name);
    return other != key.prefix ? other < key.prefix : less_behind_prefix(name, key.text);
  }
  friend bool operator<(const FieldKey& key, const std::string& name) {
    const std::uint64_t other = text_prefix(name);
    return other != key.prefix ? key.prefix < other : less_behind_prefix(key.text, name);
  }

 private:
  static bool less_behind_prefix(std::string_view a, std::string_view b) {
    return a.size() <= sizeof prefix || b.size() <= sizeof prefix ? a.size() < b.size() : a < b;
  }
};

/// The names that lead from a variable to what an expression reads: plan, kv, blocks.
struct FactPath {
  std::span<const FieldKey> names;  ///< that of the variable first
  std::uint64_t root_hash = 0;      ///< of the variable
  std::uint64_t hash = 0;           ///< of all names; 0 where the variable is none of the activation

  std::string_view root() const { return names[0].text; }
  std::span<const FieldKey> fields() const { return names.subspan(1); }
};

}  // namespace ms::cel
