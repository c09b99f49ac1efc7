#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck precheck`: judges a host. `run` is set to what the command does when it was given.
void add_precheck_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
