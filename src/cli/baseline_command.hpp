#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck baseline`: rules that hold other hosts to a known good one. `run` is set to what the command
/// does when it was given.
void add_baseline_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
