#include "cli/profile_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "profile/device_facts.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"
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

// A line on standard error that is drawn over itself, on a terminal and in reads that take long enough to
// ask.
class ProgressBar {
 public:
  ProgressBar() : shown_(::isatty(STDERR_FILENO) != 0) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
  }

  void update(std::uint64_t done, std::uint64_t total, const std::string& file) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || total == 0 || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    constexpr std::size_t kWidth = 30;
    const auto filled = static_cast<std::size_t>(
        static_cast<double>(kWidth) * std::min(1.0, static_cast<double>(done) / static_cast<double>(total)));
    fmt::print(stderr, "\r\x1b[K[{}{}] {:3d}% {}", std::string(filled, '#'),
               std::string(kWidth - filled, ' '), std::min<std::uint64_t>(100, done * 100 / total),
               sanitize_utf8(file).substr(0, 40));
  }

 private:
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

Verdict verdict_of(const profile::FolderReading& reading) {
  std::uint64_t records = 0;
  std::uint64_t bad = 0;
  for (const profile::FileReport& file : reading.files) {
    records += file.records;
    bad += file.bad_records;
  }
  if (reading.files.empty()) {
    return {ExitStatus::undecided, {"no file of a known kind was found", "没有找到类型已知的文件"}};
  }
  if (records == 0) return {ExitStatus::undecided, {"no usable record was found", "没有找到可用的记录"}};
  return {ExitStatus::ok,
          {fmt::format("{} records of {} files were read, {} bad ones were left out", records,
                       reading.files.size(), bad),
           fmt::format("从 {1} 个文件读取 {0} 条记录，跳过 {2} 条有误的记录", records, reading.files.size(),
                       bad)}};
}

int run_profile(const Arguments& arguments) {
  const Lang lang = choose_lang(arguments.lang);
  ProfileResult result;
  result.root = arguments.folder;
  profile::Run run;
  {
    ProgressBar bar;
    result.reading = profile::read_profiles(
        arguments.folder, run, [&](std::uint64_t done, std::uint64_t total, const std::string& file) {
          bar.update(done, total, file);
        });
  }
  result.facts = profile::run_facts(run);
  FactDocument device;
  profile::add_device_facts(run.device, device);
  result.device = device.tree();
  result.verdict = verdict_of(result.reading);
  if (arguments.format == "json") {
    write_stdout(
        profile_json(result, lang, arguments.stats).dump(2, ' ', false, Json::error_handler_t::replace) +
        "\n");
  } else {
    write_stdout(profile_text(result, stdout_style(lang, arguments.verbose), arguments.stats));
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
