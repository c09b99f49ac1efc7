#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace ms {

/// Starts the threads that share_out() gives work to, up to three; the first call of it would. Worth it where
/// work follows soon: a thread may take milliseconds to start, one that waits for work is there at once.
void start_helpers();

/// Calls `work(i)` for i from 0 to count - 1, each once and in any order, on this thread and those helpers
/// that have nothing else to do; returns when all have ended. `work` may share out in turn, and must not
/// throw.
void share_out(std::size_t count, const std::function<void(std::size_t)>& work);

/// What `make(i)` gives for i from 0 to count - 1, in that order, by up to four threads: a start is too short
/// for more. Throws what the first call that threw has thrown, after all have ended.
template <class Make>
auto in_parallel(std::size_t count, Make make) -> std::vector<decltype(make(std::size_t{}))> {
  using Result = decltype(make(std::size_t{}));
  std::vector<std::optional<Result>> results(count);
  std::vector<std::exception_ptr> errors(count);
  share_out(count, [&](std::size_t i) {
    try {
      results[i].emplace(make(i));
    } catch (...) {
      errors[i] = std::current_exception();
    }
  });
  std::vector<Result> made;
  made.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (errors[i]) std::rethrow_exception(errors[i]);
    made.push_back(std::move(*results[i]));
  }
  return made;
}

/// What two functions give that have nothing to do with each other. Throws what the first has thrown, else
/// the second.
template <class First, class Second>
auto side_by_side(First first, Second second) -> std::pair<decltype(first()), decltype(second())> {
  std::optional<decltype(first())> a;
  std::optional<decltype(second())> b;
  in_parallel(2, [&](std::size_t i) {
    if (i == 0) {
      a.emplace(first());
    } else {
      b.emplace(second());
    }
    return true;
  });
  return {std::move(*a), std::move(*b)};
}

}  // namespace ms
