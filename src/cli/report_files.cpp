#include "cli/report_files.hpp"

#include <fmt/format.h>

#include "base/closest_match.hpp"
#include "base/error.hpp"

namespace ms {

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

std::string report_format_help() {
  std::string text = "Formats of --format and --report:\n";
  for (const PrecheckFormat& format : precheck_formats()) {
    text += fmt::format("  {:<11} {}\n", format.name, format.what);
  }
  return text;
}

}  // namespace ms
