#include "cli/host_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

#include "base/closest_match.hpp"
#include "base/embedded.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/config_source.hpp"
#include "facts/redact.hpp"
#include "knowledge/lookups.hpp"
#include "probe/collect.hpp"
#include "probe/collect_env.hpp"
#include "probe/environment_file.hpp"
#include "probe/network_probe.hpp"
#include "probe/process.hpp"
#include "probe/stress_npu.hpp"

namespace ms {

namespace embedded {
/// The files of examples/, compiled in.
std::span<const EmbeddedFile> examples();
}  // namespace embedded

namespace {

constexpr std::string_view kExample = "example:";

// A saved host: its facts and, where they were kept, the texts that they were read from.
struct Record {
  FactDocument facts;
  Json readings;  // null where none were kept
};

Record load_record(const std::string& reference) {
  const auto example = find_example(reference, "hosts", "--facts");
  const std::string text = example ? std::string(*example) : read_document(reference);
  if (!trim(text).starts_with('{') && is_collect_env_report(text)) {
    throw InputError(
        reference,
        fmt::format("is a report of collect_env; make facts of it with: msprecheck import-env {} -o "
                    "facts.json",
                    shell_quote(reference)));
  }
  Json document = parse_json(text, reference);
  Record record{FactDocument::from_json(document, reference), nullptr};
  if (const auto readings = document.find("readings"); readings != document.end()) {
    record.readings = std::move(*readings);
  }
  return record;
}

FactDocument collect_from(const Host& host, const ProbeSet& probes, const CollectOptions& options,
                          Readings* readings) {
  if (readings == nullptr) return collect(host, probes, options);
  return collect(*keeping_host(host, *readings), probes, options);
}

// What today's probes find in the texts of a record; a fact that they do not find there stays as it was
// saved.
FactDocument reread(const Record& record, const std::string& name, const ProbeSet& probes,
                    const CollectOptions& options, Readings* readings) {
  if (record.readings.is_null()) {
    throw InputError(name, "holds no readings, so --reread has nothing to read: it was saved without them");
  }
  FactDocument facts =
      collect_from(*kept_host(record.readings, record.facts, name), probes, options, readings);
  for (const Probe& probe : probes.probes()) {
    const Json* now = facts.find(probe.fact);
    const Json* saved = record.facts.find(probe.fact);
    if (now == nullptr || !absent_reason(*now) || saved == nullptr || absent_reason(*saved)) continue;
    const Provenance* provenance = record.facts.provenance(probe.fact);
    facts.set(probe.fact, *saved, provenance != nullptr ? provenance->source : name);
  }
  return facts;
}

// A record may lack what a newer version declares: that is a fact that is not known, not an error.
void complete(FactDocument& facts, const ProbeSet& probes, const CollectOptions& options,
              const std::string& record) {
  for (const Probe& probe : probes.probes()) {
    if (is_needed(probe.fact, options) && !facts.contains(probe.fact)) {
      facts.set_absent(probe.fact, fmt::format("{} does not hold {}", record, probe.fact), record);
    }
  }
}

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

// No environment is larger; a manifest or a list of containers may be, but not by much.
constexpr std::size_t kMaxEnvironmentBytes = std::size_t{8} << 20;

void check(const HostArguments& arguments) {
  if (!arguments.root.empty() && !arguments.facts.empty()) {
    throw InputError("--facts", "excludes --root: both name the host to look at");
  }
  std::vector<std::string> given;
  if (arguments.pid) given.emplace_back("--pid");
  if (!arguments.service.empty()) given.emplace_back("--service");
  if (!arguments.env_file.empty()) given.emplace_back("--env-file");
  if (given.size() > 1) {
    throw InputError(given[1],
                     fmt::format("excludes {}: both say where the environment comes from", given[0]));
  }
  if (!arguments.facts.empty() && !given.empty() && arguments.env_file.empty()) {
    throw InputError(given[0], "excludes --facts: saved facts have no processes");
  }
  if (arguments.reread && arguments.facts.empty()) {
    throw InputError("--reread", "needs --facts: it reads again what a record holds");
  }
  if (arguments.network && !arguments.facts.empty()) {
    throw InputError("--network", "excludes --facts: saved facts reach nobody");
  }
  if (!arguments.container.empty() && arguments.env_file.empty()) {
    throw InputError("--container", "needs --env-file: it says which container of that file");
  }
}

std::string shown(const Process& process) {
  return fmt::format("{} ({})", process.pid, process.shown());
}

void note_others(const std::string& service, const ServiceProcesses& found) {
  if (found.others.empty()) return;
  constexpr std::size_t kShown = 5;
  std::vector<std::string> others;
  for (const Process& process : found.others) {
    if (others.size() < kShown) others.push_back(shown(process));
  }
  const std::size_t more = found.others.size() - others.size();
  fmt::print(stderr, "note: --service {}: the environment is that of process {}, the oldest; others: {}{}\n",
             service, shown(found.main), fmt::join(others, ", "),
             more > 0 ? fmt::format(" and {} more", more) : "");
}

// The environment of a process, and the arguments of vLLM where it is one.
void take_process(const Host& host, const HostArguments& arguments, FactDocument& facts,
                  ConfigInputs& configs) {
  std::int64_t pid = 0;
  const std::string option = arguments.pid ? "--pid" : "--service";
  if (arguments.pid) {
    pid = *arguments.pid;
  } else {
    const auto found = find_service(host, arguments.service);
    if (!found) throw InputError(option, found.reason());
    note_others(arguments.service, *found);
    pid = found->main.pid;
    if (arguments.service == "vllm" && arguments.configs.vllm_command.empty()) {
      std::string command;
      for (const std::string& word : found->main.arguments)
        command += (command.empty() ? "" : " ") + shell_quote(word);
      configs.files.push_back({"vllm_command", fmt::format("process {}", pid), std::move(command)});
    }
  }
  const auto variables = process_environment(host, pid);
  if (!variables) throw InputError(option, variables.reason());
  facts.set("env", Json(*variables), fmt::format("/proc/{}/environ", pid));
}

void take_file_environment(const HostArguments& arguments, FactDocument& facts) {
  const std::string text = read_document(arguments.env_file, kMaxEnvironmentBytes);
  const EnvironmentFile environment = read_environment_file(text, arguments.env_file, arguments.container);
  for (const std::string& note : environment.notes) fmt::print(stderr, "note: {}\n", note);
  set_environment(facts, environment, arguments.env_file);
}

}  // namespace

ProbeSet probes_of(const HostArguments& arguments) {
  return arguments.probes.empty() ? load_probes() : load_probes(arguments.probes);
}

namespace {

FactDocument read_facts(const HostArguments& arguments, const ProbeSet& probes,
                        const std::optional<std::set<std::string, std::less<>>>& needed, Readings* readings,
                        ConfigInputs& configs) {
  CollectOptions options;
  options.probe_timeout = milliseconds(arguments.probe_timeout_seconds);
  options.run_timeout = milliseconds(arguments.run_timeout_seconds);
  options.needed = needed;
  FactDocument facts;
  if (!arguments.facts.empty()) {
    Record record = load_record(arguments.facts);
    facts = arguments.reread ? reread(record, arguments.facts, probes, options, readings)
                             : std::move(record.facts);
    complete(facts, probes, options, arguments.facts);
  } else {
    const auto host = arguments.root.empty() ? live_host(!arguments.no_exec) : rooted_host(arguments.root);
    facts = collect_from(*host, probes, options, readings);
    if (arguments.pid || !arguments.service.empty()) take_process(*host, arguments, facts, configs);
    if (arguments.configs.is_default()) add_installed_configs(*host, arguments.root.empty(), configs);
  }
  if (!arguments.env_file.empty()) take_file_environment(arguments, facts);
  return facts;
}

// The peers are those of the rank tables among the facts.
void add_network_facts(const HostArguments& arguments, FactDocument& facts) {
  if (!arguments.network) {
    if (!facts.contains("network.asked")) set_network_not_asked(facts);
    return;
  }
  const Json* rank_tables = facts.find("config.rank_tables");
  if (rank_tables->empty()) {
    fmt::print(stderr,
               "note: --network: there is no rank table (--rank-table-path, $RANK_TABLE_FILE), so only the "
               "ports of this host are looked at\n");
  }
  const auto host = arguments.root.empty() ? live_host(!arguments.no_exec) : rooted_host(arguments.root);
  read_network(*host, network_targets(*rank_tables), milliseconds(arguments.network_timeout_seconds), facts);
}

}  // namespace

FactDocument read_host(const HostArguments& arguments, const ProbeSet& probes,
                       const std::optional<std::set<std::string, std::less<>>>& needed, Readings* readings) {
  check(arguments);
  ConfigInputs configs = given_configs(arguments.configs);
  FactDocument facts = read_facts(arguments, probes, needed, readings, configs);
  const bool has_own = configs.files.empty() && configs.weights.empty() && facts.contains("config.files");
  if (!has_own) set_config_facts(facts, configs);
  add_network_facts(arguments, facts);
  set_lookup_facts(facts, needed);
  redact(facts);
  return facts;
}

namespace {

// Reads these facts of the host itself into `facts`.
void read_into(FactDocument& facts, const HostArguments& arguments, const ProbeSet& probes,
               const std::set<std::string, std::less<>>& left) {
  if (left.empty()) return;
  HostArguments rest = arguments;
  // Where the environment comes from was settled when it was read.
  rest.pid.reset();
  rest.service.clear();
  rest.env_file.clear();
  rest.container.clear();
  ConfigInputs read_already;
  rest.configs.none = true;
  FactDocument more = read_facts(rest, probes, left, nullptr, read_already);
  redact(more);
  for (const std::string& fact : left) {
    const Provenance* provenance = more.provenance(fact);
    if (const Json* value = more.find(fact))
      facts.set(fact, *value, provenance != nullptr ? provenance->source : "");
  }
}

}  // namespace

void read_more(FactDocument& facts, const HostArguments& arguments, const ProbeSet& probes,
               const std::set<std::string, std::less<>>& needed) {
  CollectOptions wanted;
  std::set<std::string, std::less<>> paths = needed;
  add_facts_looked_up_by(paths);
  wanted.needed = paths;
  std::set<std::string, std::less<>> left;
  for (const Probe& probe : probes.probes()) {
    if (is_needed(probe.fact, wanted) && !facts.contains(probe.fact)) left.insert(probe.fact);
  }
  read_into(facts, arguments, probes, left);
  set_lookup_facts(facts, needed);
}

void read_again(FactDocument& facts, const HostArguments& arguments, const ProbeSet& probes,
                const std::set<std::string, std::less<>>& needed) {
  const bool environment_is_given =
      arguments.pid || !arguments.service.empty() || !arguments.env_file.empty();
  CollectOptions wanted;
  std::set<std::string, std::less<>> paths = needed;
  add_facts_looked_up_by(paths);
  wanted.needed = paths;
  std::set<std::string, std::less<>> anew;
  for (const Probe& probe : probes.probes()) {
    if (probe.fact == "env" && environment_is_given) continue;
    if (is_needed(probe.fact, wanted)) anew.insert(probe.fact);
  }
  read_into(facts, arguments, probes, anew);
  set_lookup_facts(facts, needed);
}

FactDocument facts_not_asked_for() {
  FactDocument facts;
  set_config_facts(facts, {});
  set_network_not_asked(facts);
  set_stress_not_asked(facts);
  return facts;
}

std::vector<FactSpec> facts_of(const ProbeSet& probes) {
  std::vector<FactSpec> specs;
  for (const Probe& probe : probes.probes()) {
    specs.push_back({.path = probe.fact, .type_text = probe.type, .unit = probe.unit, .doc = probe.doc});
  }
  for (FactSpec& spec : config_fact_specs()) specs.push_back(std::move(spec));
  for (FactSpec& spec : lookup_fact_specs()) specs.push_back(std::move(spec));
  for (FactSpec& spec : network_fact_specs()) specs.push_back(std::move(spec));
  return specs;
}

std::vector<std::string> example_references(std::string_view kind) {
  const std::string folder = fmt::format("{}/", kind);
  std::vector<std::string> references;
  for (const EmbeddedFile& file : embedded::examples()) {
    if (!file.name.starts_with(folder)) continue;
    const std::string_view name = file.name.substr(folder.size());
    references.push_back(fmt::format("{}{}", kExample, name.substr(0, name.rfind('.'))));
  }
  return references;
}

std::optional<std::string_view> find_example(std::string_view reference, std::string_view kind,
                                             const std::string& option) {
  if (!reference.starts_with(kExample)) return std::nullopt;
  const std::string_view name = reference.substr(kExample.size());
  const std::string folder = fmt::format("{}/", kind);
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded::examples()) {
    if (!file.name.starts_with(folder)) continue;
    const std::string_view known = file.name.substr(folder.size());
    names.emplace_back(known.substr(0, known.rfind('.')));
    if (names.back() == name) return file.text;
  }
  const auto suggestion = closest_match(name, names);
  throw InputError(option, fmt::format("there is no example '{}'{}", name,
                                       suggestion ? did_you_mean(suggestion)
                                                  : fmt::format("; there are {}", fmt::join(names, ", "))));
}

}  // namespace ms
