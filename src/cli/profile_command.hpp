#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msadvisor profile DIR`: what a folder of profiles and benchmark results holds. `run` is set when it is
/// named.
void add_profile_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
