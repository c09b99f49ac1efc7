#include "base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/text.hpp"

namespace ms {
namespace {

struct Unit {
  std::string_view name;
  double bytes;
};

constexpr std::array kUnits = {
    Unit{"", 1},         Unit{"b", 1},      Unit{"kib", 0x1p10}, Unit{"mib", 0x1p20}, Unit{"gib", 0x1p30},
    Unit{"tib", 0x1p40}, Unit{"k", 0x1p10}, Unit{"m", 0x1p20},   Unit{"g", 0x1p30},   Unit{"t", 0x1p40},
    Unit{"kb", 1e3},     Unit{"mb", 1e6},   Unit{"gb", 1e9},     Unit{"tb", 1e12},
};

}  // namespace

std::optional<std::int64_t> parse_size_bytes(std::string_view text) {
  text = trim(text);
  const auto end_of_number = text.find_first_not_of("0123456789.");
  const auto number = parse_double(text.substr(0, end_of_number));
  if (!number) return std::nullopt;
  const std::string name =
      end_of_number == text.npos ? std::string() : to_lower(trim(text.substr(end_of_number)));
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    const double bytes = std::round(*number * unit.bytes);
    if (bytes >= 0x1p63) return std::nullopt;
    return static_cast<std::int64_t>(bytes);
  }
  return std::nullopt;
}

std::string format_bytes(std::int64_t bytes) {
  constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 1024 && unit + 1 < kNames.size()) {
    value /= 1024;
    ++unit;
  }
  // What rounds up to 1024 belongs to the next unit: 1023.97 MiB is 1 GiB to a reader.
  if (std::abs(value) >= 1023.95 && unit + 1 < kNames.size()) {
    value /= 1024;
    ++unit;
  }
  const double tenths = std::round(value * 10);
  if (std::fmod(tenths, 10) == 0) return fmt::format("{:.0f} {}", value, kNames[unit]);
  return fmt::format("{:.1f} {}", value, kNames[unit]);
}

std::string format_count(std::int64_t count) {
  const std::string digits = fmt::format("{}", count);
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool boundary = i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-';
    if (boundary) grouped += ' ';
    grouped += digits[i];
  }
  return grouped;
}

}  // namespace ms
