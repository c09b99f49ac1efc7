#include "cli/eval_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/text.hpp"
#include "cel/function.hpp"
#include "cel/program.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "rule/expression.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  std::string expression;
  std::string scene;
  bool explain = false;
  bool functions = false;
};

constexpr std::string_view kSource = "expression";

constexpr const char* kExamples =
    "Examples:\n"
    "  msprecheck eval 'memory.thp.mode == \"always\"'\n"
    "  msprecheck eval --explain 'cpu.governors.all(c, c.governor == \"performance\")'\n"
    "  msprecheck eval --facts example:badly-set-800i-a2 'npu.devices.filter(d, d.health != \"OK\").map(d, "
    "d.id)'\n";

constexpr const char* kExitStatusHelp =
    "Exit status:\n"
    "  0    the expression has a value\n"
    "  2    it does not compile, or the request is wrong\n"
    "  3    it has none: a fact could not be read, or the computation went wrong\n";

std::string value_text(const cel::Value& value) {
  if (value.is(cel::Kind::unknown)) return fmt::format("unknown ({})", reasons_of(value));
  if (value.is(cel::Kind::error)) return fmt::format("error: {}", value.error().message);
  if (value.is(cel::Kind::string))
    return Json(std::string(value.as_string())).dump(-1, ' ', false, Json::error_handler_t::replace);
  return cel::to_text(value);
}

std::string tree(const cel::Explanation& explanation, std::size_t depth) {
  std::string text = fmt::format("{}{}  =>  {}\n", std::string(2 * depth, ' '), explanation.source,
                                 value_text(explanation.value));
  for (const cel::Explanation& part : explanation.parts) text += tree(part, depth + 1);
  return text;
}

std::string origin(const FactDocument& facts, std::string_view path) {
  const Provenance* provenance = facts.provenance(path);
  return provenance != nullptr ? provenance->source : "not read";
}

cel::Program compile_expression(const std::string& text, const cel::Environment& environment) {
  try {
    return cel::compile(text, environment);
  } catch (const cel::CompileError& e) {
    const Position at = position_of(text, e.offset());
    throw InputError(std::string(kSource), at, e.what(), caret_excerpt(text, at));
  }
}

// A pipe would end the cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string function_table() {
  std::string text =
      "# Functions of expressions\n\n"
      "Written by `msprecheck eval --functions`; tests hold it against the code, and evaluate every example "
      "to true.\n";
  std::string_view section;
  for (const cel::FunctionDoc& doc : cel::function_docs()) {
    if (doc.section != section) {
      section = doc.section;
      text += fmt::format("\n## {}\n\n| function | what it does | example |\n|---|---|---|\n", section);
    }
    text += fmt::format("| `{}` | {} | `{}` |\n", cell(doc.signature), cell(doc.summary), cell(doc.example));
  }
  return text;
}

int run_eval(const Arguments& arguments) {
  if (arguments.functions) {
    write_stdout(function_table());
    return 0;
  }
  if (arguments.expression.empty()) throw InputError("command line", "an expression is missing");
  const ProbeSet probes = probes_of(arguments.host);
  const RuleLibrary library = load_rule_library(facts_of(probes), {}, true);
  const cel::Program program = compile_expression(arguments.expression, *library.environment);

  std::set<std::string, std::less<>> needed;
  for (const std::string_view path : program.references()) needed.emplace(path);
  for (const std::string& path : library.scenes.references()) needed.insert(path);
  const FactDocument facts = read_host(arguments.host, probes, needed);
  const Json scene = library.scenes.detect(facts, arguments.scene).to_json();
  cel::Activation activation = activation_of(facts);
  activation.bind("scene", scene);

  cel::Arena arena;
  const cel::Value value = program.evaluate(activation, arena);
  std::string text = value_text(value) + "\n";
  text += fmt::format("type    {}\n", value.is_failure() ? program.result_type().to_text()
                                                         : std::string(cel::type_name(value.kind())));
  for (const std::string_view path : program.references()) {
    if (!path.starts_with("scene.")) text += fmt::format("from    {}: {}\n", path, origin(facts, path));
  }
  if (arguments.explain) text += "\n" + tree(program.evaluate_explained(activation, arena), 0);
  write_stdout(text);
  if (!value.is_failure()) return static_cast<int>(ExitStatus::ok);
  return finish(Verdict{ExitStatus::undecided, {"the expression has no value here", "表达式在此没有值"}},
                Lang::en);
}

}  // namespace

void add_eval_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("eval", "Evaluate an expression on the facts of a host: how a rule is tried out");
  command->add_option("expression", arguments->expression, "A CEL expression (docs/rules.md)")
      ->type_name("EXPR");
  command->add_flag("--functions", arguments->functions,
                    "List the functions that expressions may use (docs/functions.md)");
  command->add_flag("--explain", arguments->explain, "Show the values of its parts");
  command->add_option("--scene", arguments->scene, "Say the scene instead of detecting it")
      ->type_name("WORDS");
  add_host_options(*command, arguments->host);
  add_config_options(*command, arguments->host.configs);
  add_environment_options(*command, arguments->host);
  command->footer(std::string(kExitStatusHelp) + "\n" + kExamples);
  command->callback([arguments, &run] { run = [arguments] { return run_eval(*arguments); }; });
}

}  // namespace ms
