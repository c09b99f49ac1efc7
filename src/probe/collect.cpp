#include "probe/collect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <future>
#include <system_error>

#include "base/text.hpp"
#include "facts/catalogue.hpp"
#include "probe/path_pattern.hpp"

namespace ms {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The kernel writes a CPU list that was never set as "(null)".
bool says_nothing(std::string_view text) {
  const std::string_view trimmed = trim(text);
  return trimmed.empty() || trimmed == "(null)";
}

std::string out_of_time(Milliseconds run_timeout) {
  return fmt::format("not read: the {:g} s for the whole run were over",
                     std::chrono::duration<double>(run_timeout).count());
}

// One builtin that was asked for: what it found, and what it cost.
struct BuiltinRun {
  const Builtin* builtin;
  FactDocument facts;
  std::string failure;
  double seconds = 0;
};

// The answers of one run, in which each file is read once and the environment is parsed once.
class Collector {
 public:
  Collector(const Host& host, const CollectOptions& options)
      : host_(host), options_(options), deadline_(Clock::now() + options.run_timeout) {}

  void run_builtins(std::vector<BuiltinRun>& runs, const ProbeSet& probes, FactDocument& document,
                    std::vector<ProbeCost>& costs) {
    // Nothing else may look at the environment while a probe changes it, so those go first.
    for (BuiltinRun& run : runs) {
      if (run.builtin->kind == Builtin::Kind::changes_environment) run_builtin(run);
    }
    std::vector<std::future<void>> others;
    const auto start = [&](auto task) {
      try {
        others.push_back(std::async(std::launch::async, task));
      } catch (const std::system_error&) {
        task();  // no more threads are to be had: one after the other, then
      }
    };
    for (BuiltinRun& run : runs) {
      if (run.builtin->kind == Builtin::Kind::runs_commands) start([this, &run] { run_builtin(run); });
    }
    start([this, &runs] {
      for (BuiltinRun& run : runs) {
        if (run.builtin->kind == Builtin::Kind::reads_files) run_builtin(run);
      }
    });
    read_declared(probes, document, costs);
    for (std::future<void>& other : others) other.get();
  }

 private:
  void run_builtin(BuiltinRun& run) const {
    const auto start = Clock::now();
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - start);
    if (left <= Milliseconds(0)) {
      run.failure = out_of_time(options_.run_timeout);
      return;
    }
    try {
      run.builtin->read(host_, std::min(options_.probe_timeout, left), run.facts);
    } catch (const std::exception& e) {
      run.failure = fmt::format("the probe '{}' failed: {}", run.builtin->name, e.what());
    } catch (...) {
      run.failure = fmt::format("the probe '{}' failed", run.builtin->name);
    }
    run.seconds = seconds_since(start);
  }

  void read_declared(const ProbeSet& probes, FactDocument& document, std::vector<ProbeCost>& costs) {
    for (const Probe& probe : probes.probes()) {
      if (std::holds_alternative<BuiltinProbe>(probe.how) || !is_needed(probe.fact, options_)) continue;
      const auto start = Clock::now();
      if (start >= deadline_) {
        document.set_absent(probe.fact, out_of_time(options_.run_timeout), probe.source());
        continue;
      }
      try {
        if (const auto* file = std::get_if<FileProbe>(&probe.how)) {
          read_file_fact(probe, *file, document);
        } else {
          read_exists_fact(probe, std::get<ExistsProbe>(probe.how), document);
        }
      } catch (const std::exception& e) {
        document.set_absent(probe.fact, fmt::format("the probe failed: {}", e.what()), probe.source());
      }
      costs.push_back({probe.fact, seconds_since(start)});
    }
  }

  void read_file_fact(const Probe& probe, const FileProbe& file, FactDocument& document) {
    Candidates tried = candidates(file.paths);
    for (const std::string& path : tried.paths) {
      const std::string named = host_.describe(path);
      if (!host_.exists(path)) {
        tried.missing.push_back(named);
        continue;
      }
      const Reading<std::string>& text = read_once(path);
      if (!text) return document.set_absent(probe.fact, text.reason(), named);
      if (file.empty && says_nothing(*text)) return document.set(probe.fact, Json(*file.empty), named);
      std::optional<RE2> pattern;
      if (file.extract) pattern.emplace(*file.extract);
      const auto value = extract_value(*text, pattern ? &*pattern : nullptr, file.type, file.multiply);
      if (!value) return document.set_absent(probe.fact, fmt::format("{}: {}", named, value.reason()), named);
      return document.set(probe.fact, *value, named);
    }
    const std::string places = shown(tried.missing);
    if (tried.missing.empty()) {
      document.set_absent(probe.fact, fmt::format("{} is not set", shown(tried.unset)), probe.source());
    } else {
      document.set_absent(probe.fact, fmt::format("no such file: {}", places), places);
    }
  }

  void read_exists_fact(const Probe& probe, const ExistsProbe& paths, FactDocument& document) {
    Candidates tried = candidates(paths.paths);
    for (const std::string& path : tried.paths) {
      if (host_.exists(path)) return document.set(probe.fact, Json(true), host_.describe(path));
      tried.missing.push_back(host_.describe(path));
    }
    document.set(probe.fact, Json(false), shown(tried.missing));
  }

  // Where a fact may stand on this host.
  struct Candidates {
    std::vector<std::string> paths;    // to be tried, in order
    std::vector<std::string> missing;  // patterns that nothing on the host fits, as a person reads them
    std::vector<std::string> unset;    // variables without which a pattern names nothing
  };

  Candidates candidates(const std::vector<std::string>& patterns) {
    Candidates result;
    for (const std::string& pattern : patterns) {
      const auto path = replace_variables(pattern, variables());
      if (!path) {
        result.unset.push_back(path.reason());
        continue;
      }
      const auto found = path->starts_with('/') ? expand_wildcards(*path, host_) : std::vector<std::string>();
      if (found.empty()) result.missing.push_back(host_.describe(*path));
      result.paths.insert(result.paths.end(), found.begin(), found.end());
    }
    return result;
  }

  // Enough places for a person to see what is meant; --list shows them all.
  static std::string shown(const std::vector<std::string>& places) {
    std::vector<std::string> unique;
    for (const std::string& place : places) {
      if (std::find(unique.begin(), unique.end(), place) == unique.end()) unique.push_back(place);
    }
    constexpr std::size_t kShown = 3;
    if (unique.size() <= kShown) return fmt::format("{}", fmt::join(unique, ", "));
    const std::size_t more = unique.size() - kShown;
    unique.resize(kShown);
    return fmt::format("{} and {} other places", fmt::join(unique, ", "), more);
  }

  const Reading<std::string>& read_once(const std::string& path) {
    auto found = files_.find(path);
    if (found == files_.end()) found = files_.emplace(path, host_.read_file(path)).first;
    return found->second;
  }

  const std::map<std::string, std::string>& variables() {
    if (!variables_) {
      auto read = host_.environment();
      variables_ = read ? std::move(*read) : std::map<std::string, std::string>();
    }
    return *variables_;
  }

  const Host& host_;
  const CollectOptions& options_;
  Clock::time_point deadline_;
  std::map<std::string, Reading<std::string>> files_;
  std::optional<std::map<std::string, std::string>> variables_;
};

// All that a builtin found is kept: it was read for one of them, and may be asked for next.
void take_builtin_facts(const BuiltinRun& run, const ProbeSet& probes, FactDocument& document) {
  for (const Probe& probe : probes.probes()) {
    const auto* builtin = std::get_if<BuiltinProbe>(&probe.how);
    if (builtin == nullptr || builtin->builtin != run.builtin) continue;
    const Provenance* provenance = run.facts.provenance(probe.fact);
    const std::string source = provenance != nullptr ? provenance->source : probe.source();
    if (const Json* value = run.facts.find(probe.fact)) {
      document.set(probe.fact, *value, source);
    } else {
      document.set_absent(probe.fact, run.failure.empty() ? "the probe gave no value" : run.failure, source);
    }
  }
}

}  // namespace

bool is_needed(std::string_view fact, const CollectOptions& options) {
  return !options.needed || is_wanted(fact, *options.needed);
}

FactDocument collect(const Host& host, const ProbeSet& probes, const CollectOptions& options,
                     std::vector<ProbeCost>* costs) {
  std::vector<BuiltinRun> runs;
  for (const Builtin& builtin : builtins()) {
    const bool wanted = std::any_of(probes.probes().begin(), probes.probes().end(), [&](const Probe& probe) {
      const auto* declared = std::get_if<BuiltinProbe>(&probe.how);
      return declared != nullptr && declared->builtin == &builtin && is_needed(probe.fact, options);
    });
    if (wanted) runs.push_back({.builtin = &builtin, .facts = {}, .failure = {}});
  }

  FactDocument document;
  std::vector<ProbeCost> spent;
  Collector(host, options).run_builtins(runs, probes, document, spent);
  for (const BuiltinRun& run : runs) {
    take_builtin_facts(run, probes, document);
    spent.push_back({std::string(run.builtin->name), run.seconds});
  }
  if (costs != nullptr) *costs = std::move(spent);
  return document;
}

}  // namespace ms
