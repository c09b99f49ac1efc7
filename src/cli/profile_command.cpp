#include "cli/profile_command.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/run_source.hpp"
#include "report/profile.hpp"

namespace ms {
namespace {

struct Arguments {
  std::string folder;
  std::string format = "text";
  std::string lang;
  bool stats = false;
  bool verbose = false;
};

constexpr const char* kExitStatusHelp =
    "Exit status:\n"
    "  0    something was read\n"
    "  2    the request is wrong: no such folder\n"
    "  3    nothing could be read: no file of a known kind, or none with a usable record\n";

Verdict verdict_of(const RunSource& source) {
  if (source.reading.files.empty()) {
    return {ExitStatus::undecided, {"no file of a known kind was found", "没有找到类型已知的文件"}};
  }
  if (source.records == 0)
    return {ExitStatus::undecided, {"no usable record was found", "没有找到可用的记录"}};
  return {ExitStatus::ok,
          {fmt::format("{} records of {} files were read, {} bad ones were left out", source.records,
                       source.reading.files.size(), source.bad_records),
           fmt::format("从 {1} 个文件读取 {0} 条记录，跳过 {2} 条有误的记录", source.records,
                       source.reading.files.size(), source.bad_records)}};
}

int run_profile(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  ProfileResult result;
  result.root = arguments.folder;
  RunSource source = read_run({arguments.folder});
  result.verdict = verdict_of(source);
  result.reading = std::move(source.reading);
  Json tree = source.facts.tree();
  result.facts = std::move(tree["run"]);
  tree.erase("run");
  result.device = std::move(tree);
  if (arguments.format == "json") {
    write_stdout(
        profile_json(result, lang, arguments.stats).dump(2, ' ', false, Json::error_handler_t::replace) +
        "\n");
  } else {
    write_stdout(profile_text(result, stdout_style(lang, arguments.verbose), arguments.stats));
    if (result.verdict.status == ExitStatus::ok) {
      fmt::print(
          stderr, "{}: msadvisor -i {}\n",
          lang == Lang::zh ? "查看该运行的问题与建议" : "what is wrong with this run, and what to change",
          shell_quote(arguments.folder));
    }
  }
  return finish(result.verdict, lang);
}

}  // namespace

void add_profile_command(CLI::App& app, std::function<int()>& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("profile",
                                         "Say what a folder of profiles of services and devices, benchmark "
                                         "results and logs holds (docs/profiles.md)");
  command->add_option("folder", arguments->folder, "The folder, or one file")->type_name("DIR")->required();
  command->add_flag("--stats", arguments->stats, "Bytes, seconds and speed of every file");
  command->add_option("--format", arguments->format, "text, or json (docs/schema/profile.schema.json)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_lang_option(*command, arguments->lang);
  command->add_flag("-v,--verbose", arguments->verbose, "Name the files of no known kind, too");
  command->footer(kExitStatusHelp);
  command->callback([&run, arguments] { run = [arguments] { return run_profile(*arguments); }; });
}

}  // namespace ms
