#include "cli/bind_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/file.hpp"
#include "cel/cpu_list.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "plan/binding_inputs.hpp"
#include "report/binding.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  std::string npus;
  int instances = 1;
  std::optional<int> cores_per_worker;
  std::optional<double> free_percent;
  std::string format = "text";
  std::string script;
  std::string lang;
};

constexpr const char* kFooter =
    "Exit status:\n"
    "  0    there is a plan\n"
    "  2    the request or an input is wrong\n"
    "  3    there is nothing to plan with, and why is said\n\n"
    "Examples:\n"
    "  msadvisor bind                                       this host\n"
    "  msadvisor bind --facts example:healthy-800i-a2       a built-in example\n"
    "  msadvisor bind --npus 0-3 --instances 2              two services of two NPUs each\n"
    "  msadvisor bind --script bind.sh                      and a script that does it by hand\n";

std::vector<std::int64_t> npus_option(const std::string& text) {
  if (text.empty()) return {};
  const auto npus = cel::parse_cpu_list(text);
  if (!npus || npus->empty() || npus->size() > 1024) {
    throw InputError("--npus", fmt::format("expected a list like 0,1,4-7, not '{}'", text));
  }
  return *npus;
}

std::optional<bool> bool_fact(const FactDocument& facts, std::string_view path) {
  const Json* value = facts.find(path);
  return value != nullptr && value->is_boolean() ? std::optional(value->get<bool>()) : std::nullopt;
}

BindReport report_of(const FactDocument& facts, const Arguments& arguments) {
  BindReport report;
  if (const Json* name = facts.find("host.name"); name != nullptr && name->is_string()) report.host = *name;
  report.free_percent = arguments.free_percent;
  report.verdict = judge_binding(arguments.free_percent);
  report.irqbalance_running = bool_fact(facts, "host.irqbalance_running");
  report.binders = find_binders(facts);
  const auto inputs = binding_inputs(facts, {.instances = arguments.instances,
                                             .npus = npus_option(arguments.npus),
                                             .cores_per_worker = arguments.cores_per_worker});
  if (!inputs) {
    report.plan.problem = {"the NUMA nodes are not known: " + inputs.reason(),
                           "NUMA 节点未知：" + inputs.reason()};
    return report;
  }
  report.plan = plan_binding(inputs->request);
  report.plan.assumptions.insert(report.plan.assumptions.begin(), inputs->assumptions.begin(),
                                 inputs->assumptions.end());
  report.plan.warnings.insert(report.plan.warnings.begin(), inputs->warnings.begin(), inputs->warnings.end());
  report.alternatives = binding_alternatives(report.plan, facts);
  return report;
}

int run_bind(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  const FactDocument facts = read_host(arguments.host, probes_of(arguments.host), binding_facts());
  const BindReport report = report_of(facts, arguments);
  if (arguments.format == "json") {
    write_stdout(binding_json(report, lang).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (arguments.format == "markdown") {
    write_stdout(binding_markdown(report, lang));
  } else {
    write_stdout(binding_text(report, stdout_style(lang, false)));
  }
  if (!report.plan.problem.en.empty()) {
    return finish({.status = ExitStatus::undecided, .reason = {"there is no plan", "无法给出规划"}}, lang);
  }
  if (!arguments.script.empty()) {
    write_file_atomically(arguments.script, binding_script(report, lang));
    fmt::print(stderr, fmt::runtime(lang == Lang::zh ? "脚本已写入 {}\n" : "script written to {}\n"),
               arguments.script);
  }
  return finish({.status = ExitStatus::ok, .reason = {"a plan was given", "已给出规划"}}, lang);
}

}  // namespace

void add_bind_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "bind", "Plan which CPUs the service, the workers and interrupts get; say whether to bind at all");
  command->add_option("--npus", arguments->npus, "NPUs that are served: 0,1,4-7; without it, all")
      ->type_name("LIST");
  command
      ->add_option("--instances", arguments->instances, "Services that share the NPUs evenly, in their order")
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--cores-per-worker", arguments->cores_per_worker,
                   "Cores of one worker, those of its interrupts included; without it, as many as there are")
      ->type_name("N")
      ->check(CLI::Range(1, 65536));
  command
      ->add_option(
          "--free-time", arguments->free_percent,
          "Percent of the run in which the NPU waited for the host, from a profile: decides whether to bind")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
  add_host_options(*command, arguments->host);
  command
      ->add_option("--format", arguments->format, "text, markdown, or json (docs/schema/binding.schema.json)")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  command->add_option("--script", arguments->script, "Write a shell script that binds as planned")
      ->type_name("FILE");
  add_lang_option(*command, arguments->lang);
  command->footer(kFooter);
  command->callback([arguments, &run] { run = [arguments] { return run_bind(*arguments); }; });
}

}  // namespace ms
