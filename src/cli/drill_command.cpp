#include "cli/drill_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/site_rules.hpp"
#include "report/precheck.hpp"
#include "rule/examples.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  std::string id;
  std::vector<std::filesystem::path> rules;
  std::string probes;
  std::string fail_on = "error";
  std::string format = "text";
  std::string lang;
};

int run_drill(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  const std::vector<FactSpec> facts = facts_of(probes_of({.probes = arguments.probes}));
  std::vector<std::filesystem::path> paths = site_rules("");
  paths.insert(paths.end(), arguments.rules.begin(), arguments.rules.end());
  const RuleLibrary library = load_rule_library(facts, paths, true);
  const Rule& rule = find_rule(library, arguments.id);
  for (const RuleExample& example : load_rule_examples(facts, library.rules, paths, true)) {
    if (example.rule != rule.id || example.outcome != Outcome::fail) continue;
    const Scene scene = library.scenes.detect(example.facts, example.scene);
    const std::vector<Finding> findings = judge_example(rule, example, library.scenes);
    const FailOn fail_on = fail_on_named(arguments.fail_on);
    const Verdict verdict = decide(findings, fail_on, false);
    const PrecheckReport report{
        .facts = example.facts, .scene = scene, .findings = findings, .verdict = verdict, .fail_on = fail_on};
    fmt::print(stderr,
               fmt::runtime(lang == Lang::zh ? "演练：示例主机（{}），并非本机\n"
                                             : "drill: an example host ({}), not this one\n"),
               example.defined_at);
    write_stdout(find_precheck_format(arguments.format)->write(report, stdout_style(lang, true)));
    return finish(verdict, lang);
  }
  throw InputError("drill",
                   fmt::format("{} has no example that fails; {} may hold one", rule.id,
                               examples_file(rule.defined_at.substr(0, rule.defined_at.rfind(':')))));
}

}  // namespace

void add_drill_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "drill", "Show what a failure of a rule looks like: message, format and status; touches nothing");
  command->add_option("id", arguments->id, "Id of the rule")->type_name("ID")->required();
  command->add_option("--rules", arguments->rules, "Add rules: a TOML file, or a directory of them")
      ->type_name("PATH");
  command
      ->add_option("--probes", arguments->probes,
                   "Facts of your own that the rules speak of (docs/probes.md)")
      ->type_name("DIR");
  add_fail_on_option(*command, arguments->fail_on);
  command->add_option("--format", arguments->format, "Format of the report, as of precheck")
      ->check(CLI::IsMember(precheck_format_names()))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_lang_option(*command, arguments->lang);
  command->footer(exit_status_help());
  command->callback([arguments, &run] { run = [arguments] { return run_drill(*arguments); }; });
}

}  // namespace ms
