#include "cli/rules_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/site_rules.hpp"
#include "rule/examples.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  std::vector<std::filesystem::path> rules;
  bool rules_only = false;
  std::string probes;
  std::string id;                  ///< show, explain; test: only this one
  std::vector<std::string> words;  ///< list: all of them in a rule's id or title
  std::string lang;
};

// The rules that are asked about, with what they were compiled against.
struct Loaded {
  std::vector<FactSpec> facts;
  RuleLibrary library;
};

// The rules of the site and those that were given.
std::vector<std::filesystem::path> paths_of(const Arguments& arguments) {
  auto paths = arguments.rules_only ? std::vector<std::filesystem::path>() : site_rules("");
  paths.insert(paths.end(), arguments.rules.begin(), arguments.rules.end());
  return paths;
}

Loaded load(const Arguments& arguments) {
  Loaded loaded{facts_of(probes_of({.probes = arguments.probes})), {}};
  loaded.library = load_rule_library(loaded.facts, paths_of(arguments), !arguments.rules_only);
  return loaded;
}

std::vector<RuleExample> load_examples(const Loaded& loaded, const Arguments& arguments) {
  return load_rule_examples(loaded.facts, loaded.library.rules, paths_of(arguments), !arguments.rules_only);
}

std::string_view pack_of(const Rule& rule) {
  const std::string_view place = rule.defined_at;
  return place.substr(0, place.rfind(':'));
}

int list_rules(const Arguments& arguments) {
  const Loaded loaded = load(arguments);
  const TextStyle style = stdout_style(choose_lang(arguments.lang), false);
  const auto is_wanted = [&](const Rule& rule) {
    const std::string text = to_lower(rule.id + " " + rule.title.en + " " + rule.title.zh);
    return std::all_of(arguments.words.begin(), arguments.words.end(),
                       [&](const std::string& word) { return text.find(to_lower(word)) != text.npos; });
  };
  std::size_t width = 0;
  for (const Rule& rule : loaded.library.rules) width = std::max(width, is_wanted(rule) ? rule.id.size() : 0);
  std::string text;
  std::string_view pack;
  std::size_t count = 0;
  for (const Rule& rule : loaded.library.rules) {
    if (!is_wanted(rule)) continue;
    ++count;
    if (pack_of(rule) != pack) {
      text += fmt::format("{}{}\n", pack.empty() ? "" : "\n", paint(style, Color::bold, pack_of(rule)));
      pack = pack_of(rule);
    }
    text += fmt::format("  {}  {}  {}\n", pad(name_of(rule.severity), 7), pad(rule.id, width),
                        rule.title.in(style.lang));
  }
  text += fmt::format(fmt::runtime(style.pick("\n{} of {} rules\n", "\n共 {1} 条规则，列出 {0} 条\n")), count,
                      loaded.library.rules.size());
  write_stdout(text);
  return count > 0 ? 0 : static_cast<int>(ExitStatus::failed);
}

// The text of a built-in pack, or of a file.
std::string pack_text(const std::string& pack) {
  for (const EmbeddedFile& file : embedded::rules()) {
    if (file.name == pack) return std::string(file.text);
  }
  return read_document(pack);
}

int show_rule(const Arguments& arguments) {
  const Loaded loaded = load(arguments);
  const Rule& rule = find_rule(loaded.library, arguments.id);
  const std::string text = pack_text(std::string(pack_of(rule)));
  const auto lines = split_lines(text);
  const auto first = static_cast<std::size_t>(
      std::max<std::int64_t>(parse_int(rule.defined_at.substr(rule.defined_at.rfind(':') + 1)).value_or(1),
                             1) -
      1);
  std::string shown = fmt::format("# {}\n", rule.defined_at);
  std::size_t end = std::min(first + 1, lines.size());
  while (end < lines.size() && !lines[end].starts_with("[[") && !lines[end].starts_with("# ---")) ++end;
  while (end > first && trim(lines[end - 1]).empty()) --end;
  for (std::size_t i = first; i < end; ++i) shown += fmt::format("{}\n", lines[i]);
  write_stdout(shown);
  return 0;
}

int explain_rule(const Arguments& arguments) {
  const Loaded loaded = load(arguments);
  const Rule& rule = find_rule(loaded.library, arguments.id);
  const TextStyle style = stdout_style(choose_lang(arguments.lang), false);
  std::string text = fmt::format("{}  {}\n", paint(style, Color::bold, rule.id), rule.title.in(style.lang));
  const auto line = [&](std::string_view en, std::string_view zh, std::string_view value) {
    if (!value.empty()) text += wrap(style, 2, pad(style.pick(en, zh), 10), value);
  };
  line("severity", "级别", name_of(rule.severity));
  line("why", "原因", rule.why.in(style.lang));
  line("disputed", "分歧", rule.disputed.in(style.lang));
  line("applies", "适用",
       rule.when ? fmt::format("{}", rule.when->source()) : std::string(style.pick("always", "始终")));
  if (rule.for_each) line("each of", "逐项", rule.for_each->source());
  line("holds", "条件", rule.check.source());
  for (const RuleExample& example : load_examples(loaded, arguments)) {
    if (example.rule != rule.id || example.outcome != Outcome::fail) continue;
    for (const Finding& finding : judge_example(rule, example, loaded.library.scenes)) {
      if (finding.outcome != Outcome::fail) continue;
      line("fails on", "不符例", finding.actual.in(style.lang));
      for (const auto& [name, value] : finding.fix.env)
        line("fix", "修复", fmt::format("export {}={}", name, shell_quote(value)));
      for (const std::string& name : finding.fix.unset) line("fix", "修复", "unset " + name);
      for (const std::string& command : finding.fix.commands) line("fix", "修复", command);
      line("fix", "修复", finding.fix.note.in(style.lang));
      break;
    }
    break;
  }
  for (const std::string& source : rule.source) line("source", "出处", source);
  line("defined", "定义", rule.defined_at);
  write_stdout(text);
  return 0;
}

int test_rules(const Arguments& arguments) {
  const Loaded loaded = load(arguments);
  if (!arguments.id.empty()) find_rule(loaded.library, arguments.id);
  std::string text;
  int passed = 0;
  int failed = 0;
  for (const RuleExample& example : load_examples(loaded, arguments)) {
    if (!arguments.id.empty() && example.rule != arguments.id) continue;
    const Rule& rule = find_rule(loaded.library, example.rule);
    if (const auto wrong = contradiction(example, judge_example(rule, example, loaded.library.scenes))) {
      text += fmt::format("{}: {}: {}\n", example.defined_at, rule.id, *wrong);
      ++failed;
    } else {
      ++passed;
    }
  }
  text += fmt::format("{} examples hold, {} do not\n", passed, failed);
  write_stdout(text);
  return failed == 0 && passed > 0 ? 0 : static_cast<int>(ExitStatus::failed);
}

// What a reader of reports would miss in a rule, though it loads.
std::vector<std::string> shortcomings(const Rule& rule, const std::vector<RuleExample>& examples) {
  std::vector<std::string> found;
  for (const Outcome outcome : {Outcome::pass, Outcome::fail}) {
    const bool any = std::any_of(examples.begin(), examples.end(), [&](const RuleExample& example) {
      return example.rule == rule.id && example.outcome == outcome;
    });
    if (!any) {
      found.push_back(fmt::format("has no example that {}: add one to {}",
                                  outcome == Outcome::pass ? "passes" : "fails",
                                  examples_file(pack_of(rule))));
    }
  }
  if (rule.source.empty()) found.emplace_back("names no source");
  constexpr std::size_t kTitleWidth = 100;
  if (display_width(rule.title.en) > kTitleWidth) found.emplace_back("its title does not fit a line");
  if (rule.title.en.ends_with('.')) found.emplace_back("its title ends with a full stop");
  return found;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

int lint_rules(const Arguments& arguments) {
  const Loaded loaded = load(arguments);
  const std::vector<RuleExample> examples = load_examples(loaded, arguments);
  std::string text;
  std::size_t wrong = 0;
  for (const Rule& rule : loaded.library.rules) {
    for (const std::string& shortcoming : shortcomings(rule, examples)) {
      text += fmt::format("{}: {}: {}\n", rule.defined_at, rule.id, shortcoming);
      ++wrong;
    }
  }
  text += fmt::format("{}, {}, {}\n", counted(loaded.library.rules.size(), "rule"),
                      counted(examples.size(), "example"), counted(wrong, "shortcoming"));
  write_stdout(text);
  return wrong == 0 ? 0 : static_cast<int>(ExitStatus::failed);
}

void add_rule_options(CLI::App& command, Arguments& arguments) {
  command.add_option("--rules", arguments.rules, "Add rules: a TOML file, or a directory of them")
      ->type_name("PATH");
  command.add_flag("--rules-only", arguments.rules_only, "Only the rules of --rules");
  command
      .add_option("--probes", arguments.probes, "Facts of your own that the rules speak of (docs/probes.md)")
      ->type_name("DIR");
}

}  // namespace

void add_rules_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* rules = app.add_subcommand("rules", "List, show, explain, lint and test the rules");
  rules->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, int (*f)(const Arguments&)) {
    CLI::App* command = rules->add_subcommand(name, what);
    add_rule_options(*command, *arguments);
    command->callback([arguments, f, &run] { run = [arguments, f] { return f(*arguments); }; });
    return command;
  };
  CLI::App* list = add("list", "All rules by pack; with words, those whose id or title has them", list_rules);
  list->add_option("words", arguments->words, "What to look for")->type_name("WORD");
  add_lang_option(*list, arguments->lang);
  CLI::App* show = add("show", "A rule as it is written", show_rule);
  show->add_option("id", arguments->id, "Id of the rule")->type_name("ID")->required();
  CLI::App* explain = add("explain", "What a rule wants, why, and what mends it", explain_rule);
  explain->add_option("id", arguments->id, "Id of the rule")->type_name("ID")->required();
  add_lang_option(*explain, arguments->lang);
  CLI::App* test =
      add("test", "Judge the examples of the rules: status 1 when one is not as it says", test_rules);
  test->add_option("id", arguments->id, "Only this rule")->type_name("ID");
  add("lint", "What is missing in rules that load: examples, sources", lint_rules);
}

}  // namespace ms
