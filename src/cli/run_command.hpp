#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck run`: judges documents and the environment by one pack.
void add_run_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
