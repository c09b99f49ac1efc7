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

FactDocument load_facts(const std::string& reference) {
  const auto example = find_example(reference, "hosts", "--facts");
  const std::string text = example ? std::string(*example) : read_document(reference);
  return FactDocument::from_json(parse_json(text, reference), reference);
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

}  // namespace

FactDocument read_host(const HostArguments& arguments, const ProbeSet& probes,
                       const std::optional<std::set<std::string, std::less<>>>& needed) {
  if (!arguments.root.empty() && !arguments.facts.empty()) {
    throw InputError("--facts", "excludes --root: both name the host to look at");
  }
  CollectOptions options;
  options.probe_timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(arguments.probe_timeout_seconds * 1000));
  options.needed = needed;
  FactDocument facts;
  if (!arguments.facts.empty()) {
    facts = load_facts(arguments.facts);
    complete(facts, probes, options, arguments.facts);
  } else {
    const auto host = arguments.root.empty() ? live_host(!arguments.no_exec) : rooted_host(arguments.root);
    facts = collect(*host, probes, options);
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
