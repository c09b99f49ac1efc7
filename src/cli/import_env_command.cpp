#include "cli/import_env_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "facts/redact.hpp"
#include "facts/redact_hostnames.hpp"
#include "probe/collect_env.hpp"
#include "rule/evaluate.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  std::string report;
  std::string output;
  bool redact_hostnames = false;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  msprecheck import-env issue.md -o facts.json    then: msprecheck precheck --facts facts.json\n"
    "  msprecheck import-env issue.md > facts.json     the report as text or as Markdown, as it was pasted\n";

// A report is a page or a few, with logs around it.
constexpr std::size_t kMaxReportBytes = std::size_t{16} << 20;

// The variables that the rules ask about.
std::set<std::string, std::less<>> variables_of_rules(const ProbeSet& probes) {
  constexpr std::string_view kEnv = "env.";
  const RuleLibrary library = load_rule_library(facts_of(probes), {}, true);
  auto paths = facts_of(library.rules);
  for (const std::string& path : library.scenes.references()) paths.insert(path);
  std::set<std::string, std::less<>> names;
  for (const std::string& path : paths) {
    if (path.starts_with(kEnv)) names.insert(path.substr(kEnv.size()));
  }
  return names;
}

int run_import_env(const Arguments& arguments) {
  const ProbeSet probes = load_probes();
  const std::string report = read_document(arguments.report, kMaxReportBytes);
  ImportedReport imported = import_collect_env(report, arguments.report, probes, variables_of_rules(probes));
  redact(imported.facts);
  if (arguments.redact_hostnames) redact_hostnames(imported.facts);
  for (const std::string& note : imported.notes) fmt::print(stderr, "note: {}\n", note);
  fmt::print(stderr, "{} holds: {}{}\n", arguments.report, fmt::join(imported.found, ", "),
             imported.missing.empty()
                 ? ""
                 : fmt::format("; it does not hold: {}", fmt::join(imported.missing, ", ")));
  const std::string text =
      imported.facts.to_json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (arguments.output.empty()) {
    write_stdout(text);
  } else {
    write_file_atomically(arguments.output, text);
    fmt::print(stderr, "facts written to {}; judge them with: msprecheck precheck --facts {}\n",
               arguments.output, shell_quote(arguments.output));
  }
  return 0;
}

}  // namespace

void add_import_env_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "import-env", "Make facts of a collect_env report from an issue, to be judged with --facts");
  command
      ->add_option("report", arguments->report,
                   "The report of vLLM-Ascend's collect_env, as text or Markdown")
      ->type_name("FILE")
      ->required();
  command->add_option("-o,--output", arguments->output, "File to write; without it, standard output")
      ->type_name("FILE");
  add_redact_hostnames_option(*command, arguments->redact_hostnames);
  command->footer(kExamples);
  command->callback([arguments, &run] { run = [arguments] { return run_import_env(*arguments); }; });
}

}  // namespace ms
