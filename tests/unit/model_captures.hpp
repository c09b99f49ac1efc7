#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "support/captures.hpp"

namespace ms {

/// A folder of the recorded files that tests may read, or nullopt where they are not on this machine: then
/// the test says that it was skipped.
inline std::optional<std::filesystem::path> captures(const std::string& folder) {
  const std::filesystem::path root = captures_folder();
  if (std::filesystem::is_directory(root / folder)) return root / folder;
  MESSAGE("skipped: no recorded files in " << (root / folder).string());
  return std::nullopt;
}

}  // namespace ms
