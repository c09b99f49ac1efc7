#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck inspect`: what one pack needs and holds.
void add_inspect_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
