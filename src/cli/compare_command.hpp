#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck compare`: what recorded hosts differ in, and whether it matters. `run` is set to what the
/// command does when it was given.
void add_compare_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
