#include "probe/environment_file.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "probe/collect_env.hpp"
#include "probe/recording.hpp"

namespace ms {
namespace {

constexpr std::string_view kExpected =
    "expected the output of 'env' or 'export -p', a Kubernetes manifest, the output of 'docker inspect', or "
    "a "
    "Compose file";

bool is_container_file(std::string_view text) {
  const std::string_view start = trim(text);
  if (start.starts_with('{') || start.starts_with('[')) return true;
  static const RE2 head(R"((?m)(^(?:---|(?:apiVersion|kind|metadata|spec|services|items):(?:\s|$))))");
  static const RE2 variable(R"((?m)^(?:export +)?[A-Za-z_][A-Za-z0-9_]*=)");
  re2::StringPiece found;
  if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), head, &found)) return false;
  // A variable may well hold YAML, but no manifest starts with a variable.
  const re2::StringPiece before(text.data(), static_cast<std::size_t>(found.data() - text.data()));
  return !RE2::PartialMatch(before, variable);
}

// Assignments as a shell writes and reads them: NAME=word, the word quoted or not.
class ShellAssignments {
 public:
  ShellAssignments(std::string_view text, std::vector<FileVariable>& variables)
      : text_(text), variables_(variables) {}

  // Reads the words of the command that begins at byte `at`, which may go on over several lines inside
  // quotes. Returns where it ends: at the end of a line.
  std::size_t read(std::size_t at, int line) {
    at_ = at;
    line_ = line;
    while (at_ < text_.size() && text_[at_] != '\n') {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\r' || c == ';' || c == '&' || c == '|') {
        ++at_;
      } else {
        word();
      }
    }
    return at_;
  }

 private:
  void word() {
    const int line = line_;
    const std::size_t line_end = std::min(text_.find('\n', at_), text_.size());
    quote_end_ = unclosed_ < kMaxUnclosed ? text_.size() : line_end;
    closed_ = true;
    std::string text;
    unexpanded_.clear();
    while (at_ < text_.size() && closed_) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '&' || c == '|') break;
      if (c == '\'') {
        single_quoted(text);
      } else if (c == '"') {
        double_quoted(text);
      } else if (c == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        ++at_;
        ansi_quoted(text);
      } else if (c == '\\' && at_ + 1 < text_.size()) {
        if (text_[at_ + 1] == '\n') {
          ++line_;
        } else {
          text += text_[at_ + 1];
        }
        at_ += 2;
      } else {
        take(text, true);
      }
    }
    static const RE2 assignment(R"((?s)([A-Za-z_][A-Za-z0-9_]*)=(.*))");
    std::string name;
    std::string value;
    const bool assigns = RE2::FullMatch(text, assignment, &name, &value);
    if (!closed_) {
      // The lines below are read as if this one were whole.
      ++unclosed_;
      at_ = line_end;
      line_ = line;
      if (assigns) variables_.push_back({name, Absent{"the quote of its value is not closed"}, line});
      return;
    }
    if (!assigns) return;
    if (unexpanded_.empty()) {
      variables_.push_back({name, sanitize_utf8(value), line});
    } else {
      variables_.push_back(
          {name, Absent{fmt::format("the shell that runs this line fills in '{}'", unexpanded_)}, line});
    }
  }

  // One character; where `expands`, a '$' or '`' asks the shell for something that is not known here.
  void take(std::string& text, bool expands) {
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    text += c;
    if (!expands || (c != '$' && c != '`') || !unexpanded_.empty()) return;
    const std::size_t end = text_.find_first_of(" \t\r\n\"';", at_);
    unexpanded_ = sanitize_utf8(text_.substr(at_ - 1, std::min<std::size_t>(end - at_ + 1, 40)));
  }

  void single_quoted(std::string& text) {
    ++at_;
    while (at_ < quote_end_ && text_[at_] != '\'') take(text, false);
    close_quote();
  }

  void double_quoted(std::string& text) {
    ++at_;
    while (at_ < quote_end_ && text_[at_] != '"') {
      const bool escaped = text_[at_] == '\\' && at_ + 1 < text_.size() &&
                           std::string_view("\\\"$`").find(text_[at_ + 1]) != std::string_view::npos;
      if (escaped) ++at_;
      take(text, !escaped);
    }
    close_quote();
  }

  // $'...' of bash, in which values with line ends are written.
  void ansi_quoted(std::string& text) {
    ++at_;
    while (at_ < quote_end_ && text_[at_] != '\'') {
      if (text_[at_] != '\\' || at_ + 1 >= text_.size()) {
        take(text, false);
        continue;
      }
      const char c = text_[at_ + 1];
      text += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'E' || c == 'e' ? '\x1b' : c;
      at_ += 2;
    }
    close_quote();
  }

  void close_quote() {
    closed_ = at_ < quote_end_;
    if (closed_) ++at_;
  }

  // A file full of quotes that nothing closes would be read to its end from each of them.
  static constexpr int kMaxUnclosed = 100;

  std::string_view text_;
  std::vector<FileVariable>& variables_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string unexpanded_;
  std::size_t quote_end_ = 0;
  bool closed_ = true;
  int unclosed_ = 0;
};

}  // namespace

std::vector<FileVariable> parse_environment_lines(std::string_view text) {
  static const RE2 exported(R"(^[ \t]*(?:export|(?:declare|typeset)[ \t]+-[A-Za-z]*x[A-Za-z]*)[ \t]+)");
  // Bash writes exported functions as BASH_FUNC_name%%=() {...
  static const RE2 bare(R"(^([A-Za-z_][A-Za-z0-9_.%]*)=)");
  std::vector<FileVariable> variables;
  ShellAssignments shell(text, variables);
  std::map<std::string, bool, std::less<>> seen;
  std::string* last = nullptr;
  int line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view content = text.substr(at, end - at);
    if (content.ends_with('\r')) content.remove_suffix(1);
    const re2::StringPiece piece(content.data(), content.size());
    re2::StringPiece rest = piece;
    std::string name;
    if (RE2::Consume(&rest, exported)) {
      end = shell.read(at + static_cast<std::size_t>(rest.data() - piece.data()), line);
      line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                          text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      last = nullptr;
    } else if (RE2::PartialMatch(piece, bare, &name)) {
      // Where a name is there twice, getenv() and with it every program sees the first.
      last = nullptr;
      if (seen.emplace(name, true).second) {
        variables.push_back({name, sanitize_utf8(content.substr(name.size() + 1)), line});
        last = &*variables.back().value;
      }
    } else if (last != nullptr && !content.starts_with('#')) {
      *last += '\n' + sanitize_utf8(content);
    }
    at = end + 1;
  }
  // The end of the file ends no value with an empty line.
  for (FileVariable& variable : variables) {
    while (variable.value && variable.value->ends_with('\n')) (*variable.value).pop_back();
  }
  keep_last_of_each_name(variables);
  return variables;
}

void keep_last_of_each_name(std::vector<FileVariable>& variables) {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < variables.size(); ++i) last[variables[i].name] = i;
  std::vector<FileVariable> kept;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (last[variables[i].name] == i) kept.push_back(std::move(variables[i]));
  }
  variables = std::move(kept);
}

EnvironmentFile read_environment_file(std::string_view text, const std::string& source,
                                      const std::string& container) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (is_collect_env_report(text)) {
    throw InputError(source, "is a report of collect_env; make facts of it with: msprecheck import-env");
  }
  EnvironmentFile environment{.origin = source, .variables = {}, .notes = {}};
  if (text.find('\0') != text.npos) {
    for (const auto& [name, value] : parse_environment(text)) {
      environment.variables.push_back({name, value, 0});
    }
  } else if (is_container_file(text)) {
    return read_container_environment(text, source, container);
  } else {
    environment.variables = parse_environment_lines(text);
  }
  if (environment.variables.empty()) {
    throw InputError(source, fmt::format("holds no environment variables; {}", kExpected));
  }
  if (!container.empty()) throw InputError("--container", fmt::format("{} has no containers", source));
  return environment;
}

void set_environment(FactDocument& facts, const EnvironmentFile& environment, const std::string& source) {
  Json values = Json::object();
  for (const FileVariable& variable : environment.variables) {
    const std::string place =
        variable.line > 0 ? fmt::format("{}:{}", source, variable.line) : environment.origin;
    values[variable.name] =
        variable.value ? Json(*variable.value) : absent_marker(variable.value.reason(), place);
  }
  facts.set("env", values, environment.origin);
  for (const FileVariable& variable : environment.variables) {
    // A dot in a name would read as a path.
    if (variable.line == 0 || variable.name.find('.') != std::string::npos) continue;
    facts.set("env." + variable.name, values[variable.name], fmt::format("{}:{}", source, variable.line));
  }
}

}  // namespace ms
