#include "base/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/text.hpp"

namespace ms {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};
// "ms" before "s": the first that fits the end counts.
constexpr std::array<Unit, 4> kUnits = {{{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}}};

}  // namespace

std::optional<double> parse_seconds(std::string_view text) {
  text = trim(text);
  double factor = 1;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    factor = unit.seconds;
    text = trim(text.substr(0, text.size() - unit.name.size()));
    break;
  }
  const auto count = parse_double(text);
  if (!count || *count < 0) return std::nullopt;
  return *count * factor;
}

std::string format_seconds(double seconds) {
  if (seconds < 10) return fmt::format("{:.2g} s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole % 60 == 0) return fmt::format("{} min", whole / 60);
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

}  // namespace ms
