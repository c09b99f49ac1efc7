#pragma once

#include <functional>
#include <string>
#include <vector>

#include "facts/document.hpp"
#include "profile/input.hpp"
#include "profile/run.hpp"

namespace ms {

/// A run as it was read from one or several folders or files.
struct RunSource {
  profile::FolderReading reading;
  profile::Run run;
  FactDocument facts;  ///< `run` and `device`
  std::uint64_t records = 0;
  std::uint64_t bad_records = 0;
};

/// Reads what `folders` hold as one run, nothing twice, with a progress bar on a terminal where that takes
/// long. Throws InputError for a folder that is not there.
RunSource read_run(const std::vector<std::string>& folders);

}  // namespace ms
