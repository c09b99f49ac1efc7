#include <algorithm>
#include <array>

#include "report/precheck.hpp"

namespace ms {
namespace {

std::string json_text(const PrecheckReport& report, const TextStyle& style) {
  return precheck_json(report, style.lang).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

constexpr std::array<PrecheckFormat, 10> kFormats = {{
    {"text", "for people", precheck_text},
    {"json", "docs/schema/precheck.schema.json", json_text},
    {"junit", "JUnit XML: Jenkins, GitLab", precheck_junit},
    {"sarif", "SARIF 2.1.0: code scanning", precheck_sarif},
    {"github", "annotations of GitHub Actions", precheck_github},
    {"gitlab", "Code Quality of GitLab CI", precheck_gitlab},
    {"tap", "TAP version 14", precheck_tap},
    {"prometheus", "textfile collector of the node exporter", precheck_prometheus},
    {"nagios", "plug-in output", precheck_nagios},
    {"markdown", "summary pages and tickets", precheck_markdown},
}};

}  // namespace

std::span<const PrecheckFormat> precheck_formats() {
  return kFormats;
}

std::vector<std::string> precheck_format_names() {
  std::vector<std::string> names;
  for (const PrecheckFormat& format : kFormats) names.emplace_back(format.name);
  return names;
}

const PrecheckFormat* find_precheck_format(std::string_view name) {
  const auto* found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const PrecheckFormat& f) { return f.name == name; });
  return found == kFormats.end() ? nullptr : found;
}

}  // namespace ms
