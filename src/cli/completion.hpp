#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_tree.hpp"

namespace ms {

/// What may be given for a value, beside the choices that its option names: words by the option ("--facts")
/// or, where that has none, by what it takes ("ID", "LANG").
using CompletionWords = std::map<std::string, std::vector<std::string>, std::less<>>;

inline constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

/// A script that completes the commands, options and values of a tool in one of kShells.
std::string completion_script(std::string_view shell, const CommandDoc& root, const CompletionWords& words);

}  // namespace ms
