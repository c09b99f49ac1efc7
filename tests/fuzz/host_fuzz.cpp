// A host made of the input: what its files, commands and variables hold. Every declared fact is there
// afterwards, as a value or as absent with a reason, and can be redacted, saved and read again.
//
// Parts begin with a line "@PATH", "@$ COMMAND" or "@=VARIABLE".
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "facts/redact.hpp"
#include "facts/redact_hostnames.hpp"
#include "probe/collect.hpp"
#include "probe/fake_host.hpp"
#include "probe/probe_set.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void add_part(std::string_view part, ms::FakeHost& host) {
  const std::size_t line_end = std::min(part.find('\n'), part.size());
  const std::string name(part.substr(0, line_end));
  const std::string content(part.substr(std::min(line_end + 1, part.size())));
  if (name.starts_with("/")) host.file(name, content);
  if (name.starts_with("$ ")) host.command(name.substr(2), content);
  if (name.starts_with("=")) host.env(name.substr(1), content.substr(0, content.find('\n')));
}

ms::FakeHost host_of(std::string_view text) {
  ms::FakeHost host;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n@"), text.size());
    if (text.front() == '@') add_part(text.substr(1, end), host);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return host;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ms::ProbeSet probes = ms::load_probes();
  const ms::FakeHost host = host_of({reinterpret_cast<const char*>(data), size});
  ms::FactDocument facts = ms::collect(host, probes);
  for (const ms::Probe& probe : probes.probes()) require(facts.contains(probe.fact));
  ms::redact(facts);
  ms::redact_hostnames(facts);
  // dump() throws where a string is not UTF-8.
  const ms::Json saved = ms::Json::parse(facts.to_json().dump());
  require(ms::FactDocument::from_json(saved, "saved").to_json() == saved);
  return 0;
}
