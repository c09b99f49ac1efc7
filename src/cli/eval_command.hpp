#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ms {

/// `msprecheck eval`: the value of an expression on the facts of a host, which is how a rule is written.
/// `run` is set to what the command does when it was given.
void add_eval_command(CLI::App& app, std::function<int()>& run);

}  // namespace ms
