#include "probe/stress_cpu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "cel/cpu_list.hpp"
#include "probe/outliers.hpp"

namespace ms {
namespace {

constexpr const char* kSource = "msprecheck precheck --hardware";
constexpr double kLongestSingleSeconds = 0.1;
constexpr double kLongestAllSeconds = 0.5;

// What the rounds of one CPU gave.
struct Rounds {
  std::vector<WorkRate> rates;
  std::string problem;

  void add(const Reading<WorkRate>& rate) {
    if (rate) {
      rates.push_back(*rate);
    } else {
      problem = rate.reason();
    }
  }

  Reading<WorkRate> median(const std::string& none) const {
    if (rates.empty()) return Absent{problem.empty() ? none : problem};
    std::vector<WorkRate> sorted = rates;
    std::sort(sorted.begin(), sorted.end(),
              [](const WorkRate& a, const WorkRate& b) { return a.seconds < b.seconds; });
    return sorted[(sorted.size() - 1) / 2];
  }
};

using Result = Reading<WorkRate> CpuStress::*;
using Percent = std::optional<double> CpuStress::*;

void compare(std::vector<CpuStress>& results, const std::vector<std::string>& groups, Result result,
             Percent percent) {
  std::vector<Measurement> measurements;
  std::vector<std::size_t> measured;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!(results[i].*result)) continue;
    measured.push_back(i);
    measurements.push_back({.seconds = (*(results[i].*result)).seconds, .group = groups[i]});
  }
  const auto percents = percent_over_median(measurements);
  for (std::size_t i = 0; i < measured.size(); ++i) results[measured[i]].*percent = percents[i];
}

double tenths(double value) {
  return std::round(value * 10) / 10;
}

double hundredths(double value) {
  return std::round(value * 100) / 100;
}

void add_fields(Json& entry, const std::string& phase, const Reading<WorkRate>& rate,
                const std::optional<double>& percent) {
  const std::string reason = rate ? "" : rate.reason();
  entry[phase + "_seconds"] = rate ? Json(rate->seconds) : absent_marker(reason, kSource);
  entry[phase + "_share"] = rate ? Json(hundredths(rate->share)) : absent_marker(reason, kSource);
  entry[phase + "_percent"] =
      percent
          ? Json(tenths(*percent))
          : absent_marker(rate ? "no other CPU of its kind was measured to compare with" : reason, kSource);
}

Json slow(const std::vector<CpuStress>& results, Result result, Percent percent, double threshold_percent) {
  Json list = Json::array();
  for (const CpuStress& cpu : results) {
    if (!(cpu.*percent) || *(cpu.*percent) <= threshold_percent) continue;
    list.push_back({{"cpu", cpu.cpu},
                    {"percent", tenths(*(cpu.*percent))},
                    {"share", hundredths((*(cpu.*result)).share)}});
  }
  return list;
}

}  // namespace

std::vector<StressCpu> describe_cpus(const Host& host, const std::vector<int>& cpus) {
  const auto hybrid = host.read_file("/sys/devices/cpu_atom/cpus", 65536);
  const auto atoms = hybrid ? cel::parse_cpu_list(*hybrid) : std::nullopt;
  std::vector<StressCpu> described;
  for (const int cpu : cpus) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu{}", cpu);
    StressCpu entry{.cpu = cpu, .kind = "", .siblings = 1};
    if (const auto capacity = host.read_file(folder + "/cpu_capacity", 4096)) {
      entry.kind = std::string(trim(*capacity));
    } else if (atoms && std::binary_search(atoms->begin(), atoms->end(), cpu)) {
      entry.kind = "atom";
    }
    const auto list = host.read_file(folder + "/topology/thread_siblings_list", 4096);
    if (const auto siblings = list ? cel::parse_cpu_list(*list) : std::nullopt) {
      entry.siblings =
          static_cast<int>(std::count_if(siblings->begin(), siblings->end(), [&](std::int64_t s) {
            return std::find(cpus.begin(), cpus.end(), s) != cpus.end();
          }));
    }
    described.push_back(std::move(entry));
  }
  return described;
}

CpuStressPlan plan_cpu_stress(std::size_t cpus, double budget_seconds) {
  CpuStressPlan plan;
  plan.single_seconds =
      std::min(kLongestSingleSeconds,
               0.5 * budget_seconds / plan.rounds / static_cast<double>(std::max<std::size_t>(cpus, 1)));
  plan.all_seconds = std::min(kLongestAllSeconds, 0.3 * budget_seconds / plan.rounds);
  return plan;
}

std::vector<CpuStress> measure_cpus(StressExecutor& executor, const std::vector<StressCpu>& cpus,
                                    double budget_seconds, const std::optional<std::string>& all_refused,
                                    const StressProgress& progress) {
  const CpuStressPlan plan = plan_cpu_stress(cpus.size(), budget_seconds);
  const double deadline = executor.now() + budget_seconds;
  const auto is_over = [&] { return executor.interrupted() || executor.now() >= deadline; };
  std::vector<Rounds> single(cpus.size());
  std::vector<Rounds> all(cpus.size());
  std::vector<int> numbers;
  for (const StressCpu& cpu : cpus) numbers.push_back(cpu.cpu);

  const double steps = plan.rounds * static_cast<double>(cpus.size());
  double done = 0;
  for (int round = 0; round < plan.rounds; ++round) {
    for (std::size_t i = 0; i < cpus.size() && !is_over(); ++i) {
      single[i].add(executor.run({numbers[i]}, plan.single_seconds).front());
      progress(StressPhase::single, ++done / steps);
    }
  }
  for (int round = 0; round < plan.rounds && !all_refused && !is_over(); ++round) {
    progress(StressPhase::all, static_cast<double>(round) / plan.rounds);
    const auto rates = executor.run(numbers, plan.all_seconds);
    for (std::size_t i = 0; i < rates.size(); ++i) all[i].add(rates[i]);
  }

  const std::string over =
      executor.interrupted()
          ? std::string("not measured: interrupted")
          : fmt::format("not measured: the {:g} s of --stress-time were over", budget_seconds);
  std::vector<CpuStress> results;
  std::vector<std::string> kinds;
  std::vector<std::string> loads;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    results.push_back({.cpu = cpus[i].cpu,
                       .single = single[i].median(over),
                       .all = all[i].median(all_refused.value_or(over)),
                       .single_percent = std::nullopt,
                       .all_percent = std::nullopt});
    kinds.push_back(cpus[i].kind);
    loads.push_back(fmt::format("{}/{}", cpus[i].kind, cpus[i].siblings));
  }
  compare(results, kinds, &CpuStress::single, &CpuStress::single_percent);
  compare(results, loads, &CpuStress::all, &CpuStress::all_percent);
  return results;
}

void set_cpu_stress_facts(FactDocument& facts, const std::vector<CpuStress>& results,
                          const std::string& untested, double threshold_percent) {
  Json cores = Json::array();
  for (const CpuStress& cpu : results) {
    Json entry = {{"cpu", cpu.cpu}};
    add_fields(entry, "single", cpu.single, cpu.single_percent);
    add_fields(entry, "all", cpu.all, cpu.all_percent);
    cores.push_back(std::move(entry));
  }
  facts.set("stress.cpu.requested", Json(true), kSource);
  facts.set("stress.cpu.cores", std::move(cores), kSource);
  facts.set("stress.cpu.slow_single",
            slow(results, &CpuStress::single, &CpuStress::single_percent, threshold_percent), kSource);
  facts.set("stress.cpu.slow_all", slow(results, &CpuStress::all, &CpuStress::all_percent, threshold_percent),
            kSource);
  facts.set("stress.cpu.untested", Json(untested), kSource);
  facts.set("stress.threshold_percent", Json(threshold_percent), kSource);
}

}  // namespace ms
