#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/lang.hpp"
#include "report/precheck.hpp"

namespace ms {

/// Where the findings of a run go, as its arguments say.
struct ReportArguments {
  std::string format = "text";
  std::vector<std::string> reports;  ///< FORMAT=FILE
  std::string fix_script;
  std::string lang;
  bool verbose = false;
};

/// --format, --report, which `report_help` describes, --fix-script, --lang and --verbose.
void add_report_options(CLI::App& command, ReportArguments& arguments, const std::string& report_help);

/// A further report of a run: `--report FORMAT=FILE`.
struct ReportFile {
  const PrecheckFormat* format;
  std::string path;
};

/// Throws InputError for what is not FORMAT=FILE, and for an unknown format with the closest one.
std::vector<ReportFile> parse_report_files(const std::vector<std::string>& arguments);

/// Writes the report to standard output and to `files`, and the fixes of `findings`, all that there are, as a
/// script. Throws InputError when a file cannot be written.
void write_reports(const PrecheckReport& report, const std::vector<Finding>& findings,
                   const ReportArguments& arguments, const std::vector<ReportFile>& files, Lang lang);

/// The formats as a section of --help.
std::string report_format_help();

}  // namespace ms
