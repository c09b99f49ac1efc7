#include "report/profile_numbers.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/units.hpp"

namespace ms {

std::string shown_number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e9)
    return format_count(static_cast<std::int64_t>(value));
  if (std::abs(value) >= 1000 && std::abs(value) < 1e15) return format_count(std::llround(value));
  return fmt::format("{:.4g}", value);
}

std::string number_phrases(const Json& facts, std::span<const NumberPhrase> phrases, const TextStyle& style) {
  std::string text;
  for (const NumberPhrase& phrase : phrases) {
    const Json::json_pointer pointer(phrase.pointer);
    if (!facts.contains(pointer) || !facts.at(pointer).is_number()) continue;
    if (!text.empty()) text += style.pick(", ", "，");
    text += fmt::format(fmt::runtime(style.pick(phrase.en, phrase.zh)),
                        shown_number(facts.at(pointer).get<double>() * phrase.scale));
  }
  return text;
}

}  // namespace ms
