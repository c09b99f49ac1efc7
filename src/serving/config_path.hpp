#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/reading.hpp"

namespace ms {

/// The value of an environment variable, nullopt when it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view)>;

/// Where the MindIE config.json is: `given` when it is a file, given/conf/config.json when it is a directory;
/// without `given` $MIES_INSTALL_PATH/conf/config.json, then the default installation. Absent with all that
/// was tried. What was asked for by name is not replaced by a default.
Reading<std::filesystem::path> find_mindie_config(const std::optional<std::filesystem::path>& given,
                                                  const EnvironmentLookup& environment);

}  // namespace ms
