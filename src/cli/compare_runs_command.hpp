#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msadvisor compare`: runs side by side.
void add_compare_runs_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
