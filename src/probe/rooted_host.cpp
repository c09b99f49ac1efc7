#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <deque>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <unordered_set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "probe/host.hpp"
#include "probe/recording.hpp"

namespace ms {
namespace {

namespace fs = std::filesystem;

// What the kernel allows on the way to one file.
constexpr int kMaxLinks = 40;

constexpr std::string_view kCommandFolders[] = {"/commands", "/cmd", "/command_outputs"};

class RootedHost : public Host {
 public:
  explicit RootedHost(std::string directory) : root_(std::move(directory)) {
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
  }

  using Host::read_file;
  Reading<std::string> read_file(const std::string& path, std::size_t max_bytes) const override {
    const auto real = resolve(path);
    if (!real) return real.absent();
    return ms::read_file(*real, max_bytes);
  }

  Reading<std::vector<std::string>> list_directory(const std::string& path) const override {
    const auto real = resolve(path);
    if (!real) return real.absent();
    return ms::list_directory(*real);
  }

  bool exists(const std::string& path) const override {
    const auto real = resolve(path);
    std::error_code error;
    return real && fs::exists(*real, error);
  }

  Reading<CommandOutput> run(const std::vector<std::string>& argv, std::chrono::milliseconds) const override {
    const std::string line = fmt::format("{}", fmt::join(argv, " "));
    const std::string wanted = recorded_name(line);
    for (const std::string_view folder : kCommandFolders) {
      const auto names = list_directory(std::string(folder));
      if (!names) continue;
      for (const std::string& name : *names) {
        if (recorded_name(name) != wanted) continue;
        auto text = read_file(fmt::format("{}/{}", folder, name));
        if (!text) return text.absent();
        return CommandOutput{.status = 0, .text = std::move(*text)};
      }
    }
    return Absent{
        fmt::format("{}: not recorded; put its output into {}/commands/{}.txt", line, root_, wanted)};
  }

  Reading<std::map<std::string, std::string>> environment() const override {
    if (!exists("/environ")) {
      return Absent{fmt::format("{}/environ: no such file; record it with: env > environ", root_)};
    }
    const auto text = read_file("/environ");
    if (!text) return text.absent();
    return parse_environment(*text);
  }

  Reading<std::string> machine() const override {
    for (const auto& word : {word_of_command({"uname", "-m"}), word_of_file("/proc/sys/kernel/arch")}) {
      if (!word.empty()) return word;
    }
    // Only a 64-bit Arm kernel writes the first, only an x86 one the second.
    if (const auto cpuinfo = read_file("/proc/cpuinfo")) {
      if (cpuinfo->find("CPU implementer") != std::string::npos) return std::string("aarch64");
      if (cpuinfo->find("vendor_id") != std::string::npos) return std::string("x86_64");
    }
    return Absent{
        fmt::format("not recorded; put the output of 'uname -m' into {}/commands/uname-m.txt", root_)};
  }

  Reading<std::int64_t> page_size_bytes() const override {
    const std::string recorded = word_of_command({"getconf", "PAGESIZE"});
    if (const auto bytes = parse_int(recorded); bytes && *bytes > 0) return *bytes;
    if (const auto smaps = read_file("/proc/self/smaps")) {
      static const RE2 pattern(R"(KernelPageSize:\s+(\d{1,12}) kB)");
      std::int64_t kilobytes = 0;
      if (RE2::PartialMatch(*smaps, pattern, &kilobytes)) return kilobytes * 1024;
    }
    return Absent{fmt::format(
        "not recorded; put the output of 'getconf PAGESIZE' into {}/commands/getconf-pagesize.txt", root_)};
  }

  std::optional<std::string> root() const override { return root_; }

  std::string describe(const std::string& path) const override { return path; }

 private:
  // The file that `path` names when `root_` stands for "/". Links are followed here and not by the system,
  // because their targets are paths of the recorded host.
  Reading<std::string> resolve(const std::string& path) const {
    std::deque<std::string> left;
    for (const std::string_view name : split(path, '/')) left.emplace_back(name);
    std::vector<std::string> walked;
    int links = 0;
    while (!left.empty()) {
      const std::string name = std::move(left.front());
      left.pop_front();
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        if (!walked.empty()) walked.pop_back();
        continue;
      }
      walked.push_back(name);
      const bool is_folder = !left.empty();
      if (is_folder && is_plain_folder(below_root(walked))) continue;
      std::error_code error;
      const fs::path target = fs::read_symlink(below_root(walked), error);
      if (error) {
        if (is_folder) remember_plain_folder(below_root(walked));
        continue;
      }
      if (++links > kMaxLinks) return Absent{fmt::format("{}: too many symbolic links", describe(path))};
      walked.pop_back();
      if (target.is_absolute()) walked.clear();
      const std::string text = target.string();
      const auto names = split(text, '/');
      left.insert(left.begin(), names.begin(), names.end());
    }
    return below_root(walked);
  }

  // Folders on the way that are no links: thousands of files share them, and a record does not change while
  // it is read.
  bool is_plain_folder(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return plain_folders_.contains(path);
  }
  void remember_plain_folder(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    plain_folders_.insert(path);
  }

  std::string below_root(const std::vector<std::string>& names) const {
    return names.empty() ? root_ : fmt::format("{}/{}", root_, fmt::join(names, "/"));
  }

  std::string word_of_command(const std::vector<std::string>& argv) const {
    const auto output = run(argv, {});
    return output ? first_word(output->text) : std::string();
  }

  std::string word_of_file(const std::string& path) const {
    const auto text = read_file(path);
    return text ? first_word(*text) : std::string();
  }

  static std::string first_word(const std::string& text) {
    const std::string_view trimmed = trim(text);
    const std::string_view word = trimmed.substr(0, trimmed.find_first_of(" \t\r\n"));
    return word.size() <= 32 ? sanitize_utf8(word) : std::string();
  }

  std::string root_;
  mutable std::mutex mutex_;
  mutable std::unordered_set<std::string> plain_folders_;
};

}  // namespace

std::unique_ptr<Host> rooted_host(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    throw InputError(directory, fs::exists(directory, error) ? "is not a directory" : "no such directory");
  }
  return std::make_unique<RootedHost>(directory);
}

}  // namespace ms
