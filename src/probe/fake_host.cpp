#include "probe/fake_host.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace ms {

FakeHost& FakeHost::file(const std::string& path, std::string content) {
  files_.insert_or_assign(path, Reading<std::string>(std::move(content)));
  return *this;
}

FakeHost& FakeHost::unreadable(const std::string& path, std::string reason) {
  files_.insert_or_assign(path, Reading<std::string>(Absent{fmt::format("{}: {}", path, reason)}));
  return *this;
}

FakeHost& FakeHost::env(const std::string& name, std::string value) {
  environment_.insert_or_assign(name, std::move(value));
  return *this;
}

FakeHost& FakeHost::command(const std::string& command_line, std::string output, int status) {
  commands_.insert_or_assign(
      command_line, Reading<CommandOutput>(CommandOutput{.status = status, .text = std::move(output)}));
  return *this;
}

FakeHost& FakeHost::no_command(const std::string& command_line, std::string reason) {
  commands_.insert_or_assign(command_line, Reading<CommandOutput>(Absent{std::move(reason)}));
  return *this;
}

FakeHost& FakeHost::machine_is(std::string name) {
  machine_ = std::move(name);
  return *this;
}

Reading<std::string> FakeHost::read_file(const std::string& path, std::size_t max_bytes) const {
  const auto found = files_.find(path);
  if (found == files_.end()) return Absent{path + ": no such file"};
  if (found->second && found->second->size() > max_bytes) {
    return Absent{fmt::format("{}: is larger than {} bytes", path, max_bytes)};
  }
  return found->second;
}

Reading<std::vector<std::string>> FakeHost::list_directory(const std::string& path) const {
  const std::string prefix = path == "/" ? path : path + "/";
  std::set<std::string> names;
  for (auto entry = files_.lower_bound(prefix); entry != files_.end() && entry->first.starts_with(prefix);
       ++entry) {
    const std::string rest = entry->first.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('/')));
  }
  if (names.empty()) return Absent{path + ": no such directory"};
  return std::vector<std::string>(names.begin(), names.end());
}

bool FakeHost::exists(const std::string& path) const {
  return files_.contains(path) || static_cast<bool>(list_directory(path));
}

Reading<CommandOutput> FakeHost::run(const std::vector<std::string>& argv, std::chrono::milliseconds) const {
  const auto found = commands_.find(fmt::format("{}", fmt::join(argv, " ")));
  if (found == commands_.end()) return Absent{argv[0] + ": not found on PATH"};
  return found->second;
}

}  // namespace ms
