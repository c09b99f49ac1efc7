#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace ms::profile {

/// A time between two others, in nanoseconds since 1970.
struct Interval {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;

  double seconds() const { return static_cast<double>(end_ns - start_ns) / 1e9; }
};

/// How busy a host was over time, in bins of ten milliseconds: calls come in any order, by the million.
class Activity {
 public:
  /// What falls into an interval.
  struct Within {
    std::uint64_t calls = 0;  ///< that begin there
    double seconds = 0;       ///< that calls take of it; those of several threads add up
    double span = 0;          ///< the bins that lie within the interval as a whole [s]
  };

  void add(const Interval& call);

  /// What falls into the bins that lie within each interval as a whole.
  std::vector<Within> within(std::span<const Interval> intervals) const;

  /// Whether anything was counted, and all of it: beyond 2000 s of activity nothing is known.
  bool known() const { return !bins_.empty() && !full_; }

 private:
  struct Bin {
    std::uint64_t calls = 0;
    std::int64_t busy_ns = 0;  // of calls that take a part of it
    std::int64_t opened = 0;   // calls that take bins as a whole from this one on, less those that do no more
  };

  std::unordered_map<std::int64_t, Bin> bins_;
  bool full_ = false;
};

}  // namespace ms::profile
