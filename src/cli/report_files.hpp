#pragma once

#include <string>
#include <vector>

#include "report/precheck.hpp"

namespace ms {

/// A further report of a run: `--report FORMAT=FILE`.
struct ReportFile {
  const PrecheckFormat* format;
  std::string path;
};

/// Throws InputError for what is not FORMAT=FILE, and for an unknown format with the closest one.
std::vector<ReportFile> parse_report_files(const std::vector<std::string>& arguments);

/// The formats as a section of --help.
std::string report_format_help();

}  // namespace ms
