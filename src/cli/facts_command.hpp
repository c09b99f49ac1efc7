#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck facts`: shows the facts of a host with their provenance, or with --list all that are declared,
/// which is the text of docs/facts.md. `run` is set to what the command does when it was given.
void add_facts_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
