#include "profile/activity.hpp"

#include <algorithm>

namespace ms::profile {
namespace {

constexpr std::int64_t kBinNs = 10'000'000;
constexpr std::size_t kMaxBins = 200'000;

// The bin that a time lies in, before 1970 as well.
std::int64_t bin_at(std::int64_t ns) {
  return ns / kBinNs - (ns % kBinNs < 0 ? 1 : 0);
}

}  // namespace

void Activity::add(const Interval& call) {
  if (full_ || call.end_ns < call.start_ns) return;
  const std::int64_t first = bin_at(call.start_ns);
  const std::int64_t last = bin_at(call.end_ns);
  Bin& begin = bins_[first];
  ++begin.calls;
  if (first == last) {
    begin.busy_ns += call.end_ns - call.start_ns;
  } else {
    begin.busy_ns += (first + 1) * kBinNs - call.start_ns;
    ++bins_[first + 1].opened;
    Bin& end = bins_[last];
    --end.opened;
    end.busy_ns += call.end_ns - last * kBinNs;
  }
  full_ = bins_.size() > kMaxBins;
}

std::vector<Activity::Within> Activity::within(std::span<const Interval> intervals) const {
  // Sums over all bins before one that is listed.
  struct Before {
    std::int64_t index = 0;
    Bin bin;
    std::uint64_t calls = 0;
    double busy_ns = 0;
    std::int64_t open = 0;  // from this bin on
  };
  std::vector<Before> listed;
  listed.reserve(bins_.size());
  for (const auto& [index, bin] : bins_) listed.push_back({.index = index, .bin = bin});
  std::sort(listed.begin(), listed.end(), [](const Before& a, const Before& b) { return a.index < b.index; });
  const auto busy_until = [](const Before& from, std::int64_t index) {
    const auto whole = static_cast<double>(from.open) * static_cast<double>(index - from.index);
    return from.busy_ns + static_cast<double>(from.bin.busy_ns) + whole * static_cast<double>(kBinNs);
  };
  for (std::size_t i = 0; i < listed.size(); ++i) {
    Before& here = listed[i];
    here.open = here.bin.opened;
    if (i == 0) continue;
    const Before& previous = listed[i - 1];
    here.open += previous.open;
    here.calls = previous.calls + previous.bin.calls;
    here.busy_ns = busy_until(previous, here.index);
  }
  struct Sum {
    std::uint64_t calls = 0;
    double busy_ns = 0;
  };
  const auto before = [&](std::int64_t index) {
    const auto behind =
        std::lower_bound(listed.begin(), listed.end(), index,
                         [](const Before& entry, std::int64_t value) { return entry.index < value; });
    if (behind == listed.begin()) return Sum();
    const Before& last = *std::prev(behind);
    return Sum{.calls = last.calls + last.bin.calls, .busy_ns = busy_until(last, index)};
  };
  std::vector<Within> result;
  result.reserve(intervals.size());
  for (const Interval& interval : intervals) {
    const std::int64_t begin = bin_at(interval.start_ns + kBinNs - 1);
    const std::int64_t end = std::max(begin, bin_at(interval.end_ns));
    const Sum from = before(begin);
    const Sum to = before(end);
    result.push_back({.calls = to.calls - from.calls,
                      .seconds = (to.busy_ns - from.busy_ns) / 1e9,
                      .span = static_cast<double>((end - begin) * kBinNs) / 1e9});
  }
  return result;
}

}  // namespace ms::profile
