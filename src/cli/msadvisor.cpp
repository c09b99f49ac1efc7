#include "cli/advise_command.hpp"
#include "cli/command_line.hpp"
#include "cli/knowledge_command.hpp"
#include "cli/profile_command.hpp"

int main(int argc, char** argv) {
  CLI::App app(
      "Says how to serve a large language model on Ascend NPUs: batch sizes, prefill tokens, concurrency.",
      "msadvisor");
  app.set_version_flag("--version", "msadvisor " MS_VERSION);
  std::function<int()> run;
  ms::add_advise_options(app, run);
  ms::add_knowledge_commands(app, run);
  ms::add_profile_command(app, run);
  return ms::run_tool(app, ms::normalize_arguments(std::vector<std::string>(argv + 1, argv + argc)),
                      [&] { return run(); });
}
