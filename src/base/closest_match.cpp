#include "base/closest_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace ms {

std::size_t edit_distance(std::string_view a_text, std::string_view b_text, std::size_t limit) {
  const std::size_t gap =
      a_text.size() > b_text.size() ? a_text.size() - b_text.size() : b_text.size() - a_text.size();
  if (gap > limit) return limit + 1;
  const std::string a = to_lower(a_text);
  const std::string b = to_lower(b_text);

  // Three rows of the optimal string alignment matrix: two back, one back, current.
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    std::size_t row_best = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
      row_best = std::min(row_best, current[j]);
    }
    if (row_best > limit) return limit + 1;
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return std::min(previous[b.size()], limit + 1);
}

std::size_t suggestion_limit(std::string_view word) {
  return std::max<std::size_t>(word.size() / 3, 1);
}

std::string did_you_mean(const std::optional<std::string>& suggestion) {
  return suggestion ? fmt::format("; did you mean '{}'?", *suggestion) : std::string();
}

}  // namespace ms
