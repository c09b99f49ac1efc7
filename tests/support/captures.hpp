#pragma once

#include <cstdlib>
#include <filesystem>

namespace ms {

/// Where the recorded files are that tests may read: $MS_CAPTURES, else ../shared/data beside the project.
/// They may not be there: a test then says that it was skipped.
inline std::filesystem::path captures_folder() {
  if (const char* folder = std::getenv("MS_CAPTURES")) return folder;  // NOLINT(concurrency-mt-unsafe)
  return std::filesystem::path(MS_SOURCE_DIR) / "../shared/data";
}

}  // namespace ms
