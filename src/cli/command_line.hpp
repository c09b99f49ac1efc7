#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/host_source.hpp"

namespace ms {

/// Options that name the host to look at: --root, --facts, --no-exec, --probe-timeout.
void add_host_options(CLI::App& command, HostArguments& arguments);

/// Options that say where its environment comes from: --pid, --service, --env-file, --container.
void add_environment_options(CLI::App& command, HostArguments& arguments);

/// Options that name serving configs: --mies-config-path, --user-config-path, ..., --weight-dir.
void add_config_options(CLI::App& command, ConfigArguments& arguments);

/// --network and --network-timeout.
void add_network_options(CLI::App& command, HostArguments& arguments);

/// --redact-hostnames.
void add_redact_hostnames_option(CLI::App& command, bool& redact);
/// --fail-on error|warning|info|never.
void add_fail_on_option(CLI::App& command, std::string& fail_on);

/// --lang en|zh.
void add_lang_option(CLI::App& command, std::string& lang);

/// The exit statuses as a section of --help.
std::string exit_status_help();

/// Without a command there is nothing to do: the help on standard error, and status 2.
int explain_usage(const CLI::App& app);

/// Parses the arguments (without the program's name) and runs what they ask for; `run` is called once they
/// are valid. Whatever goes wrong becomes one message on standard error and the right status. An option that
/// is not known is answered with the closest one that is.
int run_tool(CLI::App& app, std::vector<std::string> arguments, const std::function<int()>& run);

}  // namespace ms
