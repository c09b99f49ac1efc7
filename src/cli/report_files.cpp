#include "cli/report_files.hpp"

#include <fmt/format.h>

#include "base/closest_match.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "rule/fix_script.hpp"

namespace ms {

void add_report_options(CLI::App& command, ReportArguments& arguments, const std::string& report_help) {
  command.add_option("--format", arguments.format, "Format of standard output: see below")
      ->check(CLI::IsMember(precheck_format_names()))
      ->type_name("FORMAT")
      ->capture_default_str();
  command.add_option("--report", arguments.reports, report_help)->type_name("FORMAT=FILE");
  command
      .add_option("--fix-script", arguments.fix_script, "Write a shell script of the fixes of what failed")
      ->type_name("FILE");
  add_lang_option(command, arguments.lang);
  command.add_flag("-v,--verbose", arguments.verbose,
                   "Show reasons, sources, and what passed or was skipped");
}

std::vector<ReportFile> parse_report_files(const std::vector<std::string>& arguments) {
  std::vector<ReportFile> files;
  for (const std::string& text : arguments) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals + 1 == text.size()) {
      throw InputError("--report",
                       fmt::format("expected FORMAT=FILE, like junit=precheck.xml, not '{}'", text));
    }
    const std::string name = text.substr(0, equals);
    const PrecheckFormat* format = find_precheck_format(name);
    if (format == nullptr) {
      throw InputError("--report", fmt::format("unknown format '{}'{}", name,
                                               did_you_mean(closest_match(name, precheck_format_names()))));
    }
    files.push_back({format, text.substr(equals + 1)});
  }
  return files;
}

void write_reports(const PrecheckReport& report, const std::vector<Finding>& findings,
                   const ReportArguments& arguments, const std::vector<ReportFile>& files, Lang lang) {
  write_stdout(find_precheck_format(arguments.format)->write(report, stdout_style(lang, arguments.verbose)));
  for (const ReportFile& file : files) {
    write_file_atomically(file.path,
                          file.format->write(report, {.lang = lang, .verbose = arguments.verbose}));
  }
  if (arguments.fix_script.empty()) return;
  write_file_atomically(arguments.fix_script, fix_script(findings, lang));
  fmt::print(stderr, fmt::runtime(lang == Lang::zh ? "修复脚本已写入 {}\n" : "fixes written to {}\n"),
             arguments.fix_script);
}

std::string report_format_help() {
  std::string text = "Formats of --format and --report:\n";
  for (const PrecheckFormat& format : precheck_formats()) {
    text += fmt::format("  {:<11} {}\n", format.name, format.what);
  }
  return text;
}

}  // namespace ms
