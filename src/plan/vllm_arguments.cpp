#include "plan/vllm_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

using Count = std::optional<std::int64_t> VllmArguments::*;

struct CountOption {
  std::string_view name;
  std::string_view brief;  // as a person may write it; empty without
  Count member;
};
constexpr std::array kCounts = {
    CountOption{"tensor-parallel-size", "tp", &VllmArguments::tensor_parallel_size},
    CountOption{"pipeline-parallel-size", "pp", &VllmArguments::pipeline_parallel_size},
    CountOption{"data-parallel-size", "dp", &VllmArguments::data_parallel_size},
    CountOption{"decode-context-parallel-size", "dcp", &VllmArguments::decode_context_parallel_size},
    CountOption{"max-model-len", "", &VllmArguments::max_model_len},
    CountOption{"max-num-seqs", "", &VllmArguments::max_num_seqs},
    CountOption{"max-num-batched-tokens", "", &VllmArguments::max_num_batched_tokens},
    CountOption{"block-size", "", &VllmArguments::block_size},
};

// Options without a value; all others take one.
constexpr std::array<std::string_view, 22> kFlags = {"enable-expert-parallel",
                                                     "enforce-eager",
                                                     "trust-remote-code",
                                                     "enable-prefix-caching",
                                                     "no-enable-prefix-caching",
                                                     "enable-chunked-prefill",
                                                     "no-enable-chunked-prefill",
                                                     "async-scheduling",
                                                     "no-async-scheduling",
                                                     "enable-auto-tool-choice",
                                                     "headless",
                                                     "disable-log-requests",
                                                     "disable-log-stats",
                                                     "no-enable-log-requests",
                                                     "enable-log-requests",
                                                     "enable-lora",
                                                     "enable-eplb",
                                                     "data-parallel-hybrid-lb",
                                                     "data-parallel-external-lb",
                                                     "enable-sleep-mode",
                                                     "skip-tokenizer-init",
                                                     "disable-uvicorn-access-log"};

constexpr std::size_t kMostWords = 10'000;

std::string plain_option(std::string_view word) {
  while (word.starts_with('-')) word.remove_prefix(1);
  std::string name(word);
  std::replace(name.begin(), name.end(), '_', '-');
  for (const CountOption& option : kCounts) {
    if (!option.brief.empty() && name == option.brief) return std::string(option.name);
  }
  return name;
}

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
  if (!count || *count > (std::int64_t{1} << 40)) return std::nullopt;
  return *count * unit;
}

bool is_name(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// The words of a script, simple assignments put in place of their variables. A command ends with an empty
// word.
class Words {
 public:
  Words(std::string_view text, std::map<std::string, std::string>& variables)
      : text_(text), variables_(variables) {}

  std::vector<std::string> read() {
    while (at_ < text_.size() && words_.size() < kMostWords) step();
    finish_word();
    return std::move(words_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (quote_ != 0) return quoted(c);
    if (c == '\\' && at_ + 1 < text_.size()) {
      const bool carriage = text_[at_ + 1] == '\r' && at_ + 2 < text_.size() && text_[at_ + 2] == '\n';
      if (text_[at_ + 1] != '\n' && !carriage) add(text_[at_ + 1]);
      at_ += carriage ? 3 : 2;
      return;
    }
    if (c == '\'' || c == '"') {
      quote_ = c;
      started_ = true;
    } else if (c == '$') {
      return variable();
    } else if (c == '#' && !started_) {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      return;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      finish_word();
    } else if (c == '\n' || c == ';' || c == '|' || c == '&' || c == '>' || c == '<') {
      finish_word();
      if (words_.empty() || !words_.back().empty()) words_.emplace_back();
      assigning_ = true;
    } else {
      add(c);
    }
    ++at_;
  }

  void quoted(char c) {
    if (c == quote_) {
      quote_ = 0;
    } else if (c == '$' && quote_ == '"') {
      return variable();
    } else {
      add(c);
    }
    ++at_;
  }

  void variable() {
    std::size_t from = at_ + 1;
    const bool braces = from < text_.size() && text_[from] == '{';
    if (braces) ++from;
    std::size_t to = from;
    while (to < text_.size() && is_name(text_.substr(from, to - from + 1))) ++to;
    const auto found = variables_.find(std::string(text_.substr(from, to - from)));
    const std::size_t end = std::min(text_.size(), to + (braces ? 1 : 0));
    started_ = true;
    word_ += found != variables_.end() ? found->second : std::string(text_.substr(at_, end - at_));
    at_ = std::max(end, at_ + 1);
  }

  void add(char c) {
    word_ += c;
    started_ = true;
  }

  void finish_word() {
    if (!started_) return;
    started_ = false;
    const auto equals = word_.find('=');
    const bool assigns = assigning_ && equals != word_.npos && is_name(word_.substr(0, equals));
    if (assigns) variables_[word_.substr(0, equals)] = word_.substr(equals + 1);
    if (!assigns && word_ != "export" && word_ != "env") assigning_ = false;
    words_.push_back(std::move(word_));
    word_.clear();
  }

  std::string_view text_;
  std::map<std::string, std::string>& variables_;
  std::vector<std::string> words_;
  std::string word_;
  std::size_t at_ = 0;
  char quote_ = 0;
  bool started_ = false;
  bool assigning_ = true;  // the words so far are assignments
};

class Reader {
 public:
  explicit Reader(const std::string& source) { arguments_.source = source; }

  // Words of a script; takes the command that starts vLLM.
  bool take_script(std::string_view text) {
    std::map<std::string, std::string> variables;
    const std::vector<std::string> words = Words(text, variables).read();
    const auto start = command_start(words);
    if (!start) return false;
    take_environment(words, *start);
    take_options(words, *start);
    return true;
  }

  void take(const std::string& name, const std::optional<std::string>& value) {
    arguments_.options.emplace_back(name, value);
    const bool on = !value || *value == "true" || *value == "True";
    if (name == "model" && value) arguments_.model = *value;
    if (name == "kv-cache-dtype" && value) arguments_.kv_cache_dtype = *value;
    if (name == "enable-expert-parallel") arguments_.enable_expert_parallel = on;
    if (name == "enforce-eager") arguments_.enforce_eager = on;
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

  static std::optional<std::size_t> command_start(const std::vector<std::string>& words) {
    std::optional<std::size_t> options;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      const bool is_vllm = word == "vllm" || word.ends_with("/vllm");
      if (is_vllm && i + 1 < words.size() && words[i + 1] == "serve") return i + 2;
      if (word.find("api_server") != word.npos) return i + 1;
      if (!options && word.starts_with("-") && (i == 0 || words[i - 1].empty())) options = i;
    }
    return options;
  }

  void take_environment(const std::vector<std::string>& words, std::size_t start) {
    bool leading = true;
    for (std::size_t i = 0; i < start; ++i) {
      const std::string& word = words[i];
      if (word.empty()) {
        leading = true;
        continue;
      }
      const auto equals = word.find('=');
      const bool assigns = equals != word.npos && is_name(word.substr(0, equals));
      const bool exported = i > 0 && words[i - 1] == "export";
      const bool before_command =
          leading && std::find(words.begin() + static_cast<std::ptrdiff_t>(i),
                               words.begin() + static_cast<std::ptrdiff_t>(start),
                               std::string()) == words.begin() + static_cast<std::ptrdiff_t>(start);
      if (assigns && (exported || before_command))
        arguments_.environment.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      if (!assigns && word != "export") leading = false;
    }
  }

  void take_options(const std::vector<std::string>& words, std::size_t start) {
    for (std::size_t i = start; i < words.size() && !words[i].empty(); ++i) {
      const std::string& word = words[i];
      if (!word.starts_with("-")) {
        if (!arguments_.model) arguments_.model = word;
        continue;
      }
      const auto equals = word.find('=');
      if (equals != word.npos) {
        take(plain_option(std::string_view(word).substr(0, equals)), word.substr(equals + 1));
        continue;
      }
      const std::string name = plain_option(word);
      const bool flag = std::find(kFlags.begin(), kFlags.end(), name) != kFlags.end();
      const bool followed = i + 1 < words.size() && !words[i + 1].empty() && !words[i + 1].starts_with("--");
      if (flag || !followed) {
        take(name, std::nullopt);
      } else {
        take(name, words[++i]);
      }
    }
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
    if (value->is_scalar() && !value->is_null()) reader.take(plain_option(key), value->text);
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

template <class T>
void put(Json& facts, const char* name, const std::optional<T>& value) {
  if (value) facts[name] = *value;
}

}  // namespace

VllmArguments read_vllm_arguments(std::string_view text, const std::string& source) {
  Reader reader(source);
  if (reader.take_script(text)) return reader.finish();
  // Prose before the command may hold an apostrophe that opens a quotation which never ends.
  const auto command = text.find("vllm serve");
  if (command != text.npos) {
    const auto line = text.rfind('\n', command);
    if (reader.take_script(text.substr(line == text.npos ? 0 : line + 1))) return reader.finish();
  }
  return read_yaml_arguments(text, source);
}

void apply_vllm(PlanInputs& inputs, const VllmArguments& arguments) {
  Parallelism& parallelism = inputs.parallelism;
  parallelism = {.tp = arguments.tensor_parallel_size.value_or(1),
                 .dp = arguments.data_parallel_size.value_or(1),
                 .pp = arguments.pipeline_parallel_size.value_or(1)};
  // Decode context parallel spreads the tokens of a request over ranks of the tensor-parallel group.
  parallelism.sp = arguments.decode_context_parallel_size.value_or(1);
  if (arguments.enable_expert_parallel && inputs.spec.experts) {
    parallelism.moe_tp = 1;
    parallelism.moe_ep = parallelism.tp * parallelism.dp;
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
  // An EAGLE head is one layer like those of the model; the layers of multi-token prediction come with it.
  const bool eagle = arguments.speculative_method.starts_with("eagle");
  if (arguments.num_speculative_tokens > 0 && (eagle || inputs.spec.mtp_layers > 0)) inputs.draft_layers = 1;
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
    command += fmt::format(" \\\n  --{}", name);
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
