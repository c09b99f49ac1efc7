#include "cli/compare_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/closest_match.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/host_source.hpp"
#include "fleet/compare.hpp"
#include "report/compare.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  std::vector<std::string> hosts;
  std::string only;
  bool all = false;
  std::vector<std::filesystem::path> rules;
  bool rules_only = false;
  std::string probes;
  std::string scene;
  std::string format = "text";
  std::string lang;
};

constexpr const char* kHelp =
    "Exit status:\n"
    "  0    the hosts differ in nothing that counts\n"
    "  1    they differ, or a rule ends differently on them\n"
    "  2    the request or an input is wrong: arguments, a record, a rule file\n"
    "\n"
    "Examples:\n"
    "  msprecheck compare good.json bad.json              why does one host behave differently?\n"
    "  msprecheck compare rack7/*.json                    which of these is the odd one?\n"
    "  msprecheck compare a.json b.json --only env,npu    nothing but variables and NPUs\n"
    "  msprecheck compare example:healthy-800i-a2 example:badly-set-800i-a2\n";

std::vector<std::string> tree_names(const std::vector<ComparedHost>& hosts,
                                    const std::vector<FactSpec>& facts) {
  std::set<std::string> names;
  for (const FactSpec& fact : facts) names.insert(fact.path.substr(0, fact.path.find('.')));
  for (const ComparedHost& host : hosts) {
    for (const auto& [name, value] : host.facts.tree().items()) names.insert(name);
  }
  return {names.begin(), names.end()};
}

bool is_known_path(const std::vector<ComparedHost>& hosts, const std::vector<FactSpec>& facts,
                   const std::string& path) {
  for (const FactSpec& fact : facts) {
    if (fact.path == path || fact.path.starts_with(path + ".")) return true;
  }
  for (const ComparedHost& host : hosts) {
    const Json* value = host.facts.find(path);
    if (value != nullptr && !absent_reason(*value)) return true;
  }
  return false;
}

std::set<std::string, std::less<>> paths_of(const Arguments& arguments,
                                            const std::vector<ComparedHost>& hosts,
                                            const std::vector<FactSpec>& facts) {
  std::set<std::string, std::less<>> only;
  if (arguments.only.empty()) return only;
  for (const std::string_view part : split(arguments.only, ',')) {
    const std::string path(trim(part));
    if (!is_known_path(hosts, facts, path)) {
      throw InputError("--only", fmt::format("none of the hosts has '{}'{}", path,
                                             did_you_mean(closest_match(path, tree_names(hosts, facts)))));
    }
    only.insert(path);
  }
  return only;
}

std::vector<ComparedHost> read_hosts(const Arguments& arguments, const ProbeSet& probes) {
  std::vector<ComparedHost> hosts;
  std::map<std::string, int> seen;
  for (const std::string& source : arguments.hosts) {
    HostArguments host;
    host.facts = source;
    hosts.push_back({.name = source, .source = source, .facts = read_host(host, probes, std::nullopt)});
    const Json* name = hosts.back().facts.find("host.name");
    if (name != nullptr && name->is_string() && !name->get_ref<const std::string&>().empty()) {
      hosts.back().name = name->get<std::string>();
    }
    ++seen[hosts.back().name];
  }
  std::set<std::string> names;
  for (ComparedHost& host : hosts) {
    if (seen[host.name] > 1) host.name = host.source;
    if (!names.insert(host.name).second) throw InputError(host.source, "is given twice");
  }
  return hosts;
}

int run_compare(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  HostArguments host;
  host.probes = arguments.probes;
  const ProbeSet probes = probes_of(host);
  const std::vector<FactSpec> facts = facts_of(probes);
  if (arguments.hosts.size() < 2) throw InputError("compare", "needs two recorded hosts or more");
  const RuleLibrary library = load_rule_library(facts, arguments.rules, !arguments.rules_only);
  const std::vector<ComparedHost> hosts = read_hosts(arguments, probes);
  const DifferenceTable table = DifferenceTable::builtin();
  const Comparison comparison = compare_hosts(hosts, library.rules, library.scenes, arguments.scene, table,
                                              paths_of(arguments, hosts, facts));
  const TextStyle style = stdout_style(lang, arguments.all);
  if (arguments.format == "json") {
    const OrderedJson json = compare_json(comparison, lang, arguments.all);
    write_stdout(json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
  } else if (arguments.format == "markdown") {
    write_stdout(compare_markdown(comparison, style));
  } else {
    write_stdout(compare_text(comparison, style));
  }
  return finish(comparison.verdict, lang);
}

}  // namespace

void add_compare_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "compare", "Show in what recorded hosts differ, and which of the differences matter by rules");
  command
      ->add_option("hosts", arguments->hosts,
                   "Two hosts or more: files of 'msprecheck dump', or example:NAME")
      ->type_name("FILE");
  command
      ->add_option("--only", arguments->only,
                   "Keep to these trees or paths, with commas between: env,npu,memory.thp")
      ->type_name("PATHS");
  command->add_flag("--all", arguments->all,
                    "Show the expected differences too: host names, addresses, serial numbers, readings");
  command->add_option("--rules", arguments->rules, "Add rules: a TOML file, or a directory of them")
      ->type_name("PATH");
  command->add_flag("--rules-only", arguments->rules_only, "Judge by the rules of --rules alone");
  command
      ->add_option("--probes", arguments->probes,
                   "Facts of your own that the rules speak of (docs/probes.md)")
      ->type_name("DIR");
  command->add_option("--scene", arguments->scene, "Say the scene of all hosts instead of detecting it")
      ->type_name("WORDS");
  command->add_option("--format", arguments->format, "Format: text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_lang_option(*command, arguments->lang);
  command->footer(kHelp);
  command->callback([arguments, &run] { run = [arguments] { return run_compare(*arguments); }; });
}

}  // namespace ms
