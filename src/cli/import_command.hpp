#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck import`: makes a pack of a .cmate file or of YAML rules.
void add_import_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
