#include "cli/compare_runs_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/run_source.hpp"
#include "report/run_comparison.hpp"

namespace ms {
namespace {

struct Arguments {
  std::vector<std::string> folders;
  std::optional<double> ceiling;
  bool all = false;
  std::string format = "text";
  std::string lang;
};

constexpr const char* kHelp =
    "Exit status:\n"
    "  0    the runs were compared\n"
    "  2    the request or an input is wrong: fewer than two runs, no such folder, nothing to read in one\n"
    "\n"
    "Examples:\n"
    "  msadvisor compare before/ after/                       settings that differ, and what changed\n"
    "  msadvisor compare run1/ run2/ run3/ --ceiling 3624     and the ratio to the model alone\n";

// Files of a folder that may be the serving config of the run, or the command that started it.
std::vector<std::string> config_files(const std::string& folder, const profile::FolderReading& reading) {
  constexpr std::array<std::string_view, 5> kEndings = {".json", ".sh", ".yaml", ".yml", ".txt"};
  std::vector<std::string> files;
  for (const std::string& other : reading.others) {
    const bool named = std::any_of(kEndings.begin(), kEndings.end(),
                                   [&](std::string_view ending) { return other.ends_with(ending); });
    if (named) files.push_back((std::filesystem::path(folder) / other).string());
  }
  return files;
}

// How runs are called: what their paths do not share.
std::vector<std::string> names_of(const std::vector<std::string>& folders) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& folder : folders) {
    const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
    paths.push_back(path.has_filename() ? path : path.parent_path());
  }
  const std::filesystem::path parent = paths.front().parent_path();
  const bool beside = std::all_of(paths.begin(), paths.end(), [&](const std::filesystem::path& path) {
    return path.parent_path() == parent;
  });
  std::vector<std::string> names;
  for (const std::filesystem::path& path : paths)
    names.push_back(beside ? path.filename().string() : path.string());
  return names;
}

int run_compare(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  if (arguments.folders.size() < 2) throw InputError("compare", "takes two runs or more");
  std::vector<ComparedRun> runs;
  const std::vector<std::string> names = names_of(arguments.folders);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& folder = arguments.folders[i];
    RunSource source = read_run({folder});
    if (source.records == 0) {
      throw InputError(folder, "nothing of a run could be read there: msadvisor profile says what was found");
    }
    auto settings = settings_of(source.facts, config_files(folder, source.reading));
    runs.push_back({.name = names[i], .facts = std::move(source.facts), .settings = std::move(settings)});
    add_throughput_per_card(runs.back());
  }
  const RunComparison comparison = compare_runs(runs, arguments.ceiling, arguments.all);
  if (arguments.format == "json") {
    write_stdout(run_comparison_json(comparison, lang).dump(2, ' ', false, Json::error_handler_t::replace) +
                 "\n");
  } else {
    const TextStyle style = stdout_style(lang, false);
    write_stdout(arguments.format == "markdown" ? run_comparison_markdown(comparison, style)
                                                : run_comparison_text(comparison, style));
  }
  return 0;
}

}  // namespace

void add_compare_runs_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "compare", "Runs side by side: settings that differ, metrics that changed (docs/profiles.md)");
  command
      ->add_option("runs", arguments->folders,
                   "Folders of runs, each with its config.json, vLLM command or log if it is there")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--ceiling", arguments->ceiling,
                   "Output tokens a second of the model alone: the ratio to it is shown")
      ->type_name("TOKENS_PER_SECOND")
      ->check(CLI::PositiveNumber);
  command->add_flag("--all", arguments->all, "Metrics that did not change, too");
  command
      ->add_option("--format", arguments->format,
                   "text, markdown, or json (docs/schema/run_comparison.schema.json)")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_lang_option(*command, arguments->lang);
  command->footer(kHelp);
  command->callback([&run, arguments] { run = [arguments] { return run_compare(*arguments); }; });
}

}  // namespace ms
