#pragma once

#include <span>
#include <string>

#include "base/lang.hpp"
#include "rule/finding.hpp"

namespace ms {

/// A POSIX shell script of the fixes of the failed findings that nobody has waived, and of nothing else:
/// variables are exported and unset, commands that need root are comments, to be read before they are run.
/// Meant to be sourced.
std::string fix_script(std::span<const Finding> findings, Lang lang);

}  // namespace ms
