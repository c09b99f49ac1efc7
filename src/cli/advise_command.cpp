#include "cli/advise_command.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "advise/advisor.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "report/advice.hpp"
#include "rule/library.hpp"
#include "serving/config_patch.hpp"
#include "serving/config_path.hpp"

namespace ms {
namespace {

struct Arguments {
  HostArguments host;
  AdviseRequest request;
  std::string service;
  std::string hbm;
  std::string hbm_used;
  std::string budget = "mindie";
  std::string knowledge;
  std::string format = "text";
  std::string write_config;
  std::string lang;
  bool verbose = false;
};

struct Spelling {
  std::string_view known;
  std::string_view option;
};
constexpr std::array<Spelling, 3> kSpellings = {
    {{"-in", "--input-tokens"}, {"-out", "--output-tokens"}, {"-tp", "--tp"}}};

std::string exit_statuses() {
  std::string text = "Exit status:\n";
  for (const ManEntry& status : advise_exit_statuses())
    text += fmt::format("  {:<4} {}\n", status.name, status.what);
  return text;
}

constexpr const char* kExamples =
    "Examples:\n"
    "  msadvisor -in 256 -out 256                                           this host, its MindIE config, "
    "its NPUs\n"
    "  msadvisor -in 256 -out 256 --model Qwen2.5-7B-Instruct --chip 910B4  without any of them\n"
    "  msadvisor -in 256 -out 256 -s config.json --write-config new.json    and write a patched copy\n";

std::int64_t size_option(const std::string& text, const std::string& option) {
  const auto bytes = parse_size_bytes(text);
  if (!bytes || *bytes <= 0) {
    throw InputError(option, fmt::format("'{}' is not a size; write for example 32GiB or 65536MiB", text));
  }
  return *bytes;
}

UsedMemory used_option(const std::string& text) {
  if (text.ends_with('%')) {
    const auto percent = parse_double(trim(std::string_view(text).substr(0, text.size() - 1)));
    if (!percent || *percent < 0 || *percent > 100)
      throw InputError("--hbm-used", fmt::format("'{}' is not a share from 0% to 100%", text));
    return {.bytes = std::nullopt, .ratio = *percent / 100};
  }
  const auto bytes = parse_size_bytes(text);
  if (!bytes)
    throw InputError("--hbm-used", fmt::format("'{}' is neither a size (1.6GiB) nor a share (5%)", text));
  return {.bytes = *bytes, .ratio = std::nullopt};
}

// What of the host matters here: its NPUs' memory and the variables that the engine reads.
FactDocument read_relevant_facts(const HostArguments& arguments) {
  static const std::set<std::string, std::less<>> kNeeded = {"npu.devices", "env"};
  return read_host(arguments, probes_of(arguments), kNeeded);
}

std::optional<std::string> variable(const FactDocument& host, std::string_view name) {
  const Json* value = host.find(fmt::format("env.{}", name));
  return value != nullptr && value->is_string() ? std::optional(value->get<std::string>()) : std::nullopt;
}

std::optional<MindieConfig> find_service(const Arguments& arguments, const FactDocument& host) {
  if (const auto example = find_example(arguments.service, "mindie", "-s"))
    return read_mindie_config(*example, arguments.service);
  const auto given =
      arguments.service.empty() ? std::nullopt : std::optional<std::filesystem::path>(arguments.service);
  const auto path = find_mindie_config(given, [&](std::string_view name) { return variable(host, name); });
  if (path) return read_mindie_config(read_document(*path), path->string());
  // Without -s a config is welcome, not needed.
  if (given) throw InputError("-s", path.reason());
  return std::nullopt;
}

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;
  return std::filesystem::equivalent(a, b, error) && !error;
}

void write_config(const Arguments& arguments, const AdviseResult& result, Lang lang) {
  if (!arguments.request.service)
    throw InputError("--write-config", "needs a MindIE config to patch: give it with -s");
  if (same_file(arguments.write_config, arguments.request.service->source)) {
    throw InputError("--write-config",
                     "is the config itself; it is never changed in place: name another file");
  }
  write_file_atomically(arguments.write_config, apply_patch(*arguments.request.service, result.patch));
  fmt::print(stderr,
             fmt::runtime(lang == Lang::zh ? "修改后的配置已写入 {}\n" : "patched config written to {}\n"),
             arguments.write_config);
}

int run_advise(Arguments arguments) {
  const Lang lang = choose_lang(arguments.lang);
  AdviseRequest& request = arguments.request;
  if (!arguments.hbm.empty()) request.hbm_bytes = size_option(arguments.hbm, "--hbm");
  if (!arguments.hbm_used.empty()) request.hbm_used = used_option(arguments.hbm_used);
  request.rule = arguments.budget == name_of(BudgetRule::msserviceprofiler) ? BudgetRule::msserviceprofiler
                                                                            : BudgetRule::mindie;

  const FactDocument host = read_relevant_facts(arguments.host);
  request.service = find_service(arguments, host);
  const Knowledge knowledge = load_knowledge(
      arguments.knowledge.empty() ? std::nullopt : std::optional<std::filesystem::path>(arguments.knowledge));
  const AdviceLibrary library = load_advice_library(computed_facts());
  const AdviseResult result = run_advisor(request, knowledge, host, library.rules);

  if (!arguments.write_config.empty()) write_config(arguments, result, lang);
  if (arguments.format == "json") {
    write_stdout(advice_json(result, lang).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    write_stdout(advice_text(result, stdout_style(lang, arguments.verbose)));
  }
  return finish(result.verdict, lang);
}

}  // namespace

std::vector<ManEntry> advise_exit_statuses() {
  return {{"0", "advice was given"},
          {"2", "the request or an input is wrong"},
          {"3", "there is nothing to advise, and what to give is said"}};
}

std::vector<std::string> normalize_arguments(std::vector<std::string> arguments) {
  for (std::string& argument : arguments) {
    for (const Spelling& spelling : kSpellings) {
      const bool with_value = argument.starts_with(fmt::format("{}=", spelling.known));
      if (argument == spelling.known || with_value) {
        argument.replace(0, spelling.known.size(), spelling.option);
        break;
      }
    }
  }
  return arguments;
}

void add_advise_options(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  AdviseRequest& request = arguments->request;
  const auto tokens = CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000});
  app.add_option("--input-tokens", request.input_tokens, "Tokens of a prompt (also -in N)")
      ->type_name("N")
      ->check(tokens);
  app.add_option("--output-tokens", request.output_tokens,
                 "Tokens of an answer (also -out N); without it maxIterTimes of the config")
      ->type_name("N")
      ->check(tokens);
  app.add_option("--requests", request.requests,
                 "Requests that there will be: a larger batch is never filled")
      ->type_name("N")
      ->check(tokens);
  app.add_option("-s,--service", arguments->service,
                 "MindIE config.json or service directory, or example:NAME; without it $MIES_INSTALL_PATH or "
                 "the default installation")
      ->type_name("PATH");
  app.add_option("--model-dir", request.model_dir,
                 "Directory of the model: config.json and weights; without it modelWeightPath")
      ->type_name("DIR");
  app.add_option("--model", request.model, "A known model by name (knowledge/models.toml)")
      ->type_name("NAME")
      ->excludes("--model-dir");
  app.add_option("--tp", request.tp,
                 "Tensor parallel degree (also -tp N); without it that of the config, or 1")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{4096}));
  app.add_option("--chip", request.chip,
                 "A known NPU by name (knowledge/chips.toml); without it what npu-smi shows")
      ->type_name("NAME");
  app.add_option("--hbm", arguments->hbm, "Device memory of one NPU, such as 32GiB")->type_name("SIZE");
  app.add_option("--hbm-used", arguments->hbm_used,
                 "Device memory in use before the model is loaded: 1.6GiB or 5%")
      ->type_name("SIZE");
  app.add_option("--memory-fraction", request.memory_fraction,
                 "NPU_MEMORY_FRACTION; without it the variable, or 0.8")
      ->type_name("F")
      ->check(CLI::Range(0.01, 1.0));
  app.add_option("--budget", arguments->budget,
                 "Whose rule divides the memory: mindie, or msserviceprofiler to compare with that tool")
      ->check(CLI::IsMember({"mindie", "msserviceprofiler"}))
      ->type_name("RULE")
      ->capture_default_str();
  app.add_option("--knowledge", arguments->knowledge,
                 "Add to the known chips and models: a directory with chips.toml, models.toml")
      ->type_name("DIR");
  app.add_option("--format", arguments->format, "text, or json (docs/schema/advice.schema.json)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_option("--write-config", arguments->write_config,
                 "Write a patched copy of the config; never in place")
      ->type_name("FILE");
  add_host_options(app, arguments->host);
  add_lang_option(app, arguments->lang);
  app.add_flag("-v,--verbose", arguments->verbose, "Show effects, risks, sources and every input");
  app.footer(exit_statuses() + "\n" + kExamples);
  run = [arguments] { return run_advise(*arguments); };
}

}  // namespace ms
