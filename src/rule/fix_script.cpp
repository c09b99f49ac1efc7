#include "rule/fix_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace ms {
namespace {

// A comment must stay one: a line end inside a note would turn the rest of it into a command.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

bool is_variable_name(std::string_view name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), is_word);
}

}  // namespace

std::string fix_script(std::span<const Finding> findings, Lang lang) {
  const bool zh = lang == Lang::zh;
  std::string script = zh ? "#!/bin/sh\n# msprecheck 生成：未通过检查的修复。请先阅读，再在启动服务的 shell "
                            "中 source 本文件。\n"
                          : "#!/bin/sh\n# Written by msprecheck: fixes of the checks that failed. Read it, "
                            "then source it in the shell "
                            "that starts the service.\n";
  std::set<std::string> written;
  bool any = false;
  for (const Finding& finding : findings) {
    if (finding.outcome != Outcome::fail || finding.waiver || finding.fix.empty()) continue;
    std::string lines;
    const auto write_once = [&](const std::string& line) {
      if (written.insert(line).second) lines += line + "\n";
    };
    for (const auto& [name, value] : finding.fix.env) {
      // `export a b=1` would run with a name that is not one; such a variable can only be reported.
      if (is_variable_name(name)) write_once(fmt::format("export {}={}", name, shell_quote(value)));
    }
    for (const std::string& name : finding.fix.unset) {
      if (is_variable_name(name)) write_once(fmt::format("unset {}", name));
    }
    for (const std::string& command : finding.fix.commands) {
      write_once(fmt::format("# {}{}", zh ? "需要 root：" : "as root: ", one_line(command)));
    }
    const bool has_note = !finding.fix.note.en.empty();
    if (lines.empty() && !has_note) continue;  // an earlier finding asked for the same
    any = true;
    const std::string element =
        finding.element.empty() ? "" : fmt::format(" ({})", one_line(finding.element));
    script += fmt::format("\n# {}{}: {}\n", finding.rule, element, one_line(finding.title.in(lang)));
    if (!finding.disputed.en.empty()) {
      script += fmt::format("# {}{}\n", zh ? "有争议：" : "disputed: ", one_line(finding.disputed.in(lang)));
    }
    if (has_note) script += fmt::format("# {}\n", one_line(finding.fix.note.in(lang)));
    script += lines;
  }
  if (!any) script += zh ? "\n# 没有可自动给出的修复。\n" : "\n# Nothing to fix.\n";
  return script;
}

}  // namespace ms
