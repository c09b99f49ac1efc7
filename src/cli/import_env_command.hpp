#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck import-env`: makes facts of a collect_env report. `run` is set to what the command does when
/// it was given.
void add_import_env_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
