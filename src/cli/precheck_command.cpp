#include "cli/precheck_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/file.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "report/precheck.hpp"
#include "rule/evaluate.hpp"
#include "rule/fix_script.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  std::vector<std::filesystem::path> rules;
  bool rules_only = false;
  std::string scene;
  std::string fail_on = "error";
  bool allow_unknown = false;
  std::string format = "text";
  std::string fix_script;
  std::string lang;
  bool verbose = false;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  msprecheck precheck                                   this host, as this shell would start a service\n"
    "  msprecheck precheck --facts example:badly-set-800i-a2  a built-in example of a badly set host\n"
    "  msprecheck precheck --scene vllm --fail-on warning    judge for vLLM-Ascend, warnings count\n"
    "  msprecheck precheck --fix-script fix.sh && . ./fix.sh  write the fixes, then apply them here\n"
    "  msprecheck precheck --rules mine.toml --rules-only    nothing but rules of your own\n";

std::set<std::string, std::less<>> needed_facts(const RuleLibrary& library) {
  auto needed = facts_needed(library.rules);
  for (const std::string& path : library.scenes.references()) needed.insert(path);
  // What the head of the report names.
  for (const char* path : {"host.name", "host.arch", "host.kernel.release", "cpu.count", "npu.count",
                           "npu.family", "npu.devices"}) {
    needed.insert(path);
  }
  return needed;
}

int run_precheck(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  const FailOn fail_on = fail_on_named(arguments.fail_on);
  const ProbeSet probes = load_probes();
  const RuleLibrary library = load_rule_library(facts_of(probes), arguments.rules, !arguments.rules_only);
  for (const std::string& note : library.notes) fmt::print(stderr, "note: {}\n", note);

  const FactDocument facts = read_host(arguments.host, probes, needed_facts(library));
  const Scene scene = library.scenes.detect(facts, arguments.scene);
  const std::vector<Finding> findings = evaluate(library.rules, facts, scene);
  const Verdict verdict = decide(findings, fail_on, arguments.allow_unknown);

  const PrecheckReport report{.facts = facts, .scene = scene, .findings = findings, .verdict = verdict};
  if (arguments.format == "json") {
    write_stdout(precheck_json(report, lang).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    write_stdout(precheck_text(report, stdout_style(lang, arguments.verbose)));
  }
  if (!arguments.fix_script.empty()) {
    write_file_atomically(arguments.fix_script, fix_script(findings, lang));
    fmt::print(stderr, fmt::runtime(lang == Lang::zh ? "修复脚本已写入 {}\n" : "fixes written to {}\n"),
               arguments.fix_script);
  }
  return finish(verdict, lang);
}

}  // namespace

void add_precheck_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("precheck", "Judge whether this host, or a recorded one, is fit to serve");
  add_host_options(*command, arguments->host);
  add_environment_options(*command, arguments->host);
  command
      ->add_option("--rules", arguments->rules,
                   "Add rules: a TOML file, or a directory of them; a rule with a known id replaces it")
      ->type_name("PATH");
  command->add_flag("--rules-only", arguments->rules_only, "Judge by the rules of --rules alone");
  command
      ->add_option("--scene", arguments->scene,
                   "Say the scene instead of detecting it: mindie,pd_mix,A2,benchmark")
      ->type_name("WORDS");
  command
      ->add_option("--fail-on", arguments->fail_on,
                   "Lowest severity that decides the status: error, warning, info or never")
      ->type_name("LEVEL")
      ->check(CLI::IsMember(std::vector<std::string>(kFailOnNames.begin(), kFailOnNames.end())))
      ->capture_default_str();
  command->add_flag("--allow-unknown", arguments->allow_unknown,
                    "Let checks pass whose facts could not be read");
  command->add_option("--format", arguments->format, "text, or json (docs/schema/precheck.schema.json)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  command
      ->add_option("--fix-script", arguments->fix_script, "Write a shell script of the fixes of what failed")
      ->type_name("FILE");
  add_lang_option(*command, arguments->lang);
  command->add_flag("-v,--verbose", arguments->verbose,
                    "Show reasons, sources, and what passed or was skipped");
  command->footer(exit_status_help() + "\n" + kExamples);
  command->callback([arguments, &run] { run = [arguments] { return run_precheck(*arguments); }; });
}

}  // namespace ms
