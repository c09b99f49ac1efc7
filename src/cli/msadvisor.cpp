#include "base/heap.hpp"
#include "cli/advise_command.hpp"
#include "cli/bind_command.hpp"
#include "cli/command_line.hpp"
#include "cli/compare_runs_command.hpp"
#include "cli/documentation_commands.hpp"
#include "cli/host_source.hpp"
#include "cli/knowledge_command.hpp"
#include "cli/profile_command.hpp"
#include "knowledge/knowledge.hpp"

namespace {

ms::CompletionWords completion_words() {
  ms::CompletionWords words{{"LANG", {"en", "zh"}},
                            {"--facts", ms::example_references("hosts")},
                            {"--service", ms::example_references("mindie")}};
  const ms::Knowledge knowledge = ms::load_knowledge();
  for (const ms::Chip& chip : knowledge.chips) words["--chip"].push_back(chip.id);
  for (const ms::KnownModel& model : knowledge.models) words["--model"].push_back(model.name);
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  ms::use_huge_pages();
  CLI::App app(
      "Says how to serve a large language model on Ascend NPUs: batch sizes, prefill tokens, concurrency.",
      "msadvisor");
  app.set_version_flag("--version", "msadvisor " MS_VERSION);
  std::function<int()> run;
  ms::add_advise_options(app, run);
  ms::add_knowledge_commands(app, run);
  ms::add_profile_command(app, run);
  ms::add_compare_runs_command(app, run);
  ms::add_bind_command(app, run);
  ms::add_documentation_commands(app, run,
                                 {.version = MS_VERSION,
                                  .exit_statuses = ms::advise_exit_statuses(),
                                  .truth_table = false,
                                  .environment = ms::environment_of_tools(),
                                  .files = {}},
                                 completion_words);
  return ms::run_tool(app, ms::normalize_arguments(std::vector<std::string>(argv + 1, argv + argc)),
                      [&] { return run(); });
}
