#include "cli/site_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "rule/examples.hpp"

namespace ms {

std::vector<std::filesystem::path> site_rules(const std::string& root) {
  const std::filesystem::path folder = root + kSiteRules;
  std::error_code error;
  if (std::filesystem::status(folder, error).type() == std::filesystem::file_type::not_found) return {};
  const auto names = list_directory(folder);
  // Rules that were meant to count and cannot be read must not be passed over.
  if (!names) throw InputError(folder.string(), names.reason());
  std::vector<std::filesystem::path> files;
  for (const std::string& name : *names) {
    if (name.ends_with(".toml") && !is_examples_file(name)) files.push_back(folder / name);
  }
  return files;
}

Text site_rules_note(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> names;
  for (const std::filesystem::path& file : files) names.push_back(file.filename().string());
  const std::string folder = files.empty() ? "" : files.front().parent_path().string();
  return {fmt::format("rules of {}: {}", folder, fmt::join(names, ", ")),
          fmt::format("已加入 {} 中的规则：{}", folder, fmt::join(names, "、"))};
}

}  // namespace ms
