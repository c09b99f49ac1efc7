#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/captures.hpp"

/// The files of a folder of the captures, sorted.
inline std::vector<std::string> capture_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(ms::captures_folder() / folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}
