#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/man_page.hpp"

namespace ms {

/// The options of msadvisor, which has no subcommands for its main job. `run` is set to what it does.
void add_advise_options(CLI::App& app, std::function<int()>& run);

/// The exit statuses of msadvisor, for --help and the manual.
std::vector<ManEntry> advise_exit_statuses();

/// The spellings that people know, `-in 256`, `-out=256` and `-tp 8`, as the long options that CLI11 reads:
/// it would take `-in` for `-i n`.
std::vector<std::string> normalize_arguments(std::vector<std::string> arguments);

}  // namespace ms
