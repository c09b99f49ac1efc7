#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/completion.hpp"
#include "cli/man_page.hpp"

namespace ms {

/// The variables that both tools heed.
std::vector<ManEntry> environment_of_tools();

/// `completion SHELL` and `man`: written from the parser of the arguments itself, to standard output. Add
/// them last. `words` is asked when a completion is written.
void add_documentation_commands(CLI::App& app, std::function<int()>& run, ManDetails details,
                                std::function<CompletionWords()> words);

}  // namespace ms
