#include "probe/recording.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ms {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The length of the variable name that a line starts with, when '=' follows it; 0 otherwise.
std::size_t name_length(std::string_view line) {
  if (line.empty() || !is_letter(line[0])) return 0;
  const auto equals = line.find('=');
  if (equals == line.npos) return 0;
  // Bash writes exported functions as BASH_FUNC_name%%=() {...
  const bool plain = std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(equals),
                                 [](char c) { return is_letter(c) || is_digit(c) || c == '%' || c == '.'; });
  return plain ? equals : 0;
}

}  // namespace

std::string recorded_name(std::string_view command_line_or_file) {
  std::string_view text = trim(command_line_or_file);
  const auto program_end = text.find(' ');
  const auto slash = text.substr(0, program_end).rfind('/');
  if (slash != text.npos) text.remove_prefix(slash + 1);
  const std::string lower = to_lower(text);
  std::string_view kept = lower;
  for (const std::string_view extension : {".txt", ".out", ".log"}) {
    if (kept.ends_with(extension)) {
      kept.remove_suffix(extension.size());
      break;
    }
  }
  std::string name;
  for (const char c : kept) {
    if ((c >= 'a' && c <= 'z') || is_digit(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  if (name.ends_with('-')) name.pop_back();
  return name;
}

std::map<std::string, std::string> parse_environment(std::string_view text) {
  std::map<std::string, std::string> variables;
  const bool nul_separated = text.find('\0') != text.npos;
  std::string* last = nullptr;
  for (std::string_view entry : nul_separated ? split(text, '\0') : split_lines(text)) {
    if (!nul_separated) {
      for (const std::string_view word : {"export ", "declare -x "}) {
        if (entry.starts_with(word)) entry.remove_prefix(word.size());
      }
    }
    const std::size_t length = name_length(entry);
    if (length > 0) {
      const auto [variable, is_new] =
          variables.emplace(entry.substr(0, length), sanitize_utf8(entry.substr(length + 1)));
      last = is_new ? &variable->second : nullptr;
    } else if (last != nullptr && !nul_separated) {
      *last += '\n' + sanitize_utf8(entry);
    }
  }
  return variables;
}

}  // namespace ms
