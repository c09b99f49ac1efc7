#include "cli/compare_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/closest_match.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/record_arguments.hpp"
#include "fleet/compare.hpp"
#include "report/compare.hpp"

namespace ms {
namespace {

struct Arguments {
  std::vector<std::string> hosts;
  std::string only;
  bool all = false;
  RecordArguments judging;
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

std::vector<ComparedHost> read_hosts(const Arguments& arguments, const RecordJudges& judges) {
  std::vector<ComparedHost> hosts;
  std::map<std::string, int> seen;
  for (const std::string& source : arguments.hosts) {
    hosts.push_back({.name = source, .source = source, .facts = judges.read(source)});
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
  if (arguments.hosts.size() < 2) throw InputError("compare", "needs two recorded hosts or more");
  const RecordJudges judges = load_record_judges(arguments.judging, lang);
  const std::vector<ComparedHost> hosts = read_hosts(arguments, judges);
  const Comparison comparison =
      compare_hosts(hosts, judges.library.rules, judges.library.scenes, arguments.judging.scene, judges.table,
                    paths_of(arguments, hosts, judges.facts));
  const TextStyle style = stdout_style(lang, arguments.all);
  write_picture(arguments.format, {.json = [&] { return compare_json(comparison, lang, arguments.all); },
                                   .markdown = [&] { return compare_markdown(comparison, style); },
                                   .text = [&] { return compare_text(comparison, style); }});
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
  add_record_options(*command, arguments->judging, "Add rules: a TOML file, or a directory of them");
  add_picture_format_option(*command, arguments->format);
  add_lang_option(*command, arguments->lang);
  command->footer(kHelp);
  command->callback([arguments, &run] { run = [arguments] { return run_compare(*arguments); }; });
}

}  // namespace ms
