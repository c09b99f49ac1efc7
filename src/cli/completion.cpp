#include "cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

#include "base/text.hpp"

namespace ms {
namespace {

enum class Files { none, any, folders, behind_equals };

// What can be completed for a value.
struct Value {
  std::vector<std::string> words;
  Files files = Files::none;
};

Files files_of(std::string_view metavar) {
  if (metavar == "DIR") return Files::folders;
  if (metavar == "FORMAT=FILE") return Files::behind_equals;
  return metavar == "FILE" || metavar == "PATH" || metavar == "PROFILE" ? Files::any : Files::none;
}

Value value_of(const OptionDoc& option, const CompletionWords& words) {
  Value value{option.choices, files_of(option.metavar)};
  auto known = option.names.empty() ? words.end() : words.find(option.names.back());
  if (known == words.end()) known = words.find(option.metavar);
  if (known != words.end()) value.words.insert(value.words.end(), known->second.begin(), known->second.end());
  return value;
}

std::vector<std::string> command_names(const CommandDoc& command) {
  std::vector<std::string> names;
  for (const CommandDoc& inner : command.commands) names.push_back(inner.path.back());
  return names;
}

// "rules/list"; "" for the tool itself.
std::string path_of(const CommandDoc& command) {
  return fmt::format("{}", fmt::join(command.path.begin() + 1, command.path.end(), "/"));
}

// One line, without what a shell or a completion system takes for its own.
std::string plain(std::string_view text, std::string_view reserved) {
  std::string result;
  for (const char c : text) result += reserved.find(c) == reserved.npos ? c : ' ';
  return result;
}

// --- bash -------------------------------------------------------------------------------------------------

// Bash parts words at ':' and '=' (COMP_WORDBREAKS); the script puts them together again, and gives back only
// the part behind the last of these, which is the one that bash replaces.
constexpr std::string_view kBashFrame =
    R"(# Completion of {0} for bash. Written by '{0} completion bash'; source it, or install it as
# share/bash-completion/completions/{0}.
_{0}() {{
  local line=${{COMP_LINE:0:COMP_POINT}} words=() path="" i
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  for ((i = 1; i < ${{#words[@]}} - 1; i++)); do
    case "$path/${{words[i]}}" in
{1}    esac
  done
  local value=${{words[-1]}} option="" choices="" files=""
  if [[ $value == --*=* ]]; then
    option=${{value%%=*}} value=${{value#*=}}
  elif ((${{#words[@]}} > 2)) && [[ ${{words[-2]}} == -* ]]; then
    option=${{words[-2]}}
  fi
  case "$path:$option" in
{2}    *)
      if [[ $value == -* ]]; then
        case "$path" in
{3}        esac
      else
        case "$path" in
{4}        esac
      fi
      ;;
  esac
  COMPREPLY=()
  if [[ $files == behind && $value == *=* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "${{value#*=}}")
    compopt -o filenames 2> /dev/null
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$value")
  case "$files" in
    any) mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$value") ;;
    folders) mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -d -- "$value") ;;
    behind) compopt -o nospace 2> /dev/null ;;
  esac
  [[ -n $files && $files != behind ]] && compopt -o filenames 2> /dev/null
  local cut="" char
  for char in : =; do
    [[ $COMP_WORDBREAKS == *"$char"* && $value == *"$char"* && ${{#value}} -gt ${{#cut}} ]] || continue
    cut=${{value%"${{value##*"$char"}}"}}
  done
  COMPREPLY=("${{COMPREPLY[@]#"$cut"}}")
}}
complete -F _{0} {0}
)";

std::string_view bash_files(Files files) {
  constexpr std::array<std::string_view, 4> kNames = {"", "any", "folders", "behind"};
  return kNames[static_cast<std::size_t>(files)];
}

std::string bash_value(const Value& value) {
  return fmt::format("choices={} files={}", shell_quote(fmt::format("{}", fmt::join(value.words, " "))),
                     value.files == Files::none ? "''" : bash_files(value.files));
}

std::string bash_script(const CommandDoc& root, const CompletionWords& words) {
  std::string paths;
  std::string values;
  std::string options;
  std::string positionals;
  for (const CommandDoc* command : all_commands(root)) {
    const std::string path = path_of(*command);
    const std::string own = path.empty() ? "" : "/" + path;
    if (!path.empty()) paths += fmt::format("      {0}) path={0} ;;\n", own);
    std::vector<std::string> names;
    for (const OptionDoc& option : command->options) {
      names.insert(names.end(), option.names.begin(), option.names.end());
      if (!option.takes_value()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) patterns.push_back(fmt::format("{}:{}", own, name));
      values +=
          fmt::format("    {}) {} ;;\n", fmt::join(patterns, " | "), bash_value(value_of(option, words)));
    }
    const std::string pattern = own.empty() ? "''" : own;
    options += fmt::format("          {}) choices={} ;;\n", pattern,
                           shell_quote(fmt::format("{}", fmt::join(names, " "))));
    Value first{command_names(*command)};
    for (const OptionDoc& positional : command->positionals) {
      const Value value = value_of(positional, words);
      first.words.insert(first.words.end(), value.words.begin(), value.words.end());
      if (value.files != Files::none) first.files = value.files;
    }
    positionals += fmt::format("          {}) {} ;;\n", pattern, bash_value(first));
  }
  return fmt::format(kBashFrame, root.path.front(), paths, values, options, positionals);
}

// --- zsh --------------------------------------------------------------------------------------------------

std::string zsh_text(std::string_view text) {
  return plain(text, "'[]:\\`$\"");
}

std::string zsh_action(const Value& value) {
  std::vector<std::string> quoted;
  for (const std::string& word : value.words) {
    std::string escaped;
    for (const char c : word) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
    quoted.push_back(escaped);
  }
  const std::string words = fmt::format("{}", fmt::join(quoted, " "));
  switch (value.files) {
    case Files::folders:
      return "_files -/";
    case Files::behind_equals:
      return fmt::format("_values -S = format {}", fmt::join(value.words, " "));
    case Files::any:
      return words.empty() ? "_files" : fmt::format("{{compadd -- {}; _files}}", fmt::join(value.words, " "));
    case Files::none:
      break;
  }
  return words.empty() ? " " : fmt::format("({})", words);
}

std::string zsh_function(const CommandDoc& command) {
  return fmt::format("_{}", fmt::join(command.path, "_"));
}

std::string zsh_command(const CommandDoc& command, const CompletionWords& words) {
  std::string text = fmt::format("{}() {{\n", zsh_function(command));
  if (!command.commands.empty()) text += "  local -a commands\n  local state\n";
  text += "  _arguments -s";
  if (!command.commands.empty()) text += " -C";
  for (const OptionDoc& option : command.options) {
    for (const std::string& name : option.names) {
      const std::string_view equals = option.takes_value() && name.starts_with("--") ? "=" : "";
      text += fmt::format(" \\\n    '*{}{}[{}]", name, equals, zsh_text(option.what));
      if (option.takes_value())
        text += fmt::format(":{}:{}", zsh_text(option.metavar), zsh_action(value_of(option, words)));
      text += "'";
    }
  }
  for (const OptionDoc& positional : command.positionals) {
    text += fmt::format(" \\\n    '*:{}:{}'", zsh_text(positional.metavar),
                        zsh_action(value_of(positional, words)));
  }
  if (command.commands.empty()) return text + "\n}\n\n";
  text +=
      " \\\n    '1: :->command' \\\n    '*:: :->rest'\n  case $state in\n    command)\n      commands=(\n";
  for (const CommandDoc& inner : command.commands)
    text += fmt::format("        '{}:{}'\n", inner.path.back(), zsh_text(inner.what));
  text += "      )\n      _describe command commands\n      ;;\n    rest)\n      case $words[1] in\n";
  for (const CommandDoc& inner : command.commands)
    text += fmt::format("        {}) {} ;;\n", inner.path.back(), zsh_function(inner));
  return text + "      esac\n      ;;\n  esac\n}\n\n";
}

std::string zsh_script(const CommandDoc& root, const CompletionWords& words) {
  const std::string& tool = root.path.front();
  std::string text = fmt::format(
      "#compdef {0}\n# Completion of {0} for zsh. Written by '{0} completion zsh'; "
      "install it as _{0} in a folder of $fpath.\n\n",
      tool);
  for (const CommandDoc* command : all_commands(root)) text += zsh_command(*command, words);
  // Run when it is loaded by the completion system, defined when it is sourced.
  return text +
         fmt::format("if [[ $funcstack[1] == _{0} ]]; then\n  _{0} \"$@\"\nelse\n  compdef _{0} {0}\nfi\n",
                     tool);
}

// --- fish -------------------------------------------------------------------------------------------------

std::string fish_quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// Under which command line a completion is offered.
std::string fish_condition(const CommandDoc& command) {
  std::string condition;
  for (auto name = command.path.begin() + 1; name != command.path.end(); ++name) {
    condition += fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ", *name);
  }
  if (!command.commands.empty()) {
    condition += fmt::format("{}not __fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ",
                             fmt::join(command_names(command), " "));
  }
  return condition.empty() ? "" : fmt::format(" -n {}", fish_quote(condition));
}

std::string fish_value(const Value& value) {
  const std::string words = fmt::format("{}", fmt::join(value.words, " "));
  std::string text;
  if (value.files == Files::folders) return " -x -a '(__fish_complete_directories)'";
  text += value.files == Files::none ? " -x" : " -r -F";
  if (!words.empty()) text += fmt::format(" -a {}", fish_quote(words));
  return text;
}

std::string fish_script(const CommandDoc& root, const CompletionWords& words) {
  const std::string& tool = root.path.front();
  std::string text = fmt::format(
      "# Completion of {0} for fish. Written by '{0} completion fish'; install it as "
      "vendor_completions.d/{0}.fish.\ncomplete -c {0} -f\n",
      tool);
  for (const CommandDoc* command : all_commands(root)) {
    const std::string where = fish_condition(*command);
    for (const CommandDoc& inner : command->commands) {
      text += fmt::format("complete -c {}{} -a {} -d {}\n", tool, where, inner.path.back(),
                          fish_quote(inner.what));
    }
    for (const OptionDoc& option : command->options) {
      std::string names;
      for (const std::string& name : option.names)
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      text += fmt::format("complete -c {}{}{}{} -d {}\n", tool, where, names,
                          option.takes_value() ? fish_value(value_of(option, words)) : "",
                          fish_quote(option.what));
    }
    for (const OptionDoc& positional : command->positionals) {
      const Value value = value_of(positional, words);
      if (value.words.empty() && value.files == Files::none) continue;
      text +=
          fmt::format("complete -c {}{}{} -d {}\n", tool, where,
                      value.files != Files::none
                          ? " -F"
                          : fmt::format(" -a {}", fish_quote(fmt::format("{}", fmt::join(value.words, " ")))),
                      fish_quote(positional.what));
    }
  }
  return text;
}

}  // namespace

std::string completion_script(std::string_view shell, const CommandDoc& root, const CompletionWords& words) {
  if (shell == "bash") return bash_script(root, words);
  if (shell == "zsh") return zsh_script(root, words);
  assert(shell == "fish");
  return fish_script(root, words);
}

}  // namespace ms
