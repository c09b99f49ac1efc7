#include "cli/command_tree.hpp"

#include "base/text.hpp"

namespace ms {
namespace {

// CLI11 writes a type as its name and, each behind a ':', what its checks say: "LEVEL:{info,error}",
// "N:INT in [1 - 4096]".
void take_type(const std::string& type, OptionDoc& doc) {
  const auto name_end = type.find(':');
  doc.metavar = type.substr(0, name_end);
  if (name_end == type.npos) return;
  std::string_view checks = std::string_view(type).substr(name_end + 1);
  if (checks.starts_with('{') && checks.ends_with('}')) {
    checks.remove_prefix(1);
    checks.remove_suffix(1);
    for (const std::string_view choice : split(checks, ',')) doc.choices.emplace_back(choice);
  } else if (const auto in = checks.find("in ["); in != checks.npos) {
    doc.range = checks.substr(in);
  }
}

OptionDoc describe(const CLI::Option& option) {
  OptionDoc doc;
  for (const std::string& name : option.get_snames()) doc.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) doc.names.push_back("--" + name);
  doc.what = option.get_description();
  doc.default_value = option.get_default_str();
  if (option.get_items_expected_max() > 0) take_type(option.get_type_name(), doc);
  return doc;
}

CommandDoc describe(const CLI::App& app, std::vector<std::string> path) {
  path.push_back(app.get_name());
  CommandDoc doc{.path = path,
                 .what = app.get_description(),
                 .options = {},
                 .positionals = {},
                 .commands = {},
                 .footer = app.get_footer()};
  for (const CLI::Option* option : app.get_options()) {
    (option->nonpositional() ? doc.options : doc.positionals).push_back(describe(*option));
  }
  for (const CLI::App* command : app.get_subcommands({})) doc.commands.push_back(describe(*command, path));
  return doc;
}

void collect(const CommandDoc& command, std::vector<const CommandDoc*>& all) {
  all.push_back(&command);
  for (const CommandDoc& inner : command.commands) collect(inner, all);
}

}  // namespace

CommandDoc describe_commands(const CLI::App& app) {
  return describe(app, {});
}

std::vector<const CommandDoc*> all_commands(const CommandDoc& root) {
  std::vector<const CommandDoc*> all;
  collect(root, all);
  return all;
}

}  // namespace ms
