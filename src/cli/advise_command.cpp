#include "cli/advise_command.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "advise/advisor.hpp"
#include "advise/recorded_run.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/run_source.hpp"
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
  std::string input_lengths;
  std::string output_lengths;
  std::string lengths_file;
  std::string statistic = "average";
  std::string target = "balanced";
  std::string ttft_slo;
  std::string tpot_slo;
  std::string engine;
  std::string engine_version;
  std::string vllm_args;
  std::string log;
  std::string instance;
  std::string profile;
  bool explain = false;
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
    "  msadvisor -in 256 -out 256 -s config.json --write-config new.json    and write a patched copy\n"
    "  msadvisor --lengths run.jsonl -t throughput --vllm-args serve.sh --chip 910B3\n"
    "                                                                       for vLLM-Ascend, from measured "
    "lengths\n"
    "  msadvisor -i instance/ -p profile/ -s config.json                    what is wrong with a run\n";

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

// "50ms" or "2s": a number alone would be taken for either.
std::optional<double> seconds_option(const std::string& text, const std::string& option) {
  if (text.empty()) return std::nullopt;
  const bool milliseconds = text.ends_with("ms");
  const bool has_unit = milliseconds || text.ends_with('s');
  const auto number =
      has_unit ? parse_double(trim(std::string_view(text).substr(0, text.size() - (milliseconds ? 2 : 1))))
               : std::nullopt;
  if (!number || !(*number > 0) || *number > 1e6)
    throw InputError(option, fmt::format("'{}' is not a time; write for example 50ms or 2s", text));
  return milliseconds ? *number / 1000 : *number;
}

Target target_of(const std::string& name) {
  for (const Target target : {Target::throughput, Target::balanced, Target::ttft}) {
    if (name_of(target) == name) return target;
  }
  return Target::balanced;
}

// The arguments themselves, or a file that holds them.
std::string vllm_text(const std::string& given, std::string& source) {
  std::error_code error;
  if (given.size() < 4096 && std::filesystem::is_regular_file(given, error)) {
    source = given;
    return read_document(given);
  }
  source = "--vllm-args";
  return given;
}

void read_lengths(const Arguments& arguments, AdviseRequest& request) {
  const bool stated = !arguments.input_lengths.empty() || !arguments.output_lengths.empty();
  if (!arguments.lengths_file.empty()) {
    if (stated) throw InputError("--lengths", "says both lengths: leave -in and -out away");
    request.lengths = read_request_lengths(read_document(arguments.lengths_file), arguments.lengths_file);
  }
  if (!arguments.input_lengths.empty())
    request.input_lengths = parse_lengths(arguments.input_lengths, "--input-tokens");
  if (!arguments.output_lengths.empty())
    request.output_lengths = parse_lengths(arguments.output_lengths, "--output-tokens");
  request.statistic = parse_statistic(arguments.statistic, "--statistic");
  request.goals = {.target = target_of(arguments.target),
                   .ttft_slo_seconds = seconds_option(arguments.ttft_slo, "--ttft-slo"),
                   .tpot_slo_seconds = seconds_option(arguments.tpot_slo, "--tpot-slo")};
}

// MindIE unless vLLM is asked for, its arguments are given, or the log is one of vLLM.
void choose_engine(const Arguments& arguments, AdviseRequest& request) {
  if (!arguments.log.empty()) request.log = read_engine_log(read_document(arguments.log), arguments.log);
  const bool log_of_vllm = request.log && request.log->engine.starts_with("vllm");
  if (!arguments.vllm_args.empty()) {
    if (arguments.engine == "mindie")
      throw InputError("--vllm-args", "is for vLLM, but --engine says mindie");
    std::string source;
    const std::string text = vllm_text(arguments.vllm_args, source);
    request.vllm = read_vllm_arguments(text, source);
  } else if (arguments.engine == "vllm-ascend" || (arguments.engine.empty() && log_of_vllm)) {
    request.vllm = VllmArguments{};
    request.vllm->source = "no arguments of vLLM";
  }
  if (request.vllm && arguments.budget != name_of(BudgetRule::msserviceprofiler))
    request.rule = BudgetRule::vllm_ascend;
  if (!arguments.engine_version.empty()) {
    request.engine_version = parse_engine_version(arguments.engine_version);
    if (!request.engine_version) {
      throw InputError("--engine-version", fmt::format("'{}' is not a version; write for example 0.11.0",
                                                       arguments.engine_version));
    }
  }
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

// Facts of the run that was recorded, and its lengths where none are stated.
void read_recorded(const Arguments& arguments, AdviseRequest& request) {
  std::vector<std::string> folders;
  for (const std::string& folder : {arguments.instance, arguments.profile}) {
    if (!folder.empty()) folders.push_back(folder);
  }
  if (folders.empty()) return;
  const RunSource source = read_run(folders);
  if (source.records == 0) {
    throw InputError(folders.front(),
                     "nothing of a run could be read there: msadvisor profile says what was found");
  }
  request.recorded = source.facts;
  if (request.lengths || (request.input_lengths && request.output_lengths)) return;
  const auto lengths = lengths_of(source.run, source.facts);
  if (!lengths) return;
  if (!request.input_lengths && !request.output_lengths) {
    request.lengths = lengths;
  } else if (!request.input_lengths) {
    request.input_lengths = inputs_of(*lengths);
  } else {
    request.output_lengths = outputs_of(*lengths);
  }
}

std::optional<MindieConfig> find_service(const Arguments& arguments, const FactDocument& host) {
  if (const auto example = find_example(arguments.service, "mindie", "-s"))
    return read_mindie_config(*example, arguments.service);
  auto given =
      arguments.service.empty() ? std::nullopt : std::optional<std::filesystem::path>(arguments.service);
  for (const std::string& folder : {arguments.instance, arguments.profile}) {
    // What lies beside a run is how that was served.
    const std::filesystem::path beside = std::filesystem::path(folder) / "config.json";
    std::error_code error;
    if (!given && !folder.empty() && std::filesystem::is_regular_file(beside, error)) given = beside;
  }
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
  read_lengths(arguments, request);
  read_recorded(arguments, request);
  choose_engine(arguments, request);
  if (!request.vllm) request.service = find_service(arguments, host);
  const Knowledge knowledge = load_knowledge(
      arguments.knowledge.empty() ? std::nullopt : std::optional<std::filesystem::path>(arguments.knowledge));
  const AdviceLibrary library = load_advice_library(computed_facts());
  const AdviseResult result = run_advisor(request, knowledge, host, library);

  if (!arguments.write_config.empty()) write_config(arguments, result, lang);
  if (arguments.format == "json") {
    write_stdout(advice_json(result, lang).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    const TextStyle style = stdout_style(lang, arguments.verbose);
    write_stdout(arguments.format == "markdown" ? advice_markdown(result, style)
                                                : advice_text(result, style, arguments.explain));
  }
  return finish(result.verdict, lang);
}

}  // namespace

std::vector<ManEntry> advise_exit_statuses() {
  return {{"0", "advice was given, or a run was examined"},
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
  app.add_option(
         "--input-tokens", arguments->input_lengths,
         "Tokens of a prompt (also -in): 256, a range 200-400, mean and deviation 256~64, or lengths and "
         "counts 128:10,512:5")
      ->type_name("LENGTHS");
  app.add_option("--output-tokens", arguments->output_lengths,
                 "Tokens of an answer (also -out), likewise; without it maxIterTimes of the config")
      ->type_name("LENGTHS");
  app.add_option("--lengths", arguments->lengths_file,
                 "Both lengths from a data set or a run: JSON Lines, CSV, JSON, ShareGPT")
      ->type_name("FILE");
  app.add_option(
         "-i,--instance", arguments->instance,
         "What a benchmark recorded (instance/ of MindIE, or of AISBench or vLLM): says what is wrong, and "
         "takes the lengths from it")
      ->type_name("DIR");
  app.add_option("-p,--profile", arguments->profile,
                 "Profiles of the service or of cards, or logs: likewise (docs/profiles.md)")
      ->type_name("DIR");
  app.add_option("-m,--statistic", arguments->statistic, "Which length to plan with")
      ->check(CLI::IsMember(statistic_names()))
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("-t,--target", arguments->target, "What to tune for")
      ->check(CLI::IsMember({"throughput", "balanced", "ttft"}))
      ->type_name("TARGET")
      ->capture_default_str();
  app.add_option("--ttft-slo", arguments->ttft_slo, "Time to the first token to keep, such as 2s (estimated)")
      ->type_name("TIME");
  app.add_option("--tpot-slo", arguments->tpot_slo,
                 "Time of an output token to keep, such as 50ms (estimated)")
      ->type_name("TIME");
  app.add_option("--requests", request.requests,
                 "Requests that there will be: a larger batch is never filled")
      ->type_name("N")
      ->check(tokens);
  app.add_option("-s,--service", arguments->service,
                 "MindIE config.json or service directory, or example:NAME; without it that beside the run, "
                 "$MIES_INSTALL_PATH or the default installation")
      ->type_name("PATH");
  app.add_option("--engine", arguments->engine,
                 "Engine to advise; without it mindie, or vllm-ascend where --vllm-args or --log are of vLLM")
      ->check(CLI::IsMember({"mindie", "vllm-ascend"}))
      ->type_name("NAME");
  app.add_option("--engine-version", arguments->engine_version, "Version of vLLM-Ascend, such as 0.11.0")
      ->type_name("V");
  app.add_option("--vllm-args", arguments->vllm_args,
                 "How vLLM is started: a command line, or a file that holds one or is its YAML config")
      ->type_name("TEXT|FILE");
  app.add_option("--log", arguments->log,
                 "Start-up log of MindIE or vLLM: what it measured takes the place of estimates")
      ->type_name("FILE");
  app.add_option("--cards", request.cards, "NPUs to use: tp, or tp x dp where --tp is given as well")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{4096}));
  app.add_option("--model-dir", request.model_dir,
                 "Directory of the model: config.json and weights; without it modelWeightPath")
      ->type_name("DIR");
  app.add_option("--model", request.model, "A known model by name (knowledge/models.toml)")
      ->type_name("NAME")
      ->excludes("--model-dir");
  app.add_option("--hf-config", request.hf_config, "config.json of a model, without its weights")
      ->type_name("FILE")
      ->excludes("--model")
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
  app.add_option("--format", arguments->format, "text, markdown, or json (docs/schema/advice.schema.json)")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_option("--write-config", arguments->write_config,
                 "Write a patched copy of the config; never in place")
      ->type_name("FILE");
  add_host_options(app, arguments->host);
  add_lang_option(app, arguments->lang);
  app.add_flag("--explain", arguments->explain, "Show all arithmetic");
  app.add_flag("-v,--verbose", arguments->verbose, "Show effects, risks, sources and every input");
  app.footer(exit_statuses() + "\n" + kExamples);
  run = [arguments] { return run_advise(*arguments); };
}

}  // namespace ms
