#include "cli/precheck_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/closest_match.hpp"
#include "base/duration.hpp"
#include "base/file.hpp"
#include "base/parallel.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/hardware_stress.hpp"
#include "cli/judgement.hpp"
#include "cli/pack_source.hpp"
#include "cli/report_files.hpp"
#include "cli/site_rules.hpp"
#include "report/precheck.hpp"
#include "rule/library.hpp"
#include "rule/profile.hpp"
#include "rule/waivers.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  HardwareArguments hardware;
  std::vector<std::filesystem::path> rules;
  std::string custom_rules;
  bool rules_only = false;
  bool no_site_rules = false;
  std::string profile;
  std::string waivers;
  std::string scene;
  std::string fail_on = "error";
  bool fail_on_given = false;
  bool allow_unknown = false;
  std::string severity_level = "low";
  std::string wait;
  std::string every = "5s";
  bool every_given = false;
  ReportArguments report;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  msprecheck precheck                                   this host, as this shell would start a service\n"
    "  msprecheck precheck --facts example:badly-set-800i-a2  a built-in example of a badly set host\n"
    "  msprecheck precheck --scene vllm --fail-on warning    judge for vLLM-Ascend, warnings count\n"
    "  msprecheck precheck --fix-script fix.sh && . ./fix.sh  write the fixes, then apply them here\n"
    "  msprecheck precheck --rules mine.toml --rules-only    nothing but rules of your own\n"
    "  msprecheck precheck --hardware --fail-on warning      look for slow cores too, before a service "
    "runs\n";

// The words of --severity-level: those of the existing tool, and ours.
struct ShowLevel {
  std::string_view name;
  Severity severity;
};
constexpr std::array<ShowLevel, 6> kShowLevels = {{{"low", Severity::info},
                                                   {"medium", Severity::warning},
                                                   {"high", Severity::error},
                                                   {"info", Severity::info},
                                                   {"warning", Severity::warning},
                                                   {"error", Severity::error}}};

std::vector<std::string> show_level_names() {
  std::vector<std::string> names;
  names.reserve(kShowLevels.size());
  for (const ShowLevel& level : kShowLevels) names.emplace_back(level.name);
  return names;
}

Severity show_level(std::string_view name) {
  return std::find_if(kShowLevels.begin(), kShowLevels.end(),
                      [&](const ShowLevel& l) { return l.name == name; })
      ->severity;
}

double duration_option(const std::string& text, const std::string& option) {
  constexpr double kLongest = 24 * 3600;
  const auto seconds = parse_seconds(text);
  if (!seconds || *seconds <= 0 || *seconds > kLongest) {
    throw InputError(option,
                     fmt::format("'{}' is not a duration up to 24h; write for example 120s or 2m", text));
  }
  return *seconds;
}

std::optional<Waiting> waiting_of(const Arguments& arguments) {
  if (arguments.wait.empty()) {
    if (arguments.every_given)
      throw InputError("--every", "needs --wait: it says how often to look meanwhile");
    return std::nullopt;
  }
  if (!arguments.host.facts.empty())
    throw InputError("--wait", "excludes --facts: saved facts do not change");
  return Waiting{.limit = duration_option(arguments.wait, "--wait"),
                 .every = duration_option(arguments.every, "--every")};
}

// Takes those out that have to be translated.
std::vector<std::filesystem::path> take_importable(std::vector<std::filesystem::path>& paths) {
  const auto first = std::stable_partition(paths.begin(), paths.end(),
                                           [](const auto& path) { return !is_importable(path.string()); });
  std::vector<std::filesystem::path> taken(first, paths.end());
  paths.erase(first, paths.end());
  return taken;
}

// How facts are read, and the rules that are compiled against them.
struct Loaded {
  ProbeSet probes;
  RuleLibrary library;
};

Loaded load(const Arguments& arguments, Lang lang) {
  std::vector<std::filesystem::path> paths;
  if (!arguments.no_site_rules && !arguments.rules_only) paths = site_rules(arguments.host.root);
  if (!paths.empty()) print_note(site_rules_note(paths), lang);
  paths.insert(paths.end(), arguments.rules.begin(), arguments.rules.end());
  std::vector<std::filesystem::path> importable = take_importable(paths);
  if (!arguments.custom_rules.empty()) importable.emplace_back(arguments.custom_rules);
  // Reading packs takes as long as making what they are compiled against.
  auto [loaded, packs] = side_by_side(
      [&] {
        ProbeSet probes = probes_of(arguments.host);
        RuleLibrary library = empty_library(facts_of(probes));
        return Loaded{std::move(probes), std::move(library)};
      },
      [&] { return read_packs(paths, !arguments.rules_only); });
  if (!importable.empty()) {
    const std::vector<FactSpec> facts = facts_of(loaded.probes);
    for (const std::filesystem::path& path : importable)
      packs.push_back(translate_pack(path.string(), facts));
  }
  add_packs(loaded.library, packs);
  for (const Text& note : loaded.library.notes) print_note(note, lang);
  return std::move(loaded);
}

// What a profile says holds where the command line says nothing.
void take_profile(Arguments& arguments, RuleLibrary& library) {
  if (arguments.profile.empty()) return;
  const Profile profile = apply_profile(open_profile(arguments.profile), library.rules);
  if (profile.fail_on && !arguments.fail_on_given) arguments.fail_on = *profile.fail_on;
  if (profile.scene && arguments.scene.empty()) arguments.scene = *profile.scene;
  arguments.allow_unknown = arguments.allow_unknown || profile.allow_unknown.value_or(false);
}

std::vector<Waiver> load_waivers_of(const Arguments& arguments, const std::vector<Rule>& rules, Lang lang) {
  if (arguments.waivers.empty()) return {};
  if (today_is_set()) {
    const std::string day = format_date(today());
    print_note({fmt::format("{} says that today is {}", kTodayVariable, day),
                fmt::format("{} 指定今天为 {}", kTodayVariable, day)},
               lang);
  }
  return load_waivers(parse_toml(read_document(arguments.waivers), arguments.waivers), rules, today());
}

std::vector<Finding> shown_from(Severity severity, const std::vector<Finding>& findings) {
  std::vector<Finding> shown;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(shown),
               [&](const Finding& finding) { return finding.severity >= severity; });
  return shown;
}

int run_precheck(Arguments arguments) {
  start_helpers();
  const Lang lang = choose_lang(arguments.report.lang);
  const std::vector<ReportFile> report_files = parse_report_files(arguments.report.reports);
  check(arguments.hardware, arguments.host);
  const std::optional<Waiting> waiting = waiting_of(arguments);
  auto [probes, library] = load(arguments, lang);
  // A waiver may name a rule that this profile leaves out.
  const std::vector<Waiver> waivers = load_waivers_of(arguments, library.rules, lang);
  take_profile(arguments, library);

  JudgeBy by{.host = arguments.host,
             .probes = probes,
             .library = library,
             .waivers = waivers,
             .today = waivers.empty() ? Date() : today(),
             .scene = arguments.scene,
             .fail_on = fail_on_named(arguments.fail_on),
             .allow_unknown = arguments.allow_unknown,
             .measured_of = {},
             .measure = {}};
  if (arguments.hardware.hardware) by.measured_of = {"npu.devices", "limits.cpu_limited", "limits.cpu_cores"};
  bool interrupted = false;
  by.measure = [&](FactDocument& facts) {
    interrupted = !stress_hardware(arguments.hardware, arguments.host, facts, lang);
    return !interrupted;
  };
  const Judgement judgement = waiting ? judge_until_fit(by, *waiting, lang) : judge(by);
  if (interrupted) return finish_interrupted(lang);
  for (const Text& note : judgement.notes) print_note(note, lang);

  const Severity show_from = show_level(arguments.severity_level);
  const bool all_shown = show_from == Severity::info;
  const std::vector<Finding> some =
      all_shown ? std::vector<Finding>() : shown_from(show_from, judgement.findings);
  const std::vector<Finding>& shown = all_shown ? judgement.findings : some;
  const PrecheckReport report{.facts = judgement.facts,
                              .scene = judgement.scene,
                              .findings = shown,
                              .verdict = judgement.verdict,
                              .fail_on = by.fail_on,
                              .allow_unknown = by.allow_unknown,
                              .show_from = show_from,
                              .hidden = judgement.findings.size() - shown.size()};
  write_reports(report, judgement.findings, arguments.report, report_files, lang);
  return finish(judgement.verdict, lang);
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
      ->add_option(
          "--rules", arguments->rules,
          "Add rules: a TOML file, a directory of them, or a .cmate or YAML file of msprechecker; a rule "
          "with a known id replaces it")
      ->type_name("PATH");
  command
      ->add_option("--custom-config-path", arguments->custom_rules,
                   "Add YAML rules of msprechecker, as that tool takes them")
      ->type_name("FILE");
  command->add_flag("--rules-only", arguments->rules_only, "Judge by the rules of --rules alone");
  command->add_flag("--no-site-rules", arguments->no_site_rules,
                    fmt::format("Leave out the rules of {} (of DIR{} with --root)", kSiteRules, kSiteRules));
  command
      ->add_option("--profile", arguments->profile,
                   fmt::format("Choose rules and defaults by a profile: a TOML file, or {}",
                               fmt::join(profile_names(), " or ")))
      ->type_name("PROFILE");
  command
      ->add_option("--waivers", arguments->waivers,
                   "Accept failures that this TOML file names, with reason, owner and last day")
      ->type_name("FILE");
  command
      ->add_option("--scene", arguments->scene,
                   "Say the scene instead of detecting it: mindie,pd_mix,A2,benchmark")
      ->type_name("WORDS");
  add_hardware_options(*command, arguments->hardware);
  add_fail_on_option(*command, arguments->fail_on);
  command->add_flag("--allow-unknown", arguments->allow_unknown,
                    "Let checks pass whose facts could not be read");
  command
      ->add_option("-l,--severity-level", arguments->severity_level,
                   "Show only rules of this severity or above; the status counts them all: low, medium, high "
                   "(info, warning, error)")
      ->type_name("LEVEL")
      ->check(CLI::IsMember(show_level_names()))
      ->capture_default_str();
  command
      ->add_option("--wait", arguments->wait,
                   "Look again until the status is 0 or this time is over, like 120s or 2m")
      ->type_name("DURATION");
  command
      ->add_option("--every", arguments->every,
                   "With --wait: the first pause; each is half as long again, up to 30s")
      ->type_name("DURATION")
      ->capture_default_str();
  add_report_options(*command, arguments->report,
                     "Write a report as well, in any format: junit=precheck.xml; may be repeated");
  command->footer(exit_status_help() + "\n" + report_format_help() + "\n" + kExamples);
  command->callback([arguments, command, &run] {
    arguments->fail_on_given = command->count("--fail-on") > 0;
    arguments->every_given = command->count("--every") > 0;
    run = [arguments] { return run_precheck(*arguments); };
  });
}

}  // namespace ms
