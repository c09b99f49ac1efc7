#include "probe/python_probe.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "probe/path_pattern.hpp"

namespace ms {
namespace {

// Where packages are, the environment's own places first: the first that has a package counts.
constexpr std::string_view kPlaces[] = {
    "${VIRTUAL_ENV}/lib/python3*/site-packages",
    "${CONDA_PREFIX}/lib/python3*/site-packages",
    "/usr/local/python3*/lib/python3*/site-packages",
    "/usr/local/lib/python3*/site-packages",
    "/usr/local/lib/python3*/dist-packages",
    "/usr/lib/python3*/site-packages",
    "/usr/lib/python3/dist-packages",
};

// What serving depends on; a host has hundreds of others.
constexpr std::string_view kPackages[] = {
    "torch",      "torch_npu",    "vllm",         "vllm_ascend",     "transformers", "triton_ascend",
    "mindie_llm", "mindie_turbo", "mindie_motor", "mindiebenchmark", "atb_llm",      "model_wrapper",
    "sglang",     "numpy",        "safetensors",  "modelscope",
};

}  // namespace

void read_python_packages(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto environment = host.environment();
  const auto variables = environment ? *environment : std::map<std::string, std::string>();
  Json packages = Json::object();
  std::vector<std::string> searched;
  for (const std::string_view place : kPlaces) {
    const auto pattern = replace_variables(place, variables);
    if (!pattern || !pattern->starts_with('/')) continue;
    for (const std::string& folder : expand_wildcards(*pattern, host)) {
      const auto names = host.list_directory(folder);
      if (!names) continue;
      searched.push_back(host.describe(folder));
      for (const std::string& name : *names) {
        static const RE2 metadata(
            R"(([A-Za-z0-9_.-]+?)-([0-9][A-Za-z0-9_.+!]*)(?:-py3[0-9.]*)?\.(?:dist|egg)-info)");
        std::string package;
        std::string version;
        if (!RE2::FullMatch(name, metadata, &package, &version)) continue;
        std::replace(package.begin(), package.end(), '-', '_');
        package = to_lower(package);
        if (std::find(std::begin(kPackages), std::end(kPackages), package) == std::end(kPackages)) continue;
        if (!packages.contains(package)) packages[package] = version;
      }
    }
  }
  if (searched.empty()) {
    return facts.set_absent("ascend.python_packages",
                            "no folder of Python packages was found; activate the environment "
                            "that serves, or set VIRTUAL_ENV to it",
                            "site-packages");
  }
  facts.set("ascend.python_packages", std::move(packages), fmt::format("{}", searched.front()));
}

}  // namespace ms
