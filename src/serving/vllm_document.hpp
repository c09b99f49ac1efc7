#pragma once

#include <string>
#include <string_view>

#include "serving/config_view.hpp"

namespace ms {

/// The arguments of a command that starts vLLM as a document: names as vLLM's own configuration calls them
/// ("--max-num-seqs 32" is max_num_seqs), values as text, a flag alone is "true", "--no-x" is x = "false",
/// "--a.b 1" is the member b of a, the model is `model`. Throws InputError where the text holds no such
/// command.
ServingDocument vllm_document(std::string_view command, const std::string& source);

/// A YAML config of vLLM, whose names are those of the arguments ("max-num-seqs").
ServingDocument vllm_document(const ServingDocument& yaml);

}  // namespace ms
