// The threads of the CPU stress, on this machine.
#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/interrupt.hpp"
#include "probe/stress_cpu.hpp"

namespace ms {
namespace {

// Linux is built for 8192 CPUs at most.
constexpr std::size_t kMostCpus = 8192;
// How long after its end a round is waited for: a thread that a real-time task keeps from its CPU would never
// end by itself.
constexpr auto kGrace = std::chrono::milliseconds(500);

class CpuSet {
 public:
  CpuSet() : set_(CPU_ALLOC(kMostCpus)) { CPU_ZERO_S(bytes(), set_); }
  CpuSet(const CpuSet&) = delete;
  CpuSet& operator=(const CpuSet&) = delete;
  ~CpuSet() { CPU_FREE(set_); }

  static std::size_t bytes() { return CPU_ALLOC_SIZE(kMostCpus); }
  cpu_set_t* get() { return set_; }
  void add(int cpu) { CPU_SET_S(static_cast<std::size_t>(cpu), bytes(), set_); }
  bool has(int cpu) const { return CPU_ISSET_S(static_cast<std::size_t>(cpu), bytes(), set_) != 0; }

 private:
  cpu_set_t* set_;
};

double seconds_of(clockid_t clock) {
  timespec time = {};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Where results of the work go, so that it cannot be left out.
volatile double sink;

// One piece of work: multiplications with additions over 4 KiB, which stay in the first cache, and a chain of
// integer arithmetic beside them. Takes some tens of microseconds. `start` and the result are from 0 to 2, so
// that the result of one piece can start the next.
double work(double start) {
  constexpr std::size_t kValues = 512;
  constexpr int kPasses = 64;
  alignas(64) double values[kValues];
  auto state = static_cast<std::uint64_t>(start * 1e6) | 1U;
  for (double& value : values) value = start;
  for (int pass = 0; pass < kPasses; ++pass) {
    for (double& value : values) {
      value = value * 0.999 + 0.001;  // tends to 1: neither overflow nor denormal numbers
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      state ^= state >> 29U;
    }
  }
  double sum = static_cast<double>(state & 0xFFU);
  for (const double value : values) sum += value;
  return sum / (2.0 * kValues);
}

// What the threads of one round share.
struct Round {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t ready = 0;
  std::size_t done = 0;
  bool go = false;
  std::atomic<bool> stop = false;
};

struct Worker {
  int cpu = 0;
  std::thread thread;
  Reading<WorkRate> rate = Absent{"got no time on this CPU"};
  bool is_done = false;  // guarded by the mutex of the round
};

Reading<WorkRate> work_for(double seconds, const std::atomic<bool>& stop) {
  double value = work(2);  // the first brings code and data into the caches
  const double start = seconds_of(CLOCK_MONOTONIC);
  const double cpu_start = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  std::int64_t pieces = 0;
  double now = start;
  do {
    value = work(value);
    ++pieces;
    now = seconds_of(CLOCK_MONOTONIC);
  } while (now - start < seconds && !stop && !interrupt_requested());
  const double cpu_seconds = seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu_start;
  sink = value;
  const double wall = now - start;
  if (wall <= 0) return Absent{"the clock stood still"};
  return WorkRate{.seconds = wall / static_cast<double>(pieces), .share = std::min(1.0, cpu_seconds / wall)};
}

void run_worker(Worker& worker, Round& round, double seconds) {
  CpuSet one;
  one.add(worker.cpu);
  const int error = ::pthread_setaffinity_np(::pthread_self(), CpuSet::bytes(), one.get());
  {
    std::unique_lock lock(round.mutex);
    ++round.ready;
    round.changed.notify_all();
    round.changed.wait(lock, [&] { return round.go; });
  }
  Reading<WorkRate> rate = error == 0 ? work_for(seconds, round.stop)
                                      : Absent{fmt::format("cannot be pinned to CPU {}: {}", worker.cpu,
                                                           std::generic_category().message(error))};
  const std::lock_guard lock(round.mutex);
  // After `stop` it may have run elsewhere.
  if (!round.stop) worker.rate = std::move(rate);
  worker.is_done = true;
  ++round.done;
  round.changed.notify_all();
}

}  // namespace

Reading<std::vector<int>> allowed_cpus() {
  CpuSet set;
  if (::sched_getaffinity(0, CpuSet::bytes(), set.get()) != 0) {
    return Absent{fmt::format("sched_getaffinity: {}", std::generic_category().message(errno))};
  }
  std::vector<int> cpus;
  for (int cpu = 0; cpu < static_cast<int>(kMostCpus); ++cpu) {
    if (set.has(cpu)) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<Reading<WorkRate>> ThreadExecutor::run(const std::vector<int>& cpus, double seconds) {
  CpuSet before;
  const bool is_known = ::sched_getaffinity(0, CpuSet::bytes(), before.get()) == 0;
  Round round;
  std::vector<Worker> workers(cpus.size());
  std::size_t started = 0;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    workers[i].cpu = cpus[i];
    try {
      workers[i].thread =
          std::thread([&worker = workers[i], &round, seconds] { run_worker(worker, round, seconds); });
      ++started;
    } catch (const std::system_error& e) {
      workers[i].rate = Absent{fmt::format("no thread could be started: {}", e.what())};
    }
  }
  std::unique_lock lock(round.mutex);
  round.changed.wait_for(lock, kGrace, [&] { return round.ready == started; });
  round.go = true;
  round.changed.notify_all();
  const auto window =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
  round.changed.wait_for(lock, window + kGrace, [&] { return round.done == started; });
  while (round.done < started) {
    // On a CPU of its own choice a thread that was starved comes to its end.
    round.stop = true;
    for (Worker& worker : workers) {
      if (!worker.is_done && worker.thread.joinable() && is_known) {
        ::pthread_setaffinity_np(worker.thread.native_handle(), CpuSet::bytes(), before.get());
      }
    }
    round.changed.wait_for(lock, kGrace, [&] { return round.done == started; });
  }
  lock.unlock();
  std::vector<Reading<WorkRate>> rates;
  for (Worker& worker : workers) {
    if (worker.thread.joinable()) worker.thread.join();
    rates.push_back(std::move(worker.rate));
  }
  return rates;
}

double ThreadExecutor::now() const {
  return seconds_of(CLOCK_MONOTONIC);
}

bool ThreadExecutor::interrupted() const {
  return interrupt_requested();
}

}  // namespace ms
