#pragma once

#include <concepts>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

namespace ms {

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`, without regard to ASCII case.
/// Anything above `limit` is returned as limit + 1.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// How far a word may be from a suggestion: a third of its length, at least one edit.
std::size_t suggestion_limit(std::string_view word);

/// The candidate nearest to `word`, the first one where several are; nullopt when none is near. Serves flags,
/// keys, facts, rule ids, scenes and environment variables alike.
template <std::ranges::input_range Candidates>
requires std::convertible_to<std::ranges::range_reference_t<Candidates>, std::string_view>
    std::optional<std::string> closest_match(std::string_view word, Candidates&& candidates) {
  std::size_t best_distance = suggestion_limit(word) + 1;
  std::optional<std::string> best;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, best_distance - 1);
    if (distance < best_distance) {
      best_distance = distance;
      best = std::string(candidate);
      if (distance == 0) break;
    }
  }
  return best;
}

/// "; did you mean 'severity'?", or "" without a suggestion. Goes at the end of a message.
std::string did_you_mean(const std::optional<std::string>& suggestion);

}  // namespace ms
