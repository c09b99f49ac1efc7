#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msadvisor models` and `msadvisor chips`: what is known by name. `run` is set to what the command does
/// when it was given.
void add_knowledge_commands(CLI::App& app, std::function<int()>& run);

}  // namespace ms
