#include "cli/dump_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/file.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "facts/redact_hostnames.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  std::string output;
  bool without_readings = false;
  bool redact_hostnames = false;
};

int run_dump(const Arguments& arguments) {
  Readings readings;
  FactDocument facts = read_host(arguments.host, probes_of(arguments.host), std::nullopt, &readings);
  Json kept = readings.to_json();
  if (arguments.redact_hostnames) redact_hostnames(facts, &kept);
  Json record = facts.to_json();
  // Saved facts that are not read again are facts only: nothing was read for them here.
  const bool has_read = arguments.host.facts.empty() || arguments.host.reread;
  if (has_read && !arguments.without_readings) record["readings"] = std::move(kept);
  const std::string text = record.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (arguments.output.empty()) {
    write_stdout(text);
  } else {
    write_file_atomically(arguments.output, text);
    fmt::print(stderr, "facts written to {}; judge them with: msprecheck precheck --facts {}\n",
               arguments.output, arguments.output);
  }
  return 0;
}

}  // namespace

void add_dump_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("dump", "Save the facts of this host, to be judged elsewhere with --facts");
  add_host_options(*command, arguments->host);
  add_config_options(*command, arguments->host.configs);
  add_network_options(*command, arguments->host);
  add_environment_options(*command, arguments->host);
  command->add_option("-o,--output", arguments->output, "File to write; without it, standard output")
      ->type_name("FILE");
  command->add_flag("--without-readings", arguments->without_readings,
                    "Leave out the texts that the facts were read from; --reread then has nothing to read");
  add_redact_hostnames_option(*command, arguments->redact_hostnames);
  command->callback([arguments, &run] { run = [arguments] { return run_dump(*arguments); }; });
}

}  // namespace ms
