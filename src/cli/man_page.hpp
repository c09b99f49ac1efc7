#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.hpp"

namespace ms {

/// A word of a manual and what it means: an exit status, a variable, a file.
struct ManEntry {
  std::string name;
  std::string what;
};

/// What a manual says beside the commands and options.
struct ManDetails {
  std::string version;
  std::vector<ManEntry> exit_statuses;
  bool truth_table = false;  ///< with the table of outcomes and statuses (rule/verdict.hpp)
  std::vector<ManEntry> environment;
  std::vector<ManEntry> files;
};

/// The manual of a tool in roff, with the macros of man(7), for section 1.
std::string man_page(const CommandDoc& root, const ManDetails& details);

}  // namespace ms
