#include "base/date.hpp"
#include "base/heap.hpp"
#include "cli/baseline_command.hpp"
#include "cli/command_line.hpp"
#include "cli/compare_command.hpp"
#include "cli/documentation_commands.hpp"
#include "cli/drill_command.hpp"
#include "cli/dump_command.hpp"
#include "cli/eval_command.hpp"
#include "cli/facts_command.hpp"
#include "cli/fleet_command.hpp"
#include "cli/import_command.hpp"
#include "cli/import_env_command.hpp"
#include "cli/inspect_command.hpp"
#include "cli/precheck_command.hpp"
#include "cli/rules_command.hpp"
#include "cli/run_command.hpp"
#include "cli/site_rules.hpp"
#include "report/precheck.hpp"
#include "rule/library.hpp"
#include "rule/profile.hpp"

namespace {

ms::CompletionWords completion_words() {
  const ms::RuleLibrary library =
      ms::load_rule_library(ms::facts_of(ms::probes_of({})), ms::site_rules(""), true);
  ms::CompletionWords words{{"LANG", {"en", "zh"}},
                            {"PROFILE", ms::profile_names()},
                            {"WORDS", library.scenes.values()},
                            {"--facts", ms::example_references("hosts")},
                            {"--service", {"mindie", "vllm"}}};
  for (const ms::Rule& rule : library.rules) words["ID"].push_back(rule.id);
  for (const std::string& format : ms::precheck_format_names()) words["FORMAT=FILE"].push_back(format + "=");
  return words;
}

ms::ManDetails manual() {
  ms::ManDetails details{
      .version = MS_VERSION, .exit_statuses = {}, .truth_table = true, .environment = {}, .files = {}};
  for (const ms::ExitStatusDoc& doc : ms::kExitStatusDocs) {
    details.exit_statuses.push_back(
        {std::to_string(static_cast<int>(doc.status)), std::string(doc.meaning_en)});
  }
  details.environment = ms::environment_of_tools();
  details.environment.push_back(
      {ms::kTodayVariable, "The day by which waivers expire, instead of the clock's: 2027-01-31"});
  details.files = {{std::string(ms::kSiteRules) + "/*.toml",
                    "Rules of the site, read without being asked for; --no-site-rules leaves them out"}};
  return details;
}

}  // namespace

int main(int argc, char** argv) {
  ms::use_huge_pages();
  CLI::App app(
      "Says whether a host is fit to serve large language models on Ascend NPUs, and what to change.",
      "msprecheck");
  app.set_version_flag("--version", "msprecheck " MS_VERSION);
  app.require_subcommand(0, 1);
  std::function<int()> run;
  ms::add_precheck_command(app, run);
  ms::add_facts_command(app, run);
  ms::add_eval_command(app, run);
  ms::add_dump_command(app, run);
  ms::add_rules_command(app, run);
  ms::add_drill_command(app, run);
  ms::add_run_command(app, run);
  ms::add_inspect_command(app, run);
  ms::add_import_command(app, run);
  ms::add_import_env_command(app, run);
  ms::add_compare_command(app, run);
  ms::add_baseline_command(app, run);
  ms::add_fleet_command(app, run);
  ms::add_documentation_commands(app, run, manual(), completion_words);
  app.footer("'msprecheck COMMAND --help' describes a command.");
  return ms::run_tool(app, std::vector<std::string>(argv + 1, argv + argc),
                      [&] { return run ? run() : ms::explain_usage(app); });
}
