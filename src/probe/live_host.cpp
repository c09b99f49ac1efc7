#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.hpp"
#include "base/text.hpp"
#include "probe/host.hpp"

extern char** environ;

namespace ms {
namespace {

// Whether a command is there to be run. Asking is a hundred times cheaper than starting a process to find
// out.
bool is_on_path(const std::string& command) {
  if (command.find('/') != std::string::npos) return ::access(command.c_str(), X_OK) == 0;
  const char* path =
      std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nothing changes it while commands run
  for (const std::string_view folder : split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
    const std::string file = fmt::format("{}/{}", folder.empty() ? "." : folder, command);
    if (::access(file.c_str(), X_OK) == 0) return true;
  }
  return false;
}

class LiveHost : public Host {
 public:
  explicit LiveHost(bool allow_commands) : allow_commands_(allow_commands) {}

  using Host::read_file;
  Reading<std::string> read_file(const std::string& path, std::size_t max_bytes) const override {
    return ms::read_file(path, max_bytes);
  }

  Reading<std::vector<std::string>> list_directory(const std::string& path) const override {
    return ms::list_directory(path);
  }

  bool exists(const std::string& path) const override { return ::access(path.c_str(), F_OK) == 0; }

  Reading<CommandOutput> run(const std::vector<std::string>& argv,
                             std::chrono::milliseconds timeout) const override {
    if (!allow_commands_) {
      return Absent{fmt::format("{}: not run, because --no-exec forbids commands", fmt::join(argv, " "))};
    }
    if (!is_on_path(argv[0])) return Absent{argv[0] + ": not found on PATH"};
    return run_command(argv, timeout);
  }

  Reading<std::map<std::string, std::string>> environment() const override {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      const auto equals = text.find('=');
      // Where a name is there twice, getenv() and with it every program sees the first.
      if (equals != text.npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
  }

  Reading<std::string> machine() const override {
    utsname names = {};
    if (::uname(&names) != 0) return Absent{"uname: no answer from the kernel"};
    return std::string(names.machine);
  }

  Reading<std::int64_t> page_size_bytes() const override {
    const long bytes = ::sysconf(_SC_PAGESIZE);
    if (bytes <= 0) return Absent{"sysconf(_SC_PAGESIZE): no answer"};
    return std::int64_t{bytes};
  }

  std::optional<std::string> root() const override { return "/"; }

  std::string describe(const std::string& path) const override { return path; }

 private:
  bool allow_commands_;
};

}  // namespace

std::unique_ptr<Host> live_host(bool allow_commands) {
  return std::make_unique<LiveHost>(allow_commands);
}

}  // namespace ms
