#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "profile/activity.hpp"

using namespace ms::profile;

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kStart = 1'765'000'000'000'000'000;

Interval at(std::int64_t begin_ms, std::int64_t end_ms) {
  return {kStart + begin_ms * kMillisecond, kStart + end_ms * kMillisecond};
}

Activity::Within within(const Activity& activity, const Interval& interval) {
  return activity.within({&interval, 1}).front();
}

}  // namespace

TEST_CASE("activity: calls count where they begin, and take time where they pass") {
  Activity activity;
  CHECK_FALSE(activity.known());
  activity.add(at(0, 1));
  activity.add(at(5, 8));
  activity.add(at(95, 312));  // into the interval, through it and beyond
  activity.add(at(150, 151));
  activity.add(at(301, 302));
  CHECK(activity.known());
  const auto inside = within(activity, at(100, 300));
  CHECK(inside.calls == 1);
  CHECK(inside.span == doctest::Approx(0.2));
  CHECK(inside.seconds == doctest::Approx(0.201));
  // What lies in bins that reach over the ends is left out.
  const auto narrow = within(activity, at(101, 299));
  CHECK(narrow.span == doctest::Approx(0.18));
  CHECK(narrow.seconds == doctest::Approx(0.181));
  CHECK(within(activity, at(400, 600)).seconds == doctest::Approx(0));
  CHECK(within(activity, at(-600, -400)).calls == 0);
  CHECK(within(activity, at(3, 4)).span == 0);
}

TEST_CASE("activity: as a sum over milliseconds gives it") {
  std::mt19937 random(4);
  std::vector<Interval> calls;
  Activity activity;
  for (int i = 0; i < 500; ++i) {
    const auto begin = static_cast<std::int64_t>(random() % 3000) - 500;
    calls.push_back(at(begin, begin + static_cast<std::int64_t>(random() % 200)));
    activity.add(calls.back());
  }
  for (int i = 0; i < 200; ++i) {
    // Whole bins, so that nothing is left out.
    const std::int64_t begin = (static_cast<std::int64_t>(random() % 300) - 50) * 10;
    const std::int64_t end = begin + static_cast<std::int64_t>(random() % 100) * 10;
    const Interval interval = at(begin, end);
    std::uint64_t begun = 0;
    std::int64_t busy_ns = 0;
    for (const Interval& call : calls) {
      begun += call.start_ns >= interval.start_ns && call.start_ns < interval.end_ns ? 1 : 0;
      busy_ns += std::max<std::int64_t>(
          0, std::min(call.end_ns, interval.end_ns) - std::max(call.start_ns, interval.start_ns));
    }
    const auto found = within(activity, interval);
    CHECK(found.calls == begun);
    CHECK(found.seconds == doctest::Approx(static_cast<double>(busy_ns) / 1e9));
  }
}

TEST_CASE("activity: a call of any length costs no more than another, and too many bins leave it unknown") {
  Activity activity;
  for (int i = 0; i < 100'000; ++i) activity.add(at(0, 1'000'000'000));
  CHECK(within(activity, at(500, 700)).seconds == doctest::Approx(100'000 * 0.2));
  for (std::int64_t i = 0; i <= 210'000; ++i) activity.add(at(i * 10, i * 10));
  CHECK_FALSE(activity.known());
}
