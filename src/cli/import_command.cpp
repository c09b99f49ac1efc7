#include "cli/import_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/pack_source.hpp"
#include "probe/probe_set.hpp"

namespace ms {
namespace {

struct Arguments {
  std::string rules;
  std::string output;
};

constexpr const char* kFooter =
    "What could not be translated is listed on standard error and at the end of the pack.\n\n"
    "Exit status:\n"
    "  0    every rule was translated\n"
    "  1    something was left out\n"
    "  2    the file is not in one of these languages, or the request is wrong\n\n"
    "Examples:\n"
    "  msprecheck import mindie.cmate -o mindie.toml\n"
    "  msprecheck run mindie.toml -c mies_config:config.json -C deploy_mode:pd_mix\n";

int run_import(const Arguments& arguments) {
  if (!is_importable(arguments.rules)) {
    throw InputError(arguments.rules, "is no rule file that is translated: expected .cmate, .yaml or .yml");
  }
  const import::ImportedPack pack = import_pack(arguments.rules, facts_of(load_probes()));
  print_omissions(pack);
  fmt::print(stderr, "{}: {} rules of {} assertions; {} left out\n", arguments.rules, pack.rules.size(),
             pack.assertions, pack.omissions.size());
  const std::string text = import::to_toml(pack);
  if (arguments.output.empty()) {
    write_stdout(text);
  } else {
    write_file_atomically(arguments.output, text);
    fmt::print(stderr, "written to {}; what it needs: msprecheck inspect {}\n", arguments.output,
               shell_quote(arguments.output));
  }
  return pack.omissions.empty() ? 0 : 1;
}

}  // namespace

void add_import_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("import", "Translate rules of msprechecker (.cmate, YAML) into a pack of ours");
  command->add_option("rules", arguments->rules, "The file to translate: .cmate, .yaml or .yml")
      ->type_name("FILE")
      ->required();
  command->add_option("-o,--output", arguments->output, "File to write; without it, standard output")
      ->type_name("FILE");
  command->footer(kFooter);
  command->callback([arguments, &run] { run = [arguments] { return run_import(*arguments); }; });
}

}  // namespace ms
