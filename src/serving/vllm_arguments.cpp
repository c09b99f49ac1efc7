#include "serving/vllm_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kShortNames = {{
    {"-tp", "tensor_parallel_size"},
    {"-dp", "data_parallel_size"},
    {"-pp", "pipeline_parallel_size"},
    {"-pcp", "prefill_context_parallel_size"},
    {"-dcp", "decode_context_parallel_size"},
    {"-dpn", "data_parallel_rank"},
    {"-dpl", "data_parallel_size_local"},
    {"-dpa", "data_parallel_address"},
    {"-q", "quantization"},
    {"-cc", "compilation_config"},
}};

std::string argument_name(std::string_view word) {
  for (const auto& [brief, name] : kShortNames) {
    if (word == brief) return std::string(name);
  }
  std::string name(word.substr(word.find_first_not_of('-')));
  // What follows a dot is a key of JSON and keeps its spelling.
  std::replace(name.begin(),
               name.begin() + static_cast<std::ptrdiff_t>(std::min(name.find('.'), name.size())), '-', '_');
  return name;
}

bool is_argument(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  const auto letter = word.find_first_not_of('-');
  // "-1" is a value.
  return letter != word.npos && std::isalpha(static_cast<unsigned char>(word[letter])) != 0;
}

void set_argument(Json& tree, std::string_view name, std::string value) {
  const auto dot = name.find('.');
  if (dot == name.npos) {
    tree[std::string(name)] = std::move(value);
    return;
  }
  Json& member = tree[std::string(name.substr(0, dot))];
  if (member.is_string()) member = Json::parse(member.get<std::string>(), nullptr, false);
  if (!member.is_object()) member = Json::object();
  const Json parsed = Json::parse(value, nullptr, false);
  set_argument(member, name.substr(dot + 1), value);
  if (name.find('.', dot + 1) == name.npos && !parsed.is_discarded())
    member[std::string(name.substr(dot + 1))] = parsed;
}

// The first word that is vLLM's: after "serve", or after the module or script.
std::size_t first_argument(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "serve" && i > 0 && words[i - 1].ends_with("vllm")) return i + 1;
    if (word.find("vllm.entrypoints") != word.npos || word.ends_with("api_server.py")) return i + 1;
  }
  return 0;
}

}  // namespace

std::vector<std::string> shell_words(std::string_view command, const std::string& source) {
  std::vector<std::string> words;
  std::string word;
  bool is_word = false;
  char quote = 0;
  std::size_t quote_at = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < command.size();
    if (escapes && command[i + 1] == '\n') {
      ++i;
    } else if (escapes && (quote == 0 || command[i + 1] == '"' || command[i + 1] == '\\')) {
      word += command[++i];
      is_word = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      quote_at = i;
      is_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (is_word) words.push_back(std::move(word));
      word.clear();
      is_word = false;
    } else {
      word += c;
      is_word = true;
    }
  }
  if (quote != 0) {
    throw InputError(source, position_of(command, quote_at),
                     fmt::format("the quote {} is not closed", quote));
  }
  if (is_word) words.push_back(std::move(word));
  return words;
}

ServingDocument vllm_document(const std::vector<std::string>& words, const std::string& source) {
  ServingDocument document{
      .kind = "vllm", .file = source, .tree = Json::object(), .places = {}, .is_text = true};
  std::size_t i = first_argument(words);
  for (; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "&" || word == "|" || word == ";" || word == ">" || word == "2>&1") break;
    if (!is_argument(word)) {
      if (!document.tree.contains("model")) document.tree["model"] = word;
      continue;
    }
    const auto equals = word.find('=');
    std::string name = argument_name(std::string_view(word).substr(0, equals));
    if (equals != word.npos) {
      set_argument(document.tree, name, word.substr(equals + 1));
    } else if (i + 1 < words.size() && !is_argument(words[i + 1]) && words[i + 1] != "&") {
      set_argument(document.tree, name, words[++i]);
    } else if (name.starts_with("no_")) {
      set_argument(document.tree, name.substr(3), "false");
    } else {
      set_argument(document.tree, name, "true");
    }
  }
  return document;
}

ServingDocument vllm_document(std::string_view command, const std::string& source) {
  return vllm_document(shell_words(command, source), source);
}

ServingDocument vllm_document(const ServingDocument& yaml) {
  ServingDocument document{
      .kind = "vllm", .file = yaml.file, .tree = Json::object(), .places = {}, .is_text = true};
  if (!yaml.tree.is_object()) return document;
  for (const auto& [name, value] : yaml.tree.items()) {
    const std::string right = argument_name(name);
    document.tree[right] = value;
    if (const auto place = yaml.places.find(name); place != yaml.places.end())
      document.places[right] = place->second;
  }
  return document;
}

}  // namespace ms
