#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace ms::import {

/// A word of YAML rules and what it is here.
struct Word {
  std::string_view theirs;
  std::string_view ours;
};

/// nullopt when there is no such word.
template <std::size_t N>
std::optional<std::string_view> find_word(const std::array<Word, N>& words, std::string_view theirs) {
  const auto found =
      std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.theirs == theirs; });
  return found == words.end() ? std::nullopt : std::optional(found->ours);
}

}  // namespace ms::import
