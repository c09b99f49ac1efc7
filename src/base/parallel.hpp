#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

namespace ms {

/// What `make(i)` gives for i from 0 to count - 1, in that order, by up to four threads: a start is too short
/// for more. Throws what the first call that threw has thrown, after all have ended.
template <class Make>
auto in_parallel(std::size_t count, Make make) -> std::vector<decltype(make(std::size_t{}))> {
  constexpr unsigned kMostThreads = 4;
  using Result = decltype(make(std::size_t{}));
  std::vector<std::optional<Result>> results(count);
  std::vector<std::exception_ptr> errors(count);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        results[i].emplace(make(i));
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  const auto threads =
      std::min<std::size_t>(count, std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads));
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  std::vector<Result> made;
  made.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (errors[i]) std::rethrow_exception(errors[i]);
    made.push_back(std::move(*results[i]));
  }
  return made;
}

}  // namespace ms
