#include "cli/facts_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/closest_match.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "facts/redact_hostnames.hpp"
#include "report/facts.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  std::string path;
  std::string format = "text";
  std::string lang;
  bool list = false;
  bool redact_hostnames = false;
};

constexpr std::string_view kPreamble =
    "# Facts\n\n"
    "What rules may speak of. Written by `msprecheck facts --list`; a test holds it against the code.\n\n"
    "A fact that could not be read is absent with a reason. Types: `int`, `double`, `bool`, `string`, "
    "`list<T>`,\n"
    "`map<T>` (from strings to T), `{name: T, ...}`. In types with fields, any field may be absent by "
    "itself.\n";

// A pipe would end the cell.
std::string cell(std::string text) {
  for (auto at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) text.insert(at, "\\");
  return text;
}

std::string table_row(const std::string& fact, const std::string& type, const std::string& unit,
                      const Text& doc, std::string_view source) {
  return fmt::format("| `{}` | `{}` | {} | {} {} | {} |\n", fact, cell(type), unit, cell(doc.en),
                     cell(doc.zh), cell(std::string(source)));
}

// Where a fact comes from that no probe declares.
std::string_view source_of(const FactSpec& fact) {
  if (fact.path.starts_with("config.")) return "configs (`--mies-config-path` and the like)";
  if (fact.path.starts_with("variables.")) return "environment, knowledge/variables.toml";
  return fact.path.starts_with("compatible.") ? "knowledge/versions.toml" : "`--network`";
}

std::string declared_facts(const ProbeSet& probes) {
  std::string text(kPreamble);
  text += "\n## Of a host\n\n| fact | type | unit | meaning | read from |\n|---|---|---|---|---|\n";
  for (const Probe& probe : probes.probes())
    text += table_row(probe.fact, probe.type, probe.unit, probe.doc, probe.source());
  text +=
      "\n## Of configs, versions, names and the network\n\n| fact | type | unit | meaning | read from "
      "|\n|---|---|---|---|---|\n";
  const std::vector<FactSpec> all = facts_of(probes);
  for (std::size_t i = probes.probes().size(); i < all.size(); ++i)
    text += table_row(all[i].path, all[i].type_text, all[i].unit, all[i].doc, source_of(all[i]));
  text +=
      "\n## Computed by msadvisor\n\n| fact | type | unit | meaning | read from |\n|---|---|---|---|---|\n";
  for (const FactSpec& fact : computed_facts()) {
    text +=
        table_row(fact.path, fact.type_text, fact.unit, fact.doc, fact.path.substr(0, fact.path.find('.')));
  }
  return text;
}

int show(const Arguments& arguments, const ProbeSet& probes) {
  std::set<std::string, std::less<>> wanted;
  std::vector<std::string> known;
  for (const FactSpec& spec : facts_of(probes)) {
    const std::string& fact = spec.path;
    known.push_back(fact);
    known.push_back(fact.substr(0, fact.rfind('.')));
    const bool inside =
        arguments.path.empty() || fact == arguments.path || fact.starts_with(arguments.path + ".");
    if (inside) wanted.insert(fact);
    // "env.PATH" is inside the fact `env`.
    if (arguments.path.starts_with(fact + ".")) wanted.insert(fact);
  }
  if (wanted.empty()) {
    throw InputError("facts", fmt::format("unknown fact '{}'{}", arguments.path,
                                          did_you_mean(closest_match(arguments.path, known))));
  }
  // What names the host is looked for in all that is shown.
  std::set<std::string, std::less<>> needed = wanted;
  if (arguments.redact_hostnames) needed.insert({"host.name", "env"});
  FactDocument facts = read_host(arguments.host, probes, needed);
  if (arguments.redact_hostnames) redact_hostnames(facts);
  facts = facts.only(wanted);
  if (arguments.format == "json") {
    write_stdout(facts.to_json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    write_stdout(facts_text(facts, arguments.path, stdout_style(choose_lang(arguments.lang), false)));
  }
  return 0;
}

int run_facts(const Arguments& arguments) {
  const ProbeSet probes = probes_of(arguments.host);
  if (!arguments.list) return show(arguments, probes);
  write_stdout(declared_facts(probes));
  return 0;
}

}  // namespace

void add_facts_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("facts", "Show what is known of a host, and where each value came from");
  command
      ->add_option("path", arguments->path,
                   "A fact or a tree of them: memory, memory.thp.mode, env.LD_PRELOAD")
      ->type_name("PATH");
  command->add_flag("--list", arguments->list, "List all facts that rules may speak of (docs/facts.md)");
  add_redact_hostnames_option(*command, arguments->redact_hostnames);
  add_host_options(*command, arguments->host);
  add_config_options(*command, arguments->host.configs);
  add_network_options(*command, arguments->host);
  add_environment_options(*command, arguments->host);
  command
      ->add_option("--format", arguments->format,
                   "text, or json: the form in which 'msprecheck dump' saves them")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_lang_option(*command, arguments->lang);
  command->callback([arguments, &run] { run = [arguments] { return run_facts(*arguments); }; });
}

}  // namespace ms
