#include "cli/config_source.hpp"

#include <fmt/format.h>

#include <array>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "document/config_document.hpp"

namespace ms {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultMindie = "/usr/local/Ascend/mindie/latest/mindie-service";

void add_file(ConfigInputs& configs, const char* kind, const std::string& option, const std::string& path) {
  if (path.empty()) return;
  if (!fs::exists(path)) throw InputError(option, fmt::format("{}: no such file", path));
  if (fs::is_directory(path))
    throw InputError(option, fmt::format("{} is a directory; expected a file", path));
  configs.files.push_back({kind, path, read_file(path, kMaxConfigBytes)});
}

// The files of a PD deployment; which of the manifests there are depends on how it is deployed.
void add_parent_dir(ConfigInputs& configs, const std::string& directory) {
  if (directory.empty()) return;
  const std::string option = "--config-parent-dir";
  if (!fs::is_directory(directory)) throw InputError(option, fmt::format("{}: no such directory", directory));
  constexpr std::array<std::pair<const char*, const char*>, 3> kFiles = {{
      {"mindie", "conf/config.json"},
      {"controller", "conf/ms_controller.json"},
      {"coordinator", "conf/ms_coordinator.json"},
  }};
  for (const auto& [kind, name] : kFiles) {
    const std::string path = (fs::path(directory) / name).string();
    configs.files.push_back({kind, path, read_file(path, kMaxConfigBytes)});
  }
  const fs::path deployment = fs::path(directory) / "deployment";
  const auto names = list_directory(deployment);
  if (!names) {
    configs.files.push_back({"manifest", deployment.string(), names.absent()});
    return;
  }
  for (const std::string& name : *names) {
    if (!name.ends_with(".yaml") && !name.ends_with(".yml")) continue;
    const std::string path = (deployment / name).string();
    configs.files.push_back({"manifest", path, read_file(path, kMaxConfigBytes)});
  }
}

void add_vllm_command(ConfigInputs& configs, const std::string& command) {
  if (command.empty()) return;
  if (command.starts_with('@')) {
    add_file(configs, "vllm_command", "--vllm-command", command.substr(1));
  } else {
    configs.files.push_back({"vllm_command", "--vllm-command", command});
  }
}

void add_from_host(const Host& host, const char* kind, const std::string& path, ConfigInputs& configs) {
  if (path.empty() || !host.exists(path)) return;
  configs.files.push_back({kind, host.describe(path), host.read_file(path, kMaxConfigBytes)});
}

}  // namespace

ConfigInputs given_configs(const ConfigArguments& arguments) {
  ConfigInputs configs;
  add_file(configs, "mindie", "--mies-config-path", arguments.mindie);
  add_file(configs, "user_config", "--user-config-path", arguments.user_config);
  add_file(configs, "mindie_env", "--mindie-env-path", arguments.mindie_env);
  add_parent_dir(configs, arguments.parent_dir);
  for (const std::string& path : arguments.manifests) add_file(configs, "manifest", "--manifest", path);
  for (const std::string& path : arguments.rank_tables)
    add_file(configs, "rank_table", "--rank-table-path", path);
  add_vllm_command(configs, arguments.vllm_command);
  add_file(configs, "vllm", "--vllm-config", arguments.vllm_config);
  for (const std::string& path : arguments.weights) {
    if (!fs::is_directory(path)) throw InputError("--weight-dir", fmt::format("{}: no such directory", path));
    configs.weights.emplace_back(path);
  }
  return configs;
}

void add_installed_configs(const Host& host, bool is_live, ConfigInputs& configs) {
  const auto environment = host.environment();
  const auto variable = [&](const char* name) {
    if (!environment) return std::string();
    const auto found = environment->find(name);
    return found != environment->end() ? found->second : std::string();
  };
  std::string mindie = variable("MIES_INSTALL_PATH");
  if (mindie.empty()) mindie = kDefaultMindie;
  add_from_host(host, "mindie", mindie + "/conf/config.json", configs);
  for (const char* name : {"RANK_TABLE_FILE", "RANKTABLEFILE"})
    add_from_host(host, "rank_table", variable(name), configs);
  if (!is_live || configs.files.empty() || !configs.files.front().text) return;
  const Json config = Json::parse(*configs.files.front().text, nullptr, false, true);
  const Json* path = value_at(config, "BackendConfig.ModelDeployConfig.ModelConfig[0].modelWeightPath");
  if (path != nullptr && path->is_string() && fs::is_directory(path->get<std::string>()))
    configs.weights.emplace_back(path->get<std::string>());
}

}  // namespace ms
