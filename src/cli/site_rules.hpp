#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/lang.hpp"

namespace ms {

/// Where a site keeps rules of its own: every *.toml in it is read without being asked for.
inline constexpr const char* kSiteRules = "/etc/msprecheck/rules.d";

/// The rule files of a site, in order of their names; none where the folder is not there. `root` is that of
/// --root, whose host brings its own; "" is this machine. Throws InputError when the folder is there and
/// cannot be listed.
std::vector<std::filesystem::path> site_rules(const std::string& root);

/// What is said of them: "rules of /etc/msprecheck/rules.d: a.toml, b.toml".
Text site_rules_note(const std::vector<std::filesystem::path>& files);

}  // namespace ms
