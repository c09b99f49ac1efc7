#include "cli/fleet_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/closest_match.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/host_source.hpp"
#include "fleet/fleet.hpp"
#include "report/fleet.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  std::vector<std::string> paths;
  std::vector<std::filesystem::path> rules;
  bool rules_only = false;
  std::string probes;
  std::string scene;
  std::string fail_on = "error";
  bool allow_unknown = false;
  std::string facts;
  std::string format = "text";
  std::string lang;
  bool verbose = false;
};

constexpr const char* kHelp =
    "Exit status:\n"
    "  0    every host passes\n"
    "  1    a host failed\n"
    "  2    the request or an input is wrong: arguments, a rule file, a directory without records\n"
    "  3    none failed, but a host could not be decided, or a file not be judged\n"
    "\n"
    "Examples:\n"
    "  msprecheck fleet records/                              every *.json of a directory\n"
    "  msprecheck fleet records/ --facts ascend.driver.version,env.HCCL_BUFFSIZE\n"
    "  msprecheck fleet records/ --rules pack.toml --rules-only   hold all hosts to a baseline\n"
    "  msprecheck fleet reports/*.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"\n";

// A directory is all its *.json, in order.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const auto names = list_directory(path);
    if (!names) throw InputError(path, names.reason());
    const std::size_t before = files.size();
    for (const std::string& name : *names) {
      if (name.ends_with(".json")) files.push_back((std::filesystem::path(path) / name).string());
    }
    if (files.size() == before) throw InputError(path, "holds no record or report (*.json)");
  }
  return files;
}

std::vector<std::string> shown_facts(const std::string& list, const std::vector<FactSpec>& facts) {
  std::vector<std::string> paths;
  if (list.empty()) return paths;
  std::vector<std::string_view> known;
  for (const FactSpec& fact : facts) known.push_back(fact.path);
  for (const std::string_view part : split(list, ',')) {
    const std::string path(trim(part));
    const bool is_known = std::find(known.begin(), known.end(), path) != known.end() && path != "env";
    if (!is_known && !path.starts_with("env.")) {
      throw InputError(
          "--facts", fmt::format("there is no fact '{}'{}", path, did_you_mean(closest_match(path, known))));
    }
    paths.push_back(path);
  }
  return paths;
}

int run_fleet(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  HostArguments probing;
  probing.probes = arguments.probes;
  const ProbeSet probes = probes_of(probing);
  const std::vector<FactSpec> facts = facts_of(probes);
  const RuleLibrary library = load_rule_library(facts, arguments.rules, !arguments.rules_only);
  for (const Text& note : library.notes) print_note(note, lang);
  library.scenes.detect({}, arguments.scene);  // a wrong word stops here, not once for every host
  const DifferenceTable table = DifferenceTable::builtin();
  const FleetOptions options{.facts = facts,
                             .library = library,
                             .table = table,
                             .scene = arguments.scene,
                             .fail_on = fail_on_named(arguments.fail_on),
                             .allow_unknown = arguments.allow_unknown,
                             .shown_facts = shown_facts(arguments.facts, facts),
                             .threads = 2,
                             .defaults = facts_not_asked_for(),
                             .read_record = [&](const std::string& file) {
                               HostArguments host;
                               host.facts = file;
                               return read_host(host, probes, std::nullopt);
                             }};
  const Fleet fleet = read_fleet(files_of(arguments.paths), options);
  const TextStyle style = stdout_style(lang, arguments.verbose);
  if (arguments.format == "json") {
    write_stdout(fleet_json(fleet, lang).dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
  } else if (arguments.format == "markdown") {
    write_stdout(fleet_markdown(fleet, style));
  } else {
    write_stdout(fleet_text(fleet, style));
  }
  return finish(fleet.verdict, lang);
}

}  // namespace

void add_fleet_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("fleet", "One picture of many hosts, from their reports or records: outliers first");
  command
      ->add_option("paths", arguments->paths,
                   "Files of 'msprecheck dump' or 'precheck --format json', or directories of them (*.json)")
      ->type_name("PATH")
      ->required();
  command
      ->add_option("--facts", arguments->facts,
                   "Count the values of these facts, even where all are the same")
      ->type_name("FACTS");
  command
      ->add_option("--rules", arguments->rules,
                   "Add rules to judge records by: a TOML file, or a directory of them")
      ->type_name("PATH");
  command->add_flag("--rules-only", arguments->rules_only, "Judge by the rules of --rules alone");
  command
      ->add_option("--probes", arguments->probes,
                   "Facts of your own that the rules speak of (docs/probes.md)")
      ->type_name("DIR");
  command->add_option("--scene", arguments->scene, "Say the scene of all hosts instead of detecting it")
      ->type_name("WORDS");
  add_fail_on_option(*command, arguments->fail_on);
  command->add_flag("--allow-unknown", arguments->allow_unknown,
                    "Let checks pass whose facts could not be read. Reports keep the status that they state");
  command->add_option("--format", arguments->format, "Format: text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_lang_option(*command, arguments->lang);
  command->add_flag("-v,--verbose", arguments->verbose, "Cut nothing");
  command->footer(kHelp);
  command->callback([arguments, &run] { run = [arguments] { return run_fleet(*arguments); }; });
}

}  // namespace ms
