#include "serving/vllm_command.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace ms {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kShortNames = {{
    {"tp", "tensor-parallel-size"},
    {"dp", "data-parallel-size"},
    {"pp", "pipeline-parallel-size"},
    {"pcp", "prefill-context-parallel-size"},
    {"dcp", "decode-context-parallel-size"},
    {"dpl", "data-parallel-size-local"},
    {"dpa", "data-parallel-address"},
    {"q", "quantization"},
    {"cc", "compilation-config"},
}};

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

// Stands among the words where a command ends. No word holds a zero byte.
constexpr std::string_view kEndOfCommand("\0", 1);

bool is_name(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// The words of a script, simple assignments put in place of their variables. A command ends with
// kEndOfCommand.
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
      if (words_.empty() || words_.back() != kEndOfCommand) words_.emplace_back(kEndOfCommand);
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
    if (c != '\0') word_ += c;
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

// "vllm.entrypoints.openai.api_server" or its file, and no variable that holds such a name.
bool is_server_module(std::string_view word) {
  return (word.ends_with("api_server") || word.ends_with("api_server.py")) && word.find('=') == word.npos;
}

std::optional<std::size_t> command_start(const std::vector<std::string>& words) {
  std::optional<std::size_t> options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool is_vllm = word == "vllm" || word.ends_with("/vllm");
    if (is_vllm && i + 1 < words.size() && words[i + 1] == "serve") return i + 2;
    if (is_server_module(word)) return i + 1;
    if (!options && word.starts_with("-") && (i == 0 || words[i - 1] == kEndOfCommand)) options = i;
  }
  return options;
}

void take_environment(const std::vector<std::string>& words, std::size_t start, VllmCommand& command) {
  bool leading = true;
  for (std::size_t i = 0; i < start; ++i) {
    const std::string& word = words[i];
    if (word == kEndOfCommand) {
      leading = true;
      continue;
    }
    const auto equals = word.find('=');
    const bool assigns = equals != word.npos && is_name(word.substr(0, equals));
    const bool exported = i > 0 && words[i - 1] == "export";
    const bool before_command =
        leading && std::find(words.begin() + static_cast<std::ptrdiff_t>(i),
                             words.begin() + static_cast<std::ptrdiff_t>(start),
                             kEndOfCommand) == words.begin() + static_cast<std::ptrdiff_t>(start);
    if (assigns && (exported || before_command))
      command.environment.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    if (!assigns && word != "export") leading = false;
  }
}

void take_options(const std::vector<std::string>& words, std::size_t start, VllmCommand& command) {
  for (std::size_t i = start; i < words.size() && words[i] != kEndOfCommand; ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("-")) {
      if (!command.model) command.model = word;
      continue;
    }
    const auto equals = word.find('=');
    if (equals != word.npos) {
      command.options.emplace_back(vllm_option_name(std::string_view(word).substr(0, equals)),
                                   word.substr(equals + 1));
      continue;
    }
    const std::string name = vllm_option_name(word);
    const bool flag = std::find(kFlags.begin(), kFlags.end(), name) != kFlags.end();
    const bool followed =
        i + 1 < words.size() && words[i + 1] != kEndOfCommand && !words[i + 1].starts_with("--");
    if (flag || !followed) {
      command.options.emplace_back(name, std::nullopt);
    } else {
      command.options.emplace_back(name, words[++i]);
    }
  }
}

std::optional<VllmCommand> read_from(std::string_view text) {
  std::map<std::string, std::string> variables;
  const std::vector<std::string> words = Words(text, variables).read();
  const auto start = command_start(words);
  if (!start) return std::nullopt;
  VllmCommand command;
  take_environment(words, *start, command);
  take_options(words, *start, command);
  return command;
}

}  // namespace

std::optional<VllmCommand> read_vllm_command(std::string_view text) {
  if (auto command = read_from(text)) return command;
  // Prose before the command may hold an apostrophe that opens a quotation which never ends.
  const auto start = text.find("vllm serve");
  if (start == text.npos) return std::nullopt;
  const auto line = text.rfind('\n', start);
  return read_from(text.substr(line == text.npos ? 0 : line + 1));
}

std::string vllm_option_name(std::string_view word) {
  while (word.starts_with('-')) word.remove_prefix(1);
  std::string name(word);
  std::replace(name.begin(),
               name.begin() + static_cast<std::ptrdiff_t>(std::min(name.find('.'), name.size())), '_', '-');
  for (const auto& [brief, full] : kShortNames) {
    if (name == brief) return std::string(full);
  }
  return name;
}

}  // namespace ms
