#include "cli/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "rule/verdict.hpp"

namespace ms {
namespace {

// Text as roff takes it: a backslash, a minus and a quote as they are, and no line that is a request.
std::string roff(std::string_view text) {
  std::string result;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '\'')
      result += "\\(aq";
    else
      result += c;
    at_start = c == '\n';
  }
  return result;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string value_word(const OptionDoc& option) {
  return fmt::format("\\fI{}\\fR", roff(option.metavar));
}

std::string entry(const std::string& head, const std::string& body) {
  return fmt::format(".TP\n{}\n{}\n", head, body);
}

std::string option_entry(const OptionDoc& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(fmt::format("\\fB{}\\fR", roff(name)));
  std::string head = fmt::format("{}", fmt::join(names, ", "));
  if (option.takes_value()) head += (head.empty() ? "" : " ") + value_word(option);
  std::string body = roff(option.what);
  if (!option.choices.empty())
    body += fmt::format(".\nOne of {}", roff(fmt::format("{}", fmt::join(option.choices, ", "))));
  if (!option.range.empty()) body += ", " + roff(option.range);
  if (!option.default_value.empty()) body += fmt::format(".\nDefault: {}", roff(option.default_value));
  return entry(head, body + ".");
}

std::string usage(const CommandDoc& command) {
  std::string text = fmt::format("\\fB{}\\fR", roff(fmt::format("{}", fmt::join(command.path, " "))));
  if (!command.options.empty()) text += " [\\fIoptions\\fR]";
  for (const OptionDoc& positional : command.positionals)
    text += fmt::format(" [{}]", value_word(positional));
  if (!command.commands.empty()) text += " \\fIcommand\\fR";
  return text;
}

// The blocks of a footer ("Examples:\n ...") but the exit statuses, which have a section of their own.
std::string footer_blocks(const std::string& footer) {
  std::string text;
  std::string block;
  const auto flush = [&] {
    if (!trim(block).empty() && !block.starts_with("Exit status:"))
      text += fmt::format(".PP\n.EX\n{}.EE\n", roff(block));
    block.clear();
  };
  for (const std::string_view line : split_lines(footer)) {
    if (trim(line).empty()) {
      flush();
    } else {
      block += fmt::format("{}\n", line);
    }
  }
  flush();
  return text;
}

std::string options_of(const CommandDoc& command) {
  std::string text;
  for (const OptionDoc& positional : command.positionals) text += option_entry(positional);
  for (const OptionDoc& option : command.options) text += option_entry(option);
  return text;
}

std::string section(const std::string& title, const std::vector<ManEntry>& entries) {
  if (entries.empty()) return "";
  std::string text = fmt::format(".SH {}\n", title);
  for (const ManEntry& e : entries)
    text += entry(fmt::format("\\fB{}\\fR", roff(e.name)), roff(e.what) + ".");
  return text;
}

std::string truth_table() {
  std::string text =
      ".PP\nTo what a single finding leads, by its outcome:\n.PP\n.TS\ntab(\t);\nl c c c c.\n"
      "outcome\tat or above\t\\-\\-allow\\-unknown\twaived\tbelow\n"
      "\t\\-\\-fail\\-on\t\t\t\\-\\-fail\\-on\n_\n";
  for (const OutcomeStatus& row : kOutcomeStatuses) {
    text += fmt::format("{}\t{}\t{}\t{}\t{}\n", name_of(row.outcome), static_cast<int>(row.alone),
                        static_cast<int>(row.allow_unknown), static_cast<int>(row.waived),
                        static_cast<int>(row.below));
  }
  return text +
         ".TE\n.PP\nOf several findings 1 wins over 3, and 3 over 0; what was skipped counts for nothing "
         "beside "
         "others.\nWhere all were skipped no rule applied, and the status is 3.\nOnly failures can be "
         "waived.\nThe "
         "format of the report changes none of this.\n";
}

}  // namespace

std::string man_page(const CommandDoc& root, const ManDetails& details) {
  const std::string& tool = root.path.front();
  std::string text = fmt::format("'\\\" t\n.TH {} 1 \"\" \"{} {}\" \"User Commands\"\n", upper(tool), tool,
                                 roff(details.version));
  text += fmt::format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n", roff(tool), roff(root.what));
  const auto commands = all_commands(root);
  for (const CommandDoc* command : commands) {
    if (command->commands.empty() || !command->positionals.empty() || command == &root)
      text += (command == &root ? "" : ".br\n") + usage(*command) + "\n";
  }
  text += ".SH OPTIONS\n" + options_of(root) + footer_blocks(root.footer);
  if (commands.size() > 1) text += ".SH COMMANDS\n";
  for (const CommandDoc* command : commands) {
    if (command == &root || !command->commands.empty()) continue;
    text += fmt::format(".SS {}\n{}.\n", roff(fmt::format("{}", fmt::join(command->path, " "))),
                        roff(command->what));
    text += options_of(*command) + footer_blocks(command->footer);
  }
  text += section("EXIT STATUS", details.exit_statuses);
  if (details.truth_table) text += truth_table();
  return text + section("ENVIRONMENT", details.environment) + section("FILES", details.files);
}

}  // namespace ms
