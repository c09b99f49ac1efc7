#include "cli/hardware_stress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "cel/cpu_list.hpp"
#include "probe/cpu_probe.hpp"
#include "probe/stress_cpu.hpp"
#include "probe/stress_npu.hpp"

namespace ms {
namespace {

struct PhaseName {
  StressPhase phase;
  const char* en;
  const char* zh;
};

constexpr PhaseName kPhaseNames[] = {{StressPhase::single, "CPUs one by one", "逐个 CPU"},
                                     {StressPhase::all, "all CPUs at once", "全部 CPU 同时"},
                                     {StressPhase::npu, "NPUs one by one", "逐个 NPU"}};

// A bar on a terminal, drawn ten times a second at most and taken away at the end; nothing anywhere else.
class ProgressBar {
 public:
  ProgressBar(Lang lang, const StressExecutor& clock) : lang_(lang), clock_(clock) {
    const char* terminal = std::getenv("TERM");
    shown_ = ::isatty(STDERR_FILENO) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
  }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
  }

  void operator()(StressPhase phase, double ratio) {
    const double now = clock_.now();
    if (!shown_ || (drawn_ && phase == phase_ && now - last_ < 0.1)) return;
    drawn_ = true;
    last_ = now;
    phase_ = phase;
    constexpr std::size_t kCells = 24;
    const auto full = static_cast<std::size_t>(std::clamp(ratio, 0.0, 1.0) * kCells);
    const PhaseName& name = kPhaseNames[static_cast<std::size_t>(phase)];
    fmt::print(stderr, "\r\033[K[{}{}] {}", std::string(full, '='), std::string(kCells - full, ' '),
               lang_ == Lang::zh ? name.zh : name.en);
    std::fflush(stderr);
  }

 private:
  Lang lang_;
  const StressExecutor& clock_;
  bool shown_ = false;
  bool drawn_ = false;
  double last_ = 0;
  StressPhase phase_ = StressPhase::single;
};

// A quota lets threads stop and go as its period runs, on some CPUs more than on others.
std::optional<std::string> quota_refusal(const FactDocument& facts, std::size_t cpus) {
  const Json* limited = facts.find("limits.cpu_limited");
  const Json* cores = facts.find("limits.cpu_cores");
  if (limited == nullptr || *limited != true || cores == nullptr || !cores->is_number()) return std::nullopt;
  if (cores->get<double>() >= static_cast<double>(cpus)) return std::nullopt;
  return fmt::format("not measured: the CPU quota of {:g} cores is less than these {} CPUs",
                     cores->get<double>(), cpus);
}

void stress_cpus(const HardwareArguments& arguments, const Host& host, StressExecutor& executor,
                 const StressProgress& progress, FactDocument& facts) {
  const auto allowed = allowed_cpus();
  if (!allowed) throw InputError("--hardware", allowed.reason());
  std::string untested;
  if (const auto online = read_online_cpus(host)) {
    std::vector<std::int64_t> outside;
    for (const std::int64_t cpu : online->cpus) {
      if (!std::binary_search(allowed->begin(), allowed->end(), cpu)) outside.push_back(cpu);
    }
    untested = cel::format_cpu_list(outside);
  }
  const auto results = measure_cpus(executor, describe_cpus(host, *allowed), arguments.stress_seconds,
                                    quota_refusal(facts, allowed->size()), progress);
  set_cpu_stress_facts(facts, results, untested, arguments.threshold_percent);
}

Reading<std::vector<std::int64_t>> npus_of(const HardwareArguments& arguments, const FactDocument& facts) {
  if (arguments.npu_ids.empty()) return stress_devices(facts);
  const auto ids = cel::parse_cpu_list(arguments.npu_ids);
  if (!ids || ids->empty()) {
    throw InputError("--npu-ids", fmt::format("expected a list like 0,1,4-7, not '{}'", arguments.npu_ids));
  }
  return *ids;
}

void stress_npus(const HardwareArguments& arguments, const Host& host, const StressExecutor& executor,
                 const StressProgress& progress, FactDocument& facts) {
  const auto command = split_command(arguments.npu_command, "--npu-stress-command");
  const auto npus = npus_of(arguments, facts);
  if (!npus) return set_npu_stress_facts(facts, npus.absent(), arguments.threshold_percent);
  const auto timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(arguments.npu_timeout_seconds * 1000));
  const auto results = measure_npus(
      host, command, *npus, timeout, [&] { return executor.now(); }, progress);
  set_npu_stress_facts(facts, results, arguments.threshold_percent);
}

bool holds_stress(const FactDocument& facts) {
  const Json* requested = facts.find("stress.cpu.requested");
  return requested != nullptr && requested->is_boolean();
}

// What a person should know before reading the findings.
void note_untested(const FactDocument& facts, Lang lang) {
  const Json* untested = facts.find("stress.cpu.untested");
  if (untested == nullptr || !untested->is_string() || *untested == "") return;
  fmt::print(
      stderr,
      fmt::runtime(lang == Lang::zh ? "提示：CPU {} 不在本进程的可用集合内，未测试\n"
                                    : "note: CPUs {} are outside of what this process may use; not tested\n"),
      untested->get<std::string>());
}

}  // namespace

void add_hardware_options(CLI::App& command, HardwareArguments& arguments) {
  CLI::Option* hardware = command.add_flag(
      "--hardware", arguments.hardware,
      "Load the CPUs as well, alone and all at once, and find slow ones; do not run beside a service");
  command
      .add_option("--threshold", arguments.threshold_percent,
                  "With --hardware: how many percent over the median are slow")
      ->type_name("PERCENT")
      ->check(CLI::Range(1.0, 10000.0))
      ->capture_default_str()
      ->needs(hardware);
  command
      .add_option("--stress-time", arguments.stress_seconds,
                  "With --hardware: seconds that all CPUs together may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str()
      ->needs(hardware);
  CLI::Option* npu_command =
      command
          .add_option("--npu-stress-command", arguments.npu_command,
                      "With --hardware: a command to run on each NPU, like 'prog --device {id}'; a number in "
                      "its last line, otherwise its time, is compared. No shell is used")
          ->type_name("COMMAND")
          ->needs(hardware);
  command
      .add_option("--npu-ids", arguments.npu_ids,
                  "The NPUs of --npu-stress-command; without it, those of npu-smi")
      ->type_name("LIST")
      ->needs(npu_command);
  command
      .add_option("--npu-stress-timeout", arguments.npu_timeout_seconds,
                  "Seconds that this command may take on one NPU")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str()
      ->needs(npu_command);
}

void check(const HardwareArguments& arguments, const HostArguments& host) {
  if (arguments.hardware && (!host.facts.empty() || !host.root.empty())) {
    throw InputError("--hardware", fmt::format("excludes {}: only this host can be measured",
                                               host.facts.empty() ? "--root" : "--facts"));
  }
}

bool stress_hardware(const HardwareArguments& arguments, const HostArguments& host_arguments,
                     FactDocument& facts, Lang lang) {
  if (!arguments.hardware) {
    if (!holds_stress(facts)) set_stress_not_asked(facts);
    return true;
  }
  const auto host = live_host(!host_arguments.no_exec);
  set_stress_not_asked(facts);
  ThreadExecutor executor;
  const InterruptGuard guard;
  {
    ProgressBar bar(lang, executor);
    const StressProgress progress = [&](StressPhase phase, double ratio) { bar(phase, ratio); };
    if (!arguments.npu_command.empty()) stress_npus(arguments, *host, executor, progress, facts);
    if (!interrupt_requested()) stress_cpus(arguments, *host, executor, progress, facts);
  }
  if (interrupt_requested()) return false;
  note_untested(facts, lang);
  return true;
}

}  // namespace ms
