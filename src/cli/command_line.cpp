#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>

#include "base/closest_match.hpp"
#include "cli/console.hpp"

namespace ms {
namespace {

void on_interrupt(int /*signal*/) {
  static constexpr char kMessage[] = "\nexit 130: interrupted\n";
  if (::write(STDERR_FILENO, kMessage, sizeof kMessage - 1) < 0) ::_exit(130);
  ::_exit(130);
}

// The innermost subcommand that was given, whose options are the ones meant.
const CLI::App& command_in_use(const CLI::App& app) {
  const auto given = app.get_subcommands();
  return given.empty() ? app : command_in_use(*given.front());
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

InputError unknown_argument(const CLI::App& app, const std::string& argument) {
  const CLI::App& command = command_in_use(app);
  if (argument.starts_with("-")) {
    const std::string name = argument.substr(0, argument.find('='));
    return {"command line", fmt::format("unknown option '{}'{}", name,
                                        did_you_mean(closest_match(name, option_names(command))))};
  }
  std::vector<std::string> subcommands;
  for (const CLI::App* subcommand : command.get_subcommands({}))
    subcommands.push_back(subcommand->get_name());
  if (subcommands.empty()) return {"command line", fmt::format("unexpected argument '{}'", argument)};
  return {"command line", fmt::format("unknown command '{}'{}", argument,
                                      did_you_mean(closest_match(argument, subcommands)))};
}

}  // namespace

void add_host_options(CLI::App& command, HostArguments& arguments) {
  command
      .add_option("--root", arguments.root,
                  "Look at a recorded host: DIR stands for '/', DIR/environ holds the environment, "
                  "DIR/commands/ what "
                  "commands printed")
      ->type_name("DIR");
  command
      .add_option("--facts", arguments.facts,
                  "Look at saved facts: a file of 'msprecheck dump', or example:NAME")
      ->type_name("FILE");
  command
      .add_option("--probes", arguments.probes,
                  "Read facts of your own as well: DIR/*.toml declares them (docs/probes.md)")
      ->type_name("DIR");
  command.add_flag(
      "--reread", arguments.reread,
      "With --facts: read the facts again from the texts that the record holds, as this version does");
  command.add_flag("--no-exec", arguments.no_exec, "Run no command, not even npu-smi");
  command.add_option("--probe-timeout", arguments.probe_timeout_seconds, "Seconds that one command may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  command
      .add_option("--run-timeout", arguments.run_timeout_seconds, "Seconds that all probes together may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
}

void add_fail_on_option(CLI::App& command, std::string& fail_on) {
  command
      .add_option("--fail-on", fail_on,
                  "Lowest severity that decides the status: error, warning, info or never")
      ->type_name("LEVEL")
      ->check(CLI::IsMember(std::vector<std::string>(kFailOnNames.begin(), kFailOnNames.end())))
      ->capture_default_str();
}

void add_environment_options(CLI::App& command, HostArguments& arguments) {
  command
      .add_option(
          "--pid", arguments.pid,
          "Judge the environment of a running process instead of this shell's: what a service really has")
      ->type_name("PID")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 31));
  command
      .add_option(
          "--service", arguments.service,
          "The same of the process of a service: mindie, vllm, or the name of a program ('*' in it stands "
          "for any characters)")
      ->type_name("NAME");
  command
      .add_option(
          "--env-file", arguments.env_file,
          "Judge the environment in a file: the output of env, a Kubernetes manifest, the output of docker "
          "inspect, a Compose file")
      ->type_name("FILE");
  command
      .add_option("--container", arguments.container,
                  "The container of --env-file, where several have variables: NAME, or WORKLOAD/NAME")
      ->type_name("NAME");
}

void add_config_options(CLI::App& command, ConfigArguments& arguments) {
  const auto file = [&](const char* name, std::string& value, const char* what) {
    command.add_option(name, value, what)->type_name("FILE")->group("Serving configs");
  };
  file("--mies-config-path", arguments.mindie,
       "MindIE config.json; without any of these options, that of the installation");
  file("--user-config-path", arguments.user_config, "user_config.json of a large-scale EP deployment");
  file("--mindie-env-path", arguments.mindie_env, "mindie_env.json of such a deployment");
  command
      .add_option("--config-parent-dir", arguments.parent_dir,
                  "Folder of a PD deployment: conf/*.json and deployment/*.yaml are read")
      ->type_name("DIR")
      ->group("Serving configs");
  command.add_option("--manifest", arguments.manifests, "Kubernetes manifest; may be repeated")
      ->type_name("FILE")
      ->group("Serving configs");
  command.add_option("--rank-table-path", arguments.rank_tables, "Rank table; may be repeated")
      ->type_name("FILE")
      ->group("Serving configs");
  command
      .add_option("--weight-dir", arguments.weights,
                  "Model directory: config.json, shards against their index, permissions; may be repeated")
      ->type_name("DIR")
      ->group("Serving configs");
  command
      .add_option(
          "--vllm-command", arguments.vllm_command,
          "The command that starts vLLM, in quotes, or @FILE that holds it; --service vllm takes that of "
          "the process")
      ->type_name("COMMAND")
      ->group("Serving configs");
  file("--vllm-config", arguments.vllm_config, "YAML config of vLLM");
}

void add_network_options(CLI::App& command, HostArguments& arguments) {
  command
      .add_flag("--network", arguments.network,
                "Ping the servers of the rank table, and its NPUs from every NPU here; without a rank table "
                "look at the local NPU ports only")
      ->group("Network");
  command
      .add_option("--network-timeout", arguments.network_timeout_seconds,
                  "Seconds that --network may take; what was not tested by then is unknown")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str()
      ->group("Network");
}

void add_redact_hostnames_option(CLI::App& command, bool& redact) {
  command.add_flag("--redact-hostnames", redact,
                   "Replace host names and IP addresses by redacted-host-1, redacted-ip-1, ..., for sharing");
}

void add_lang_option(CLI::App& command, std::string& lang) {
  command.add_option("--lang", lang, "Language of the report: en or zh; without it, that of the locale")
      ->type_name("LANG");
}

std::string exit_status_help() {
  std::string text = "Exit status:\n";
  for (const ExitStatusDoc& doc : kExitStatusDocs) {
    text += fmt::format("  {:<4} {}\n", static_cast<int>(doc.status), doc.meaning_en);
  }
  return text;
}

int explain_usage(const CLI::App& app) {
  fmt::print(stderr, "{}\n", app.help());
  return finish(InputError("command line", "a command is missing"));
}

int run_tool(CLI::App& app, std::vector<std::string> arguments, const std::function<int()>& run) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a write error, with a message and a status
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      write_stdout(app.help());
      return 0;
    } catch (const CLI::CallForVersion&) {
      write_stdout(fmt::format("{}\n", app.version()));
      return 0;
    } catch (const CLI::ExtrasError&) {
      const auto extras = app.remaining(true);
      throw unknown_argument(app, extras.empty() ? std::string() : extras.front());
    } catch (const CLI::ParseError& e) {
      throw InputError("command line", e.what());
    }
    return run();
  } catch (const InputError& e) {
    return finish(e);
  } catch (const std::exception& e) {
    return finish(InputError("internal error", e.what()));
  }
}

}  // namespace ms
