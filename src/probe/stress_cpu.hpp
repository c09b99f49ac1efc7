#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"
#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// How fast one CPU worked.
struct WorkRate {
  double seconds = 0;  ///< wall time of one piece of work
  double share = 1;    ///< part of that time in which the thread had the CPU, 0 to 1
};

/// Runs the work of the stress, on this machine or in a test.
class StressExecutor {
 public:
  virtual ~StressExecutor() = default;
  /// Works on all of these CPUs at the same time, one pinned thread each, for `seconds`; what each did, in
  /// their order. Absent: the thread could not be pinned, or got no time on that CPU.
  virtual std::vector<Reading<WorkRate>> run(const std::vector<int>& cpus, double seconds) = 0;
  /// A clock. [s]
  virtual double now() const = 0;
  virtual bool interrupted() const = 0;
};

/// Pinned threads on this machine. The affinity of the calling thread is never changed.
class ThreadExecutor : public StressExecutor {
 public:
  std::vector<Reading<WorkRate>> run(const std::vector<int>& cpus, double seconds) override;
  double now() const override;
  bool interrupted() const override;
};

/// The CPUs that this process may run on: its affinity, which the cpuset of its cgroup bounds.
Reading<std::vector<int>> allowed_cpus();

/// The CPUs to be tested.
struct StressCpu {
  int cpu = 0;
  std::string kind;  ///< what tells kinds of cores apart (cpu_capacity); empty where all are alike
  int siblings = 1;  ///< how many CPUs of its core are tested, itself included
};

/// Kinds and SMT siblings of these CPUs, from /sys.
std::vector<StressCpu> describe_cpus(const Host& host, const std::vector<int>& cpus);

/// How a budget of time is spent: a number of rounds over the CPUs one by one, then of all at once.
struct CpuStressPlan {
  int rounds = 3;
  double single_seconds = 0;  ///< of one CPU in one round
  double all_seconds = 0;     ///< of one round of all
};

/// Half of the budget for the CPUs one by one, three tenths for all at once, the rest for starting threads;
/// where there are few CPUs it takes less. [s]
CpuStressPlan plan_cpu_stress(std::size_t cpus, double budget_seconds);

enum class StressPhase { single, all, npu };
/// Told how much of a phase is done, 0 to 1.
using StressProgress = std::function<void(StressPhase, double)>;

/// What one CPU did. Percent are over the median of like CPUs; nullopt where there is nothing to compare.
struct CpuStress {
  int cpu = 0;
  Reading<WorkRate> single = Absent{"not measured"};
  Reading<WorkRate> all = Absent{"not measured"};
  std::optional<double> single_percent;
  std::optional<double> all_percent;
};

/// Measures the CPUs: alone, one after the other, and all at once; of several rounds the median counts. Ends
/// within the budget but for one round that is under way; what was not measured by then is absent. Where
/// `all_refused` is given, the CPUs are not measured all at once, for that reason. Compared are CPUs of one
/// kind and, all at once, of as many busy SMT siblings.
std::vector<CpuStress> measure_cpus(StressExecutor& executor, const std::vector<StressCpu>& cpus,
                                    double budget_seconds, const std::optional<std::string>& all_refused,
                                    const StressProgress& progress);

/// Sets stress.cpu.*: the results, and what is slower than `threshold_percent` over the median.
void set_cpu_stress_facts(FactDocument& facts, const std::vector<CpuStress>& results,
                          const std::string& untested, double threshold_percent);

}  // namespace ms
