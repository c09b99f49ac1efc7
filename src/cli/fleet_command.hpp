#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck fleet`: one picture of the reports or records of many hosts. `run` is set to what the command
/// does when it was given.
void add_fleet_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
