#include "cli/precheck_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/closest_match.hpp"
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
  std::vector<std::string> reports;  ///< FORMAT=FILE
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

// What decides which rules apply, and what the head of the report names.
std::set<std::string, std::less<>> facts_to_begin_with(const RuleLibrary& library) {
  auto needed = facts_of_conditions(library.rules);
  for (const std::string& path : library.scenes.references()) needed.insert(path);
  for (const char* path : {"host.name", "host.arch", "host.kernel.release", "cpu.count", "npu.count",
                           "npu.family", "npu.devices"}) {
    needed.insert(path);
  }
  return needed;
}

struct ReportFile {
  const PrecheckFormat* format;
  std::string path;
};

std::vector<ReportFile> parse_reports(const std::vector<std::string>& reports) {
  std::vector<ReportFile> files;
  for (const std::string& text : reports) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals + 1 == text.size()) {
      throw InputError("--report",
                       fmt::format("expected FORMAT=FILE, like junit=precheck.xml, not '{}'", text));
    }
    const std::string name = text.substr(0, equals);
    const PrecheckFormat* format = find_precheck_format(name);
    if (format == nullptr) {
      throw InputError("--report", fmt::format("unknown format '{}'{}", name,
                                               did_you_mean(closest_match(name, precheck_format_names()))));
    }
    files.push_back({format, text.substr(equals + 1)});
  }
  return files;
}

std::string format_help() {
  std::string text = "Formats of --format and --report:\n";
  for (const PrecheckFormat& format : precheck_formats())
    text += fmt::format("  {:<11} {}\n", format.name, format.what);
  return text;
}

int run_precheck(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  const FailOn fail_on = fail_on_named(arguments.fail_on);
  const std::vector<ReportFile> report_files = parse_reports(arguments.reports);
  const ProbeSet probes = probes_of(arguments.host);
  const RuleLibrary library = load_rule_library(facts_of(probes), arguments.rules, !arguments.rules_only);
  for (const std::string& note : library.notes) fmt::print(stderr, "note: {}\n", note);

  // A rule that does not apply here costs no command.
  FactDocument facts = read_host(arguments.host, probes, facts_to_begin_with(library));
  const Scene scene = library.scenes.detect(facts, arguments.scene);
  read_more(facts, arguments.host, probes, facts_needed(library.rules, facts, scene));
  const std::vector<Finding> findings = evaluate(library.rules, facts, scene);
  const Verdict verdict = decide(findings, fail_on, arguments.allow_unknown);

  const PrecheckReport report{.facts = facts,
                              .scene = scene,
                              .findings = findings,
                              .verdict = verdict,
                              .fail_on = fail_on,
                              .allow_unknown = arguments.allow_unknown};
  write_stdout(find_precheck_format(arguments.format)->write(report, stdout_style(lang, arguments.verbose)));
  for (const ReportFile& file : report_files) {
    write_file_atomically(file.path,
                          file.format->write(report, {.lang = lang, .verbose = arguments.verbose}));
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
  add_config_options(*command, arguments->host.configs);
  add_network_options(*command, arguments->host);
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
  add_fail_on_option(*command, arguments->fail_on);
  command->add_flag("--allow-unknown", arguments->allow_unknown,
                    "Let checks pass whose facts could not be read");
  command->add_option("--format", arguments->format, "Format of standard output: see below")
      ->check(CLI::IsMember(precheck_format_names()))
      ->type_name("FORMAT")
      ->capture_default_str();
  command
      ->add_option("--report", arguments->reports,
                   "Write a report as well, in any format: junit=precheck.xml; may be repeated")
      ->type_name("FORMAT=FILE");
  command
      ->add_option("--fix-script", arguments->fix_script, "Write a shell script of the fixes of what failed")
      ->type_name("FILE");
  add_lang_option(*command, arguments->lang);
  command->add_flag("-v,--verbose", arguments->verbose,
                    "Show reasons, sources, and what passed or was skipped");
  command->footer(exit_status_help() + "\n" + format_help() + "\n" + kExamples);
  command->callback([arguments, &run] { run = [arguments] { return run_precheck(*arguments); }; });
}

}  // namespace ms
