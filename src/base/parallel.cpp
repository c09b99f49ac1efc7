#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/heap.hpp"

namespace ms {
namespace {

// Numbered calls of one function, for whoever has time.
class Calls {
 public:
  Calls(std::size_t count, const std::function<void(std::size_t)>& work) : count_(count), work_(work) {}

  // Makes calls until none is left to begin.
  void make() {
    for (std::size_t i = next_++; i < count_; i = next_++) {
      work_(i);
      if (++ended_ == count_) ended_.notify_all();
    }
  }

  bool have_ended() const { return ended_ == count_; }

  void wait() const {
    for (std::size_t ended = ended_; ended != count_; ended = ended_) ended_.wait(ended);
  }

 private:
  std::size_t count_;
  const std::function<void(std::size_t)>& work_;  // there as long as a call is left
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> ended_ = 0;
};

class Helpers {
 public:
  Helpers() {
    constexpr unsigned kMostThreads = 4;
    const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
    try {
      for (; count_ + 1 < threads; ++count_) std::thread([this] { help(); }).detach();
    } catch (const std::system_error&) {
      // A container may allow no more threads; whoever shares out does the work.
    }
  }

  void offer(const std::shared_ptr<Calls>& calls, std::size_t most) {
    const std::size_t wanted = std::min(most, count_);
    {
      const std::lock_guard lock(mutex_);
      offered_.insert(offered_.end(), wanted, calls);
    }
    for (std::size_t i = 0; i < wanted; ++i) is_offered_.notify_one();
  }

  // Helps with what is offered, if anything is.
  bool help_once() {
    std::unique_lock lock(mutex_);
    if (offered_.empty()) return false;
    take(std::move(lock));
    return true;
  }

 private:
  [[noreturn]] void help() {
    use_huge_pages_in_thread();
    while (true) {
      std::unique_lock lock(mutex_);
      is_offered_.wait(lock, [this] { return !offered_.empty(); });
      take(std::move(lock));
    }
  }

  void take(std::unique_lock<std::mutex> lock) {
    const std::shared_ptr<Calls> calls = std::move(offered_.front());
    offered_.pop_front();
    lock.unlock();
    calls->make();
  }

  std::mutex mutex_;
  std::condition_variable is_offered_;
  std::deque<std::shared_ptr<Calls>> offered_;
  std::size_t count_ = 0;
};

// Never destroyed: helpers wait in it until the process ends.
Helpers& helpers() {
  static Helpers* const all = new Helpers;
  return *all;
}

}  // namespace

void start_helpers() {
  helpers();
}

void share_out(std::size_t count, const std::function<void(std::size_t)>& work) {
  const auto calls = std::make_shared<Calls>(count, work);
  if (count > 1) helpers().offer(calls, count - 1);
  calls->make();
  // Who works on the rest may have shared out in turn.
  while (!calls->have_ended() && helpers().help_once()) {
  }
  calls->wait();
}

}  // namespace ms
