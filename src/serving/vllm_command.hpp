#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ms {

/// How vLLM is started, as it is written.
struct VllmCommand {
  std::optional<std::string> model;  ///< the argument without a name
  /// Every option in its order, under its own name ("max-num-seqs") and with its value; flags have none.
  std::vector<std::pair<std::string, std::optional<std::string>>> options;
  /// Variables that the text sets for the process.
  std::vector<std::pair<std::string, std::string>> environment;
};

/// Reads the command that starts vLLM ("vllm serve MODEL --max-num-seqs 16", or the options alone) out of a
/// command line or a script, whose assignments are followed and whose other commands are passed over. nullopt
/// where there is none.
std::optional<VllmCommand> read_vllm_command(std::string_view text);

/// The name of an option without dashes before it: "--max_num_seqs" is max-num-seqs, "-tp"
/// tensor-parallel-size. A key of JSON behind a dot keeps its spelling.
std::string vllm_option_name(std::string_view word);

}  // namespace ms
