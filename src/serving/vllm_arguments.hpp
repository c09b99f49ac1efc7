#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serving/config_view.hpp"

namespace ms {

/// The words of a command line, with quotes and backslashes as sh takes them; a newline after a backslash is
/// space. No expansion of any kind. Throws InputError for a quote that is not closed.
std::vector<std::string> shell_words(std::string_view command, const std::string& source);

/// The arguments of `vllm serve` (or of `python -m vllm.entrypoints...`) as a document: names as vLLM's own
/// configuration calls them ("--max-num-seqs 32" is max_num_seqs), values as text, a flag alone is "true",
/// "--no-x" is x = "false", "--a.b 1" is the member b of a, the model is `model`. Leading words up to the
/// first argument of vLLM (env, variables, numactl, python) are passed over.
ServingDocument vllm_document(const std::vector<std::string>& words, const std::string& source);
ServingDocument vllm_document(std::string_view command, const std::string& source);

/// A YAML config of vLLM, whose names are those of the arguments ("max-num-seqs").
ServingDocument vllm_document(const ServingDocument& yaml);

}  // namespace ms
