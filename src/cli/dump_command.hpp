#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck dump`: saves the facts of a host. `run` is set to what the command does when it was given.
void add_dump_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
