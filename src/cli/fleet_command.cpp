#include "cli/fleet_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/closest_match.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/host_source.hpp"
#include "cli/record_arguments.hpp"
#include "fleet/fleet.hpp"
#include "report/fleet.hpp"

namespace ms {
namespace {

struct Arguments {
  std::vector<std::string> paths;
  RecordArguments judging;
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
  const RecordJudges judges = load_record_judges(arguments.judging, lang);
  // A wrong word stops here, not once for every host.
  judges.library.scenes.detect({}, arguments.judging.scene);
  const FleetOptions options{.facts = judges.facts,
                             .library = judges.library,
                             .table = judges.table,
                             .scene = arguments.judging.scene,
                             .fail_on = fail_on_named(arguments.fail_on),
                             .allow_unknown = arguments.allow_unknown,
                             .shown_facts = shown_facts(arguments.facts, judges.facts),
                             .threads = 2,
                             .defaults = facts_not_asked_for(),
                             .read_record = [&](const std::string& file) { return judges.read(file); }};
  const Fleet fleet = read_fleet(files_of(arguments.paths), options);
  const TextStyle style = stdout_style(lang, arguments.verbose);
  write_picture(arguments.format, {.json = [&] { return fleet_json(fleet, lang); },
                                   .markdown = [&] { return fleet_markdown(fleet, style); },
                                   .text = [&] { return fleet_text(fleet, style); }});
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
  add_record_options(*command, arguments->judging,
                     "Add rules to judge records by: a TOML file, or a directory of them");
  add_fail_on_option(*command, arguments->fail_on);
  command->add_flag("--allow-unknown", arguments->allow_unknown,
                    "Let checks pass whose facts could not be read. Reports keep the status that they state");
  add_picture_format_option(*command, arguments->format);
  add_lang_option(*command, arguments->lang);
  command->add_flag("-v,--verbose", arguments->verbose, "Cut nothing");
  command->footer(kHelp);
  command->callback([arguments, &run] { run = [arguments] { return run_fleet(*arguments); }; });
}

}  // namespace ms
