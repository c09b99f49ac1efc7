#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serving/config_view.hpp"

namespace ms {

/// A config as it was found: a file, or the arguments of a command.
struct ConfigSource {
  std::string kind;  ///< "mindie", "user_config", "mindie_env", "controller", "coordinator", "manifest",
                     ///< "rank_table", "vllm", "vllm_command"
  std::string file;  ///< as a person names it
  std::string text;
};

/// The documents of a source: one, or those of a YAML file. What does not parse is a problem and no document;
/// names that an object has twice are problems.
std::vector<ServingDocument> read_config_documents(const ConfigSource& source,
                                                   std::vector<ConfigProblem>& problems);

}  // namespace ms
