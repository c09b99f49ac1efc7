#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace ms {

/// A folder of the recorded files that tests may read, or nullopt where they are not on this machine: then a
/// test says that it was skipped. MS_CAPTURES, else ../shared/data beside the project.
inline std::optional<std::filesystem::path> captures(const std::string& folder) {
  const char* given = std::getenv("MS_CAPTURES");  // NOLINT(concurrency-mt-unsafe): tests have one thread
  const std::filesystem::path root = given != nullptr
                                         ? std::filesystem::path(given)
                                         : std::filesystem::path(MS_SOURCE_DIR) / "../shared/data";
  if (std::filesystem::is_directory(root / folder)) return root / folder;
  MESSAGE("skipped: no recorded files in " << (root / folder).string());
  return std::nullopt;
}

}  // namespace ms
