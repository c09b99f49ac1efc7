#include "cli/baseline_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/file.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/host_source.hpp"
#include "fleet/baseline.hpp"
#include "rule/evaluate.hpp"
#include "rule/examples.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  std::string host;
  std::string output;
  std::string severity = "error";
  std::string probes;
};

constexpr const char* kHelp =
    "Exit status:\n"
    "  0    the pack was written\n"
    "  2    the request or an input is wrong: arguments, a record\n"
    "\n"
    "Examples:\n"
    "  msprecheck dump -o good.json && msprecheck baseline good.json -o pack.toml   on a host that serves "
    "well\n"
    "  msprecheck precheck --rules pack.toml --rules-only                           on every other one\n"
    "  msprecheck baseline good.json --severity warning                             only tell, do not fail\n";

std::string name_of_host(const FactDocument& facts, const std::string& source) {
  const Json* name = facts.find("host.name");
  return name != nullptr && name->is_string() && !name->get_ref<const std::string&>().empty()
             ? name->get<std::string>()
             : source;
}

int run_baseline(const Arguments& arguments) {
  HostArguments host;
  host.facts = arguments.host;
  host.probes = arguments.probes;
  const ProbeSet probes = probes_of(host);
  const std::vector<FactSpec> specs = facts_of(probes);
  const FactDocument facts = read_host(host, probes, std::nullopt);
  // The variables that matter are those that the built-in rules speak of.
  const RuleLibrary library = load_rule_library(specs, {}, true);
  const auto variables = facts_of(library.rules);
  const Baseline baseline = make_baseline({.facts = facts,
                                           .specs = specs,
                                           .variables = variables,
                                           .table = DifferenceTable::builtin(),
                                           .host = name_of_host(facts, arguments.host),
                                           .severity = *severity_named(arguments.severity)});
  if (baseline.count == 0) {
    throw InputError(arguments.host, "holds no fact that other hosts could be held to");
  }
  if (arguments.output.empty()) {
    write_stdout(baseline.rules);
    return 0;
  }
  write_file_atomically(arguments.output, baseline.rules);
  write_file_atomically(examples_file(arguments.output), baseline.examples);
  fmt::print(stderr,
             "{} rules written to {}, their examples to {}; hold a host to them with: msprecheck precheck "
             "--rules {} "
             "--rules-only\n",
             baseline.count, arguments.output, examples_file(arguments.output), arguments.output);
  return 0;
}

}  // namespace

void add_baseline_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("baseline", "Make rules of a known good host, to hold other hosts to it");
  command->add_option("host", arguments->host, "The good host: a file of 'msprecheck dump', or example:NAME")
      ->type_name("FILE")
      ->required();
  command
      ->add_option(
          "-o,--output", arguments->output,
          "The pack to write, NAME.toml; its examples go to NAME.examples.toml. Without it, standard output")
      ->type_name("FILE");
  command->add_option("--severity", arguments->severity, "Severity of the rules: error, warning or info")
      ->check(CLI::IsMember(std::vector<std::string>(kSeverityNames.begin(), kSeverityNames.end())))
      ->type_name("LEVEL")
      ->capture_default_str();
  command
      ->add_option("--probes", arguments->probes,
                   "Facts of your own to hold hosts to as well (docs/probes.md)")
      ->type_name("DIR");
  command->footer(kHelp);
  command->callback([arguments, &run] { run = [arguments] { return run_baseline(*arguments); }; });
}

}  // namespace ms
