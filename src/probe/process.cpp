#include "probe/process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "probe/path_pattern.hpp"
#include "probe/recording.hpp"

namespace ms {
namespace {

// How the processes of a service are recognised.
struct Sign {
  enum class Where {
    program,     // the file name of the program, or of the script that an interpreter runs
    module,      // what `python -m` runs, or the path of a script
    subcommand,  // program and first argument: "vllm serve"
    title,       // what a process has named itself
  };
  std::string_view service;
  Where where;
  std::string_view pattern;
};

// Workers and engines are among them, since a service may have been started by something else.
constexpr Sign kSigns[] = {
    {"mindie", Sign::Where::program, "mindieservice_daemon"},
    {"mindie", Sign::Where::program, "mindie_llm_server"},
    {"mindie", Sign::Where::program, "mindie_llm_backend_connector"},
    {"mindie", Sign::Where::program, "mindieservice_backend_connector"},
    {"vllm", Sign::Where::subcommand, "vllm serve"},
    {"vllm", Sign::Where::module, "vllm.entrypoints.*"},
    {"vllm", Sign::Where::module, "*/vllm/entrypoints/*"},
    {"vllm", Sign::Where::title, "VLLM*"},
    {"vllm", Sign::Where::title, "EngineCore*"},
};

std::string folder(std::int64_t pid) {
  return fmt::format("/proc/{}", pid);
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// What a command line runs, past an interpreter and its options.
struct Subject {
  std::string_view what;   // a path or a module
  std::string_view first;  // its first argument
};

Subject subject_of(const std::vector<std::string>& arguments) {
  std::size_t at = 0;
  if (!arguments.empty() && file_name(arguments[0]).starts_with("python")) {
    for (at = 1; at < arguments.size() && arguments[at].starts_with('-'); ++at) {
      if (arguments[at] == "-c") return {};  // the text of a program
      if (arguments[at] == "-m") {
        ++at;
        break;
      }
      if (arguments[at] == "-W" || arguments[at] == "-X") ++at;
    }
  }
  if (at >= arguments.size()) return {};
  return {arguments[at],
          at + 1 < arguments.size() ? std::string_view(arguments[at + 1]) : std::string_view()};
}

bool has_sign(const Process& process, const Sign& sign) {
  const Subject subject = subject_of(process.arguments);
  const std::string_view program = file_name(subject.what);
  switch (sign.where) {
    case Sign::Where::program:
      // The kernel keeps 15 bytes of a name.
      return program == sign.pattern || (process.name.size() == 15 && sign.pattern.starts_with(process.name));
    case Sign::Where::module:
      return matches_wildcard(sign.pattern, subject.what);
    case Sign::Where::subcommand:
      return fmt::format("{} {}", program, subject.first) == sign.pattern;
    case Sign::Where::title:
      return matches_wildcard(sign.pattern, process.name) ||
             (!process.arguments.empty() && matches_wildcard(sign.pattern, process.arguments[0]));
  }
  return false;
}

bool is_known_service(std::string_view service) {
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](const Sign& sign) { return sign.service == service; });
}

std::vector<std::string> parse_arguments(std::string_view text) {
  std::vector<std::string> arguments;
  while (text.ends_with('\0')) text.remove_suffix(1);
  if (text.empty()) return arguments;
  for (const std::string_view argument : split(text, '\0')) arguments.push_back(sanitize_utf8(argument));
  return arguments;
}

// Times in /proc/PID/stat are in units of USER_HZ, which is 100 on every architecture that carries NPUs.
constexpr double kTicksPerSecond = 100;

}  // namespace

std::string Process::shown() const {
  std::string text = arguments.empty() ? name : fmt::format("{}", fmt::join(arguments, " "));
  constexpr std::size_t kShown = 60;
  if (text.size() > kShown) text = sanitize_utf8(std::string_view(text).substr(0, kShown)) + "...";
  return text;
}

std::optional<Process> parse_process_stat(std::string_view text) {
  // The name is in parentheses and may hold some itself.
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open) return std::nullopt;
  std::vector<std::string_view> fields;
  for (const std::string_view field : split(trim(text.substr(close + 1)), ' ')) fields.push_back(field);
  // Counted from the state, which is field 3 of the line.
  constexpr std::size_t kParent = 1, kUserTime = 11, kSystemTime = 12, kStart = 19, kResident = 21;
  if (fields.size() <= kResident) return std::nullopt;
  const auto pid = parse_int(trim(text.substr(0, open)));
  const auto parent = parse_int(fields[kParent]);
  const auto user = parse_int(fields[kUserTime]);
  const auto system = parse_int(fields[kSystemTime]);
  const auto started = parse_int(fields[kStart]);
  const auto resident = parse_int(fields[kResident]);
  if (!pid || !parent || !user || !system || !started || !resident) return std::nullopt;
  Process process;
  process.pid = *pid;
  process.parent = *parent;
  process.started = *started;
  process.cpu_seconds = (static_cast<double>(*user) + static_cast<double>(*system)) / kTicksPerSecond;
  process.resident_pages = *resident;
  process.name = sanitize_utf8(text.substr(open + 1, close - open - 1));
  return process;
}

Reading<std::vector<Process>> list_processes(const Host& host) {
  const auto names = host.list_directory("/proc");
  if (!names) return names.absent();
  std::vector<Process> processes;
  for (const std::string& name : *names) {
    const auto pid = parse_int(name);
    if (!pid) continue;
    // A process may end while its files are read; then it is no longer there.
    const auto stat = host.read_file(folder(*pid) + "/stat");
    auto process = stat ? parse_process_stat(*stat) : std::nullopt;
    const auto arguments = host.read_file(folder(*pid) + "/cmdline");
    if (!process || !arguments) continue;
    process->pid = *pid;
    process->arguments = parse_arguments(*arguments);
    processes.push_back(std::move(*process));
  }
  std::sort(processes.begin(), processes.end(),
            [](const Process& a, const Process& b) { return a.pid < b.pid; });
  return processes;
}

bool is_of_service(const Process& process, std::string_view service) {
  if (is_known_service(service)) {
    return std::any_of(std::begin(kSigns), std::end(kSigns),
                       [&](const Sign& sign) { return sign.service == service && has_sign(process, sign); });
  }
  const std::string_view subject = subject_of(process.arguments).what;
  return matches_wildcard(service, process.name) || matches_wildcard(service, subject) ||
         matches_wildcard(service, file_name(subject));
}

std::string service_signs(std::string_view service) {
  std::vector<std::string> signs;
  for (const Sign& sign : kSigns) {
    if (sign.service == service) signs.push_back(fmt::format("'{}'", sign.pattern));
  }
  if (signs.empty()) return fmt::format("a program, script, module or process named '{}'", service);
  return fmt::format("{}", fmt::join(signs, ", "));
}

Reading<ServiceProcesses> find_service(const Host& host, std::string_view service) {
  const auto processes = list_processes(host);
  if (!processes) return processes.absent();
  std::vector<Process> matching;
  std::set<std::int64_t> pids;
  for (const Process& process : *processes) {
    if (!is_of_service(process, service)) continue;
    matching.push_back(process);
    pids.insert(process.pid);
  }
  if (matching.empty()) {
    return Absent{fmt::format("none of the {} processes that can be seen is {}; looked for {}",
                              processes->size(), service, service_signs(service))};
  }
  // Those that none of the others started come first, and of them the oldest.
  std::stable_sort(matching.begin(), matching.end(), [&](const Process& a, const Process& b) {
    return std::pair(pids.contains(a.parent), a.started) < std::pair(pids.contains(b.parent), b.started);
  });
  ServiceProcesses service_processes{.main = matching.front(), .others = {}};
  service_processes.others.assign(matching.begin() + 1, matching.end());
  return service_processes;
}

Reading<std::map<std::string, std::string>> process_environment(const Host& host, std::int64_t pid) {
  const std::string path = folder(pid) + "/environ";
  if (!host.exists(folder(pid))) return Absent{fmt::format("there is no process {}", pid)};
  const auto text = host.read_file(path);
  if (!text) return Absent{text.reason() + "; run this as the user of the process, or as root"};
  if (text->empty()) {
    const auto arguments = host.read_file(folder(pid) + "/cmdline");
    if (arguments && arguments->empty()) {
      return Absent{
          fmt::format("process {} has no environment: it is a thread of the kernel, or has ended", pid)};
    }
  }
  return parse_environment(*text);
}

}  // namespace ms
