#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ms {

inline constexpr std::int64_t kKiB = std::int64_t{1} << 10;
inline constexpr std::int64_t kMiB = std::int64_t{1} << 20;
inline constexpr std::int64_t kGiB = std::int64_t{1} << 30;

/// Bytes of a size as a person writes it: "32GiB", "32 GB", "65536MiB", "1.5g", "4096". KiB, MiB, GiB, TiB
/// and the bare letters K, M, G, T are powers of 1024; KB, MB, GB, TB are powers of 1000. No unit means
/// bytes. nullopt when it is not a size, is negative, or exceeds 2^63 - 1 bytes.
std::optional<std::int64_t> parse_size_bytes(std::string_view text);

/// A size as a person reads it, with one decimal in the largest binary unit that is not above it:
/// "29.6 GiB", "32 GiB", "57344 B" stays "56 KiB", "512 B".
std::string format_bytes(std::int64_t bytes);

/// A whole number with thousands apart, as tables show it: "70 272".
std::string format_count(std::int64_t count);

}  // namespace ms
