#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `rules`: list, show, explain, lint and test them.
void add_rules_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
