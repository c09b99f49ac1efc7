#include "cli/inspect_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/pack_source.hpp"
#include "probe/probe_set.hpp"
#include "report/pack_inspect.hpp"

namespace ms {
namespace {

struct Arguments {
  std::string pack;
  std::string format = "text";
  std::string lang;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  msprecheck inspect mindie.cmate\n"
    "  msprecheck inspect mine.toml --format json\n";

int run_inspect(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  const RuleLibrary library = load_pack_file(arguments.pack, facts_of(load_probes())).library;
  const bool is_json = arguments.format == "json";
  write_stdout(is_json ? pack_json(library).dump(2) + "\n" : pack_text(library, stdout_style(lang, false)));
  return 0;
}

}  // namespace

void add_inspect_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Show what a pack needs (documents, context, facts) and how many rules it holds");
  command->add_option("pack", arguments->pack, "The pack: TOML, or a .cmate or YAML file of msprechecker")
      ->type_name("FILE")
      ->required();
  command->add_option("-f,--format", arguments->format, "Format of standard output")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_lang_option(*command, arguments->lang);
  command->footer(kFooter);
  command->callback([arguments, &run] { run = [arguments] { return run_inspect(*arguments); }; });
}

}  // namespace ms
