#include "serving/config_path.hpp"

#include <fmt/format.h>

#include "base/file.hpp"

namespace ms {
namespace {

constexpr std::string_view kInstallVariable = "MIES_INSTALL_PATH";
constexpr std::string_view kDefaultInstall = "/usr/local/Ascend/mindie/latest/mindie-service";

bool is_file(const std::filesystem::path& path) {
  return static_cast<bool>(ms::file_size(path));
}

Reading<std::filesystem::path> find_given(const std::filesystem::path& given) {
  const auto size = ms::file_size(given);
  if (size) return given;
  if (!list_directory(given)) return size.absent();
  for (const char* below : {"conf/config.json", "config.json"}) {
    if (is_file(given / below)) return given / below;
  }
  return Absent{fmt::format("{}: has neither conf/config.json nor config.json", given.string())};
}

}  // namespace

Reading<std::filesystem::path> find_mindie_config(const std::optional<std::filesystem::path>& given,
                                                  const EnvironmentLookup& environment) {
  if (given) return find_given(*given);
  std::string tried;
  if (const auto install = environment(kInstallVariable); install && !install->empty()) {
    const std::filesystem::path path = std::filesystem::path(*install) / "conf/config.json";
    if (is_file(path)) return path;
    tried = fmt::format("{} (from ${})", path.string(), kInstallVariable);
  } else {
    tried = fmt::format("${} is not set", kInstallVariable);
  }
  const std::filesystem::path path = std::filesystem::path(kDefaultInstall) / "conf/config.json";
  if (is_file(path)) return path;
  return Absent{fmt::format("no MindIE config.json: {}; {}: no such file", tried, path.string())};
}

}  // namespace ms
