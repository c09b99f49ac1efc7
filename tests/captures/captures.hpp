#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

/// Where the captures are: $MS_CAPTURES, else ../shared/data beside the project.
inline std::filesystem::path captures_folder() {
  if (const char* folder = std::getenv("MS_CAPTURES")) return folder;
  return std::filesystem::path(MS_SOURCE_DIR) / ".." / "shared" / "data";
}

/// The files of a folder of the captures, sorted.
inline std::vector<std::string> capture_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(captures_folder() / folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}
