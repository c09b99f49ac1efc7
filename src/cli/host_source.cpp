#include "cli/host_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

#include "base/closest_match.hpp"
#include "base/embedded.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "facts/redact.hpp"
#include "probe/collect.hpp"

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

}  // namespace

ProbeSet probes_of(const HostArguments& arguments) {
  return arguments.probes.empty() ? load_probes() : load_probes(arguments.probes);
}

FactDocument read_host(const HostArguments& arguments, const ProbeSet& probes,
                       const std::optional<std::set<std::string, std::less<>>>& needed, Readings* readings) {
  if (!arguments.root.empty() && !arguments.facts.empty()) {
    throw InputError("--facts", "excludes --root: both name the host to look at");
  }
  if (arguments.reread && arguments.facts.empty()) {
    throw InputError("--reread", "needs --facts: it reads again what a record holds");
  }
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
  }
  redact(facts);
  return facts;
}

std::vector<FactSpec> facts_of(const ProbeSet& probes) {
  std::vector<FactSpec> specs;
  for (const Probe& probe : probes.probes()) {
    specs.push_back({.path = probe.fact, .type_text = probe.type, .unit = probe.unit, .doc = probe.doc});
  }
  return specs;
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
