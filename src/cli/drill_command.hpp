#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `drill`: what a failure of a rule looks like, in every format, without touching the host.
void add_drill_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
