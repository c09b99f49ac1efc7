#include "cli/command_line.hpp"
#include "cli/drill_command.hpp"
#include "cli/dump_command.hpp"
#include "cli/eval_command.hpp"
#include "cli/facts_command.hpp"
#include "cli/import_command.hpp"
#include "cli/import_env_command.hpp"
#include "cli/inspect_command.hpp"
#include "cli/precheck_command.hpp"
#include "cli/rules_command.hpp"
#include "cli/run_command.hpp"

int main(int argc, char** argv) {
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
  app.footer("'msprecheck COMMAND --help' describes a command.");
  return ms::run_tool(app, std::vector<std::string>(argv + 1, argv + argc),
                      [&] { return run ? run() : ms::explain_usage(app); });
}
