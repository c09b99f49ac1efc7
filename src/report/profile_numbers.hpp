#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "report/text_style.hpp"

namespace ms {

/// A number in at most seven characters that keeps what matters of it: "12.35", "0.0321", "70,272".
std::string shown_number(double value);

/// A number among facts: where it is, its words with {} for it, and what it is multiplied with.
struct NumberPhrase {
  const char* pointer;
  std::string_view en;
  std::string_view zh;
  double scale;
};

/// The phrases whose numbers there are, behind each other: "500 requests, 12 failed".
std::string number_phrases(const Json& facts, std::span<const NumberPhrase> phrases, const TextStyle& style);

}  // namespace ms
