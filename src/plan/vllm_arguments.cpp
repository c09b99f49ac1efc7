#include "plan/vllm_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "model/eagle.hpp"
#include "model/saturating.hpp"
#include "plan/fact_members.hpp"
#include "serving/vllm_command.hpp"

namespace ms {
namespace {

using Count = std::optional<std::int64_t> VllmArguments::*;

struct CountOption {
  std::string_view name;
  Count member;
};
constexpr std::array kCounts = {
    CountOption{"tensor-parallel-size", &VllmArguments::tensor_parallel_size},
    CountOption{"pipeline-parallel-size", &VllmArguments::pipeline_parallel_size},
    CountOption{"data-parallel-size", &VllmArguments::data_parallel_size},
    CountOption{"decode-context-parallel-size", &VllmArguments::decode_context_parallel_size},
    CountOption{"max-model-len", &VllmArguments::max_model_len},
    CountOption{"max-num-seqs", &VllmArguments::max_num_seqs},
    CountOption{"max-num-batched-tokens", &VllmArguments::max_num_batched_tokens},
    CountOption{"block-size", &VllmArguments::block_size},
};

// "16", "16k" (thousands) and "16K" (of 1024), as vLLM takes them.
std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t unit = 1;
  constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits = {
      {{'k', 1000}, {'K', 1024}, {'m', 1'000'000}, {'M', 1 << 20}}};
  for (const auto& [letter, times] : kUnits) {
    if (!text.ends_with(letter)) continue;
    unit = times;
    text.remove_suffix(1);
    break;
  }
  const auto count = parse_int(text);
  if (!count || *count < 0 || *count > (std::int64_t{1} << 40)) return std::nullopt;
  return *count * unit;
}

class Reader {
 public:
  explicit Reader(const std::string& source) { arguments_.source = source; }

  void take(VllmCommand command) {
    arguments_.model = std::move(command.model);
    arguments_.environment = std::move(command.environment);
    for (const auto& [name, value] : command.options) take(name, value);
  }

  void take(const std::string& name, const std::optional<std::string>& value) {
    arguments_.options.emplace_back(name, value);
    const bool on = !value || *value == "true" || *value == "True";
    if (name == "model" && value) arguments_.model = *value;
    if (name == "kv-cache-dtype" && value) arguments_.kv_cache_dtype = *value;
    if (name == "enable-expert-parallel") arguments_.enable_expert_parallel = on;
    if (name == "enforce-eager") arguments_.enforce_eager = on;
    if (name == "disable-hybrid-kv-cache-manager") arguments_.hybrid_kv_cache = !on;
    if (name == "no-disable-hybrid-kv-cache-manager") arguments_.hybrid_kv_cache = on;
    if (name == "speculative-config" && value) take_speculation(*value);
    if (name == "gpu-memory-utilization") {
      const auto share = parse_double(value.value_or(""));
      if (!share || !(*share > 0) || *share > 1) fail(name, value, "a share above 0 and at most 1");
      arguments_.gpu_memory_utilization = *share;
    }
    for (const CountOption& option : kCounts) {
      if (option.name != name) continue;
      const auto count = parse_count(value.value_or(""));
      const bool automatic = name == "max-model-len" && (value == "auto" || value == "-1");
      if (automatic) continue;
      if (!count || *count < 1) fail(name, value, "a whole number above 0");
      arguments_.*option.member = *count;
    }
  }

  VllmArguments finish() { return std::move(arguments_); }

 private:
  [[noreturn]] void fail(const std::string& name, const std::optional<std::string>& value,
                         std::string_view expected) const {
    throw InputError(arguments_.source,
                     fmt::format("--{} is '{}'; expected {}", name, value.value_or(""), expected));
  }

  void take_speculation(const std::string& text) {
    const Json config = Json::parse(text, nullptr, false);
    if (!config.is_object()) return;
    const auto tokens = config.find("num_speculative_tokens");
    if (tokens != config.end() && tokens->is_number_integer())
      arguments_.num_speculative_tokens = std::clamp<std::int64_t>(tokens->get<std::int64_t>(), 0, 1000);
    const auto method = config.find("method");
    if (method != config.end() && method->is_string())
      arguments_.speculative_method = method->get<std::string>();
    const auto model = config.find("model");
    if (model != config.end() && model->is_string()) arguments_.speculative_model = model->get<std::string>();
  }

  VllmArguments arguments_;
};

// A YAML file for `vllm serve --config`.
VllmArguments read_yaml_arguments(std::string_view text, const std::string& source) {
  const YamlFile file = parse_yaml(text, source);
  if (file.documents.size() != 1 || !file.documents.front()->is_map()) {
    throw InputError(
        source, "is neither a command that starts vLLM ('vllm serve ...') nor a YAML map of its options");
  }
  Reader reader(source);
  for (const auto& [key, value] : file.documents.front()->members) {
    if (value->is_scalar() && !value->is_null()) reader.take(vllm_option_name(key), value->text);
  }
  return reader.finish();
}

void take(Sourced<std::int64_t>& target, const std::optional<std::int64_t>& stated, std::string_view option,
          const VllmArguments& arguments, std::int64_t fallback) {
  if (stated) {
    target = {
        .value = *stated, .source = fmt::format("{}: --{}", arguments.source, option), .assumed = false};
  } else {
    target = {.value = fallback, .source = "vLLM-Ascend's default", .assumed = true};
  }
}

bool states(const VllmArguments& arguments, const std::string& option) {
  return std::any_of(arguments.options.begin(), arguments.options.end(),
                     [&](const auto& stated) { return stated.first == option; });
}

}  // namespace

VllmArguments read_vllm_arguments(std::string_view text, const std::string& source) {
  if (auto command = read_vllm_command(text)) {
    Reader reader(source);
    reader.take(std::move(*command));
    return reader.finish();
  }
  return read_yaml_arguments(text, source);
}

void apply_vllm(PlanInputs& inputs, const VllmArguments& arguments) {
  Parallelism& parallelism = inputs.parallelism;
  parallelism = {.tp = arguments.tensor_parallel_size.value_or(1),
                 .dp = arguments.data_parallel_size.value_or(1),
                 .pp = arguments.pipeline_parallel_size.value_or(1)};
  // Decode context parallel spreads the tokens of a request over ranks that would hold the same KV heads: all
  // of a tensor-parallel group with MLA, else the tp / heads that replicate one.
  const bool latent = inputs.spec.latent.has_value();
  const std::int64_t alike =
      latent ? parallelism.tp : parallelism.tp / std::max<std::int64_t>(1, inputs.spec.kv_heads);
  parallelism.sp = std::clamp<std::int64_t>(arguments.decode_context_parallel_size.value_or(1), 1,
                                            std::max<std::int64_t>(1, alike));
  if (arguments.enable_expert_parallel && inputs.spec.experts) {
    parallelism.moe_tp = 1;
    parallelism.moe_ep = saturating_mul(parallelism.tp, parallelism.dp);
  }
  // vLLM-Ascend cannot tell vLLM its memory, so that vLLM takes its defaults for small devices on every NPU.
  take(inputs.max_prefill_tokens, arguments.max_num_batched_tokens, "max-num-batched-tokens", arguments,
       2048);
  take(inputs.max_num_seqs, arguments.max_num_seqs, "max-num-seqs", arguments, 256);
  take(inputs.block_size_tokens, arguments.block_size, "block-size", arguments, 128);
  if (arguments.gpu_memory_utilization) {
    inputs.memory_fraction = {.value = *arguments.gpu_memory_utilization,
                              .source = fmt::format("{}: --gpu-memory-utilization", arguments.source),
                              .assumed = false};
  } else {
    inputs.memory_fraction = {.value = 0.9, .source = "gpu_memory_utilization is not set; vLLM takes 0.9"};
  }
  const bool narrow = arguments.kv_cache_dtype &&
                      (arguments.kv_cache_dtype->starts_with("fp8") || *arguments.kv_cache_dtype == "int8");
  if (narrow) {
    inputs.kv_element_bytes = {
        .value = 1, .source = fmt::format("{}: --kv-cache-dtype", arguments.source), .assumed = false};
  }
  inputs.hybrid_kv_cache = arguments.hybrid_kv_cache;
  // An EAGLE head is one layer like those of the model; the layers of multi-token prediction come with it.
  const bool eagle = arguments.speculative_method.starts_with("eagle");
  if (arguments.num_speculative_tokens > 0 && (eagle || inputs.spec.mtp_layers > 0)) inputs.draft_layers = 1;
  if (eagle && inputs.draft_layers > 0)
    inputs.spec.eagle = assumed_eagle_head(inputs.spec, arguments.speculative_method == "eagle3");
}

Json to_facts(const VllmArguments& arguments) {
  Json facts = {{"engine", "vllm-ascend"},
                {"source", arguments.source},
                {"enforce_eager", arguments.enforce_eager},
                {"enable_expert_parallel", arguments.enable_expert_parallel}};
  put(facts, "model_weight_path", arguments.model);
  put(facts, "tp", arguments.tensor_parallel_size);
  put(facts, "pp", arguments.pipeline_parallel_size);
  put(facts, "dp", arguments.data_parallel_size);
  put(facts, "max_seq_len_tokens", arguments.max_model_len);
  put(facts, "max_num_seqs", arguments.max_num_seqs);
  put(facts, "max_num_batched_tokens", arguments.max_num_batched_tokens);
  put(facts, "cache_block_size_tokens", arguments.block_size);
  put(facts, "gpu_memory_utilization", arguments.gpu_memory_utilization);
  return facts;
}

std::string launch_command(const VllmArguments& arguments,
                           const std::vector<std::pair<std::string, std::string>>& changes) {
  std::string command;
  for (const auto& [name, value] : arguments.environment)
    command += fmt::format("export {}={}\n", name, shell_quote(value));
  command += fmt::format("vllm serve {}", shell_quote(arguments.model.value_or("MODEL")));
  const auto changed = [&](const std::string& name) {
    return std::find_if(changes.begin(), changes.end(),
                        [&](const auto& change) { return change.first == name; });
  };
  for (const auto& [name, value] : arguments.options) {
    if (name == "model") continue;
    const auto change = changed(name);
    command += " \\\n  " + shell_quote("--" + name);
    if (change != changes.end()) {
      command += " " + shell_quote(change->second);
    } else if (value) {
      command += " " + shell_quote(*value);
    }
  }
  for (const auto& [name, value] : changes) {
    if (!states(arguments, name)) command += fmt::format(" \\\n  --{} {}", name, shell_quote(value));
  }
  return command + "\n";
}

}  // namespace ms
