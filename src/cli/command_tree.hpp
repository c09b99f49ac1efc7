#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace ms {

/// An option or a positional argument of a command, as --help, the man page and completion show it.
struct OptionDoc {
  std::vector<std::string> names;  ///< "-v", "--verbose"; empty for a positional
  std::string metavar;             ///< "FILE", or the name of a positional; empty for a flag
  std::vector<std::string> choices;
  std::string range;  ///< "in [1 - 4096]", or empty
  std::string what;
  std::string default_value;

  bool takes_value() const { return !metavar.empty(); }
};

/// A command, and those below it.
struct CommandDoc {
  std::vector<std::string> path;  ///< {"msprecheck", "rules", "list"}
  std::string what;
  std::vector<OptionDoc> options;
  std::vector<OptionDoc> positionals;
  std::vector<CommandDoc> commands;
  std::string footer;
};

/// Reads what the parser of the arguments itself knows.
CommandDoc describe_commands(const CLI::App& app);

/// The command and all below it, in order.
std::vector<const CommandDoc*> all_commands(const CommandDoc& root);

}  // namespace ms
