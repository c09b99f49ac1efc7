#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msadvisor bind`: which CPUs for which process, and whether to bind at all.
void add_bind_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
