#include <doctest/doctest.h>

#include <map>

#include "base/error.hpp"
#include "probe/fake_host.hpp"
#include "probe/outliers.hpp"
#include "probe/stress_cpu.hpp"
#include "probe/stress_npu.hpp"

using namespace ms;

namespace {

// Cores that work as fast as a test says, on a clock that only their work moves.
class FakeExecutor : public StressExecutor {
 public:
  std::map<int, double> alone;     // seconds of one piece of work; 1 where nothing is said
  std::map<int, double> together;  // the same while all work
  std::map<int, std::string> refused;
  double interrupt_at = 1e9;

  std::vector<Reading<WorkRate>> run(const std::vector<int>& cpus, double seconds) override {
    clock_ += seconds;
    ++runs;
    std::vector<Reading<WorkRate>> rates;
    for (const int cpu : cpus) {
      const auto& speeds = cpus.size() == 1 ? alone : together;
      const auto found = speeds.find(cpu);
      if (refused.contains(cpu)) {
        rates.emplace_back(Absent{refused.at(cpu)});
      } else {
        rates.emplace_back(WorkRate{.seconds = found == speeds.end() ? 1 : found->second, .share = 1});
      }
    }
    return rates;
  }
  double now() const override { return clock_; }
  bool interrupted() const override { return clock_ >= interrupt_at; }

  int runs = 0;

 private:
  double clock_ = 100;
};

std::vector<StressCpu> cpus(int count, int siblings = 1) {
  std::vector<StressCpu> list;
  for (int cpu = 0; cpu < count; ++cpu) list.push_back({.cpu = cpu, .kind = "", .siblings = siblings});
  return list;
}

std::vector<CpuStress> measure(FakeExecutor& executor, const std::vector<StressCpu>& list,
                               double budget_seconds = 10) {
  return measure_cpus(executor, list, budget_seconds, std::nullopt, [](StressPhase, double) {});
}

FactDocument facts_of(const std::vector<CpuStress>& results, double threshold_percent = 20) {
  FactDocument facts;
  set_cpu_stress_facts(facts, results, "", threshold_percent);
  return facts;
}

FactDocument npu_facts(const std::vector<NpuStress>& results) {
  FactDocument facts;
  set_npu_stress_facts(facts, results, 20);
  return facts;
}

std::vector<NpuStress> measure_npus_of(const FakeHost& host, const std::vector<std::int64_t>& npus) {
  // Every look at the clock is two seconds later: each command takes two.
  double clock = 0;
  return measure_npus(
      host, {"burn", "--device", "{id}"}, npus, std::chrono::seconds(1), [&] { return clock += 2; },
      [](StressPhase, double) {});
}

}  // namespace

TEST_CASE("the lower median is the middle value, of two in the middle the lower") {
  CHECK(*lower_median({5, 1, 3}) == 3);
  CHECK(*lower_median({4, 1, 3, 2}) == 2);
  CHECK(*lower_median({7}) == 7);
  CHECK_FALSE(lower_median({}));
}

TEST_CASE("how much slower than the median each is") {
  // Sorted 10, 10, 11, 13, 100: the median is 11. 10 / 11 - 1 = -9.09 %, 13 / 11 - 1 = 18.18 %, 100 / 11 - 1
  // = 809.09 %.
  const std::vector<Measurement> five = {{10, ""}, {100, ""}, {11, ""}, {10, ""}, {13, ""}};
  const auto percents = percent_over_median(five);
  CHECK(*percents[0] == doctest::Approx(-9.0909).epsilon(1e-4));
  CHECK(*percents[1] == doctest::Approx(809.0909).epsilon(1e-4));
  CHECK(*percents[2] == doctest::Approx(0));
  CHECK(*percents[4] == doctest::Approx(18.1818).epsilon(1e-4));
}

TEST_CASE("half of the cores being slow does not hide them") {
  // The mean of 1, 1, 2, 2 is 1.5, of which 2 is 33 % over; of the lower median, 1, it is 100 % over.
  const std::vector<Measurement> four = {{2, ""}, {1, ""}, {2, ""}, {1, ""}};
  CHECK(*percent_over_median(four)[0] == doctest::Approx(100));
  CHECK(*percent_over_median(four)[1] == doctest::Approx(0));
}

TEST_CASE("only like is compared with like, and one alone with nothing") {
  const std::vector<Measurement> mixed = {
      {1, "big"}, {3, "little"}, {1, "big"}, {3.3, "little"}, {9, "other"}};
  const auto percents = percent_over_median(mixed);
  CHECK(*percents[1] == doctest::Approx(0));
  CHECK(*percents[3] == doctest::Approx(10));
  CHECK_FALSE(percents[4]);
}

TEST_CASE("a core ten times slower than the others is found at a threshold of 20 percent") {
  FakeExecutor executor;
  executor.alone[3] = executor.together[3] = 10;
  const FactDocument facts = facts_of(measure(executor, cpus(8)));
  const Json expected = Json::array({{{"cpu", 3}, {"percent", 900.0}, {"share", 1.0}}});
  CHECK(*facts.find("stress.cpu.slow_single") == expected);
  CHECK(*facts.find("stress.cpu.slow_all") == expected);
  CHECK(facts.find("stress.cpu.cores")->size() == 8);
}

TEST_CASE("a core that is slow only in company is told apart from one that is slow alone") {
  FakeExecutor executor;
  executor.alone[1] = 1.3;
  executor.together[6] = 1.5;
  const FactDocument facts = facts_of(measure(executor, cpus(8)));
  CHECK(*facts.find("stress.cpu.slow_single") ==
        Json::array({{{"cpu", 1}, {"percent", 30.0}, {"share", 1.0}}}));
  CHECK(*facts.find("stress.cpu.slow_all") == Json::array({{{"cpu", 6}, {"percent", 50.0}, {"share", 1.0}}}));
}

TEST_CASE("exactly the threshold is not slow") {
  FakeExecutor executor;
  executor.alone[0] = 1.25;
  CHECK(facts_of(measure(executor, cpus(4)), 25).find("stress.cpu.slow_single")->empty());
  CHECK(facts_of(measure(executor, cpus(4)), 24).find("stress.cpu.slow_single")->size() == 1);
}

TEST_CASE("while all work, a CPU with a busy sibling is not compared with one that has its core alone") {
  FakeExecutor executor;
  std::vector<StressCpu> list = cpus(4, 2);
  list.push_back({.cpu = 4, .kind = "", .siblings = 1});
  list.push_back({.cpu = 5, .kind = "", .siblings = 1});
  for (int cpu = 0; cpu < 4; ++cpu) executor.together[cpu] = 1.9;
  CHECK(facts_of(measure(executor, list)).find("stress.cpu.slow_all")->empty());
  // Alone they are alike, and compared.
  executor.alone[0] = 1.9;
  CHECK(facts_of(measure(executor, list)).find("stress.cpu.slow_single")->size() == 1);
}

TEST_CASE("the whole stress stays within its budget, however many cores there are") {
  for (const int count : {1, 2, 16, 192, 640}) {
    CAPTURE(count);
    const CpuStressPlan plan = plan_cpu_stress(static_cast<std::size_t>(count), 10);
    CHECK(plan.rounds * (count * plan.single_seconds + plan.all_seconds) <= 8.0 + 1e-9);
    CHECK(plan.single_seconds > 0);
  }
  // 0.5 * 10 s / 3 rounds / 192 cores = 8.68 ms.
  CHECK(plan_cpu_stress(192, 10).single_seconds == doctest::Approx(0.00868).epsilon(1e-3));
}

TEST_CASE("where time runs out, the cores that were not reached are absent with that reason") {
  FakeExecutor executor;
  const auto list = cpus(4);
  // The plan takes 8 of 10 s; a machine on which everything takes ten times as long gets no further than its
  // budget.
  class SlowExecutor : public FakeExecutor {
   public:
    std::vector<Reading<WorkRate>> run(const std::vector<int>& numbers, double seconds) override {
      return FakeExecutor::run(numbers, seconds * 100);
    }
  } slow;
  const auto results = measure(slow, list, 1);
  CHECK(slow.runs == 1);
  CHECK(results[0].single);
  CHECK_FALSE(results[1].single);
  CHECK(results[1].single.reason() == "not measured: the 1 s of --stress-time were over");
  CHECK(results[0].all.reason() == "not measured: the 1 s of --stress-time were over");
}

TEST_CASE("an interrupt ends the stress at once") {
  FakeExecutor executor;
  executor.interrupt_at = 100;  // from the start
  const auto results = measure(executor, cpus(4));
  CHECK(executor.runs == 0);
  CHECK(results[0].single.reason() == "not measured: interrupted");
}

TEST_CASE("a core that gives no time costs its own numbers") {
  FakeExecutor executor;
  executor.refused[2] = "got no time on this CPU";
  const FactDocument facts = facts_of(measure(executor, cpus(4)));
  const Json& cores = *facts.find("stress.cpu.cores");
  CHECK(*absent_reason(cores[2]["single_percent"]) == "got no time on this CPU");
  CHECK(cores[1]["single_percent"] == 0.0);
}

TEST_CASE("what is refused all at once is measured alone") {
  FakeExecutor executor;
  const auto results =
      measure_cpus(executor, cpus(4), 10, "not measured: a quota", [](StressPhase, double) {});
  CHECK(results[0].single);
  CHECK(results[0].all.reason() == "not measured: a quota");
  CHECK(executor.runs == 12);
}

TEST_CASE("pinned threads of this machine measure the CPUs that they may use") {
  const auto allowed = allowed_cpus();
  REQUIRE(allowed);
  REQUIRE_FALSE(allowed->empty());
  ThreadExecutor executor;
  const auto rates = executor.run(*allowed, 0.002);
  REQUIRE(rates.size() == allowed->size());
  for (const auto& rate : rates) {
    REQUIRE_MESSAGE(rate, rate.reason());
    CHECK(rate->seconds > 0);
    CHECK(rate->share > 0);
    CHECK(rate->share <= 1);
  }
  // The affinity of this thread is what it was.
  CHECK(*allowed_cpus() == *allowed);
  CHECK_FALSE(executor.run({8191}, 0.001).front());
}

TEST_CASE("kinds and siblings of cores are read from /sys, and only tested siblings count") {
  FakeHost host;
  const std::string cpu = "/sys/devices/system/cpu/cpu";
  for (const int number : {0, 1}) {
    host.file(cpu + std::to_string(number) + "/cpu_capacity", number == 0 ? "1024\n" : "446\n");
  }
  host.file(cpu + "0/topology/thread_siblings_list", "0,4\n");
  host.file(cpu + "1/topology/thread_siblings_list", "1,5\n");
  const auto list = describe_cpus(host, {0, 1, 5});
  CHECK(list[0].kind == "1024");
  CHECK(list[1].kind == "446");
  CHECK(list[0].siblings == 1);
  CHECK(list[1].siblings == 2);
}

TEST_CASE("a command is parted into words without a shell") {
  CHECK(split_command("prog --device {id}", "o") == std::vector<std::string>{"prog", "--device", "{id}"});
  CHECK(split_command(R"(a 'b c' "d $e" f\ g "" )", "o") ==
        std::vector<std::string>{"a", "b c", "d $e", "f g", ""});
  CHECK_THROWS_WITH_AS(split_command("a 'b", "--npu-stress-command"),
                       "--npu-stress-command: the quote ' is not closed", InputError);
  CHECK_THROWS_WITH_AS(split_command("  ", "--npu-stress-command"), "--npu-stress-command: names no command",
                       InputError);
}

TEST_CASE("an NPU whose command prints a larger number than the others is slow") {
  FakeHost host;
  for (const char* id : {"0", "1", "2"}) host.command(std::string("burn --device ") + id, "warm up\n10.0\n");
  host.command("burn --device 3", "warm up\n12.5\n");
  const FactDocument facts = npu_facts(measure_npus_of(host, {0, 1, 2, 3}));
  CHECK(*facts.find("stress.npu.slow") == Json::array({{{"npu", 3}, {"percent", 25.0}}}));
  CHECK((*facts.find("stress.npu.devices"))[0]["value"] == 10.0);
}

TEST_CASE("a command that prints no number is measured by its time") {
  FakeHost host;
  host.command("burn --device 0", "done\n").command("burn --device 1", "");
  const auto results = measure_npus_of(host, {0, 1});
  CHECK(*results[0].value == 2);
  CHECK(*results[1].percent == 0);
}

TEST_CASE("an NPU whose command fails, hangs or says something else than the others has a problem") {
  FakeHost host;
  host.command("burn --device 0", "5\n").command("burn --device 1", "6\n");
  host.command("burn --device 2", "E1001 device lost\n", 3);
  host.no_command("burn --device 3", "burn --device 3: no answer within 1 s");
  host.command("burn --device 4", "ok\n").command("burn --device 5", "-1\n");
  const auto results = measure_npus_of(host, {0, 1, 2, 3, 4, 5});
  // Of 5 and 6 the lower median is 5: 6 is 20 % over.
  CHECK(*results[1].percent == doctest::Approx(20));
  CHECK(results[2].value.reason() == "burn --device 2: ended with status 3: E1001 device lost");
  CHECK(results[3].value.reason() == "burn --device 3: no answer within 1 s");
  CHECK(results[4].value.reason() == "its last line is no number, unlike that of another NPU");
  CHECK(results[5].value.reason() == "burn --device 5: printed -1, where a number above 0 is expected");
  const FactDocument facts = npu_facts(results);
  CHECK((*facts.find("stress.npu.devices"))[1]["problem"] == "");
  CHECK(facts.find("stress.npu.slow")->empty());
}

TEST_CASE("devices are counted as /dev/davinciN counts them") {
  FactDocument facts;
  CHECK(stress_devices(facts).reason() == "npu.devices is not known");
  facts.set("npu.devices",
            Json::array({{{"id", 0}, {"phy_id", 0}},
                         {{"id", 0}, {"phy_id", 1}},
                         {{"id", 5}, {"phy_id", absent_marker("no such column", "npu-smi info")}}}),
            "npu-smi info");
  CHECK(*stress_devices(facts) == std::vector<std::int64_t>{0, 1, 5});
  facts.set_absent("npu.devices", "npu-smi: not found on PATH", "npu-smi info");
  CHECK(stress_devices(facts).reason() == "npu-smi: not found on PATH");
}
