#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/toml.hpp"
#include "rule/rule.hpp"

namespace ms {

/// What a site settles once instead of in every command: which rules take part, how bad each is, and what
/// options are when the command line does not give them.
struct Profile {
  std::string source;
  std::optional<std::string> fail_on;  ///< one of kFailOnNames
  std::optional<bool> allow_unknown;   ///< as --allow-unknown
  std::optional<std::string> scene;    ///< words as of --scene
};

/// Names of the profiles that are compiled in: rules/profiles/*.toml.
std::vector<std::string> profile_names();

/// The TOML of a profile: a file, or a built-in one by name. Throws InputError for what is neither, with the
/// closest name.
TomlTable open_profile(const std::string& reference);

/// Reads a profile and applies its choice to the rules: those of the packs that it does not name, and those
/// that it disables, are taken out; severities are changed. Throws InputError with the place for an unknown
/// key, pack or rule, and when it leaves no rule.
Profile apply_profile(const TomlTable& root, std::vector<Rule>& rules);

/// The name by which a profile knows the pack of a rule: "env" of "precheck/env.toml:14".
std::string pack_name(const Rule& rule);

}  // namespace ms
