#include "cli/run_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/pack_arguments.hpp"
#include "cli/pack_source.hpp"
#include "cli/report_files.hpp"
#include "rule/evaluate.hpp"
#include "rule/questions.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  std::string pack;
  std::vector<std::string> documents;  ///< name:path[@type]
  std::vector<std::string> context;    ///< key:value
  std::string scene;
  std::string fail_on = "error";
  bool allow_unknown = false;
  ReportArguments report;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  msprecheck inspect mindie.cmate                        what the pack needs\n"
    "  msprecheck run mindie.cmate -c mies_config:config.json -C deploy_mode:pd_mix -C npu_type:A2\n"
    "  msprecheck run mine.toml -c server:deploy.txt@yaml --report junit=run.xml\n";

// What the head of the report names, and what the rules and the scene are decided by.
std::set<std::string, std::less<>> facts_of_run(const RuleLibrary& library) {
  auto needed = facts_of(library.rules);
  for (const std::string& path : library.scenes.references()) needed.insert(path);
  needed.insert(kHeadFacts.begin(), kHeadFacts.end());
  return needed;
}

std::unique_ptr<Host> host_of(const HostArguments& arguments) {
  if (!arguments.facts.empty()) return nullptr;
  return arguments.root.empty() ? live_host(!arguments.no_exec) : rooted_host(arguments.root);
}

int run_pack(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.report.lang);
  const FailOn fail_on = fail_on_named(arguments.fail_on);
  const std::vector<ReportFile> report_files = parse_report_files(arguments.report.reports);
  const ProbeSet probes = probes_of(arguments.host);
  const PackFile pack = load_pack_file(arguments.pack, facts_of(probes));
  const RuleLibrary& library = pack.library;
  const PackInputs& inputs = library.packs.front();
  const Documents documents = read_documents(arguments.documents, inputs);
  const Json context = read_context(arguments.context, inputs);

  FactDocument facts = read_host(arguments.host, probes, facts_of_run(library));
  add_inputs(inputs, documents, context, facts);
  const Scene scene = library.scenes.detect(facts, arguments.scene);
  if (!arguments.allow_unknown) require_inputs(library, facts, scene);
  ask_host(inputs.questions, host_of(arguments.host).get(), facts);

  std::vector<Finding> findings = evaluate(library.rules, facts, scene);
  add_places(documents, findings);
  for (Finding& finding : findings_of(pack.omissions, inputs.source)) findings.push_back(std::move(finding));
  const Verdict verdict = decide(findings, fail_on, arguments.allow_unknown);
  const PrecheckReport report{.facts = facts,
                              .scene = scene,
                              .findings = findings,
                              .verdict = verdict,
                              .fail_on = fail_on,
                              .allow_unknown = arguments.allow_unknown};
  write_reports(report, findings, arguments.report, report_files, lang);
  return finish(verdict, lang);
}

void add_input_options(CLI::App& command, Arguments& arguments) {
  command.add_option("pack", arguments.pack, "The pack: TOML, or a .cmate or YAML file of msprechecker")
      ->type_name("FILE")
      ->required();
  command
      .add_option("-c,--document", arguments.documents,
                  "A document that the pack judges, as json or yaml (by its name, or @TYPE); may be repeated")
      ->type_name("NAME:FILE[@TYPE]");
  command
      .add_option("-C,--context", arguments.context,
                  "What the pack must be told: a key and its value; may be repeated")
      ->type_name("KEY:VALUE");
}

void add_verdict_options(CLI::App& command, Arguments& arguments) {
  command.add_option("--scene", arguments.scene, "Say the scene instead of detecting it")->type_name("WORDS");
  add_fail_on_option(command, arguments.fail_on);
  command.add_flag("--allow-unknown", arguments.allow_unknown,
                   "Let checks pass whose documents, context or facts are not there");
}

}  // namespace

void add_run_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("run", "Judge documents and the environment by one pack");
  add_input_options(*command, *arguments);
  add_host_options(*command, arguments->host);
  add_environment_options(*command, arguments->host);
  add_verdict_options(*command, *arguments);
  add_report_options(*command, arguments->report, "Write a report as well, in any format; may be repeated");
  command->footer(exit_status_help() + "\n" + report_format_help() + "\n" + kExamples);
  command->callback([arguments, &run] { run = [arguments] { return run_pack(*arguments); }; });
}

}  // namespace ms
