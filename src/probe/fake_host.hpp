#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/host.hpp"

namespace ms {

/// A host made of what a test says: `host.file("/proc/sys/vm/swappiness", "60\n"); host.env("HCCL_BUFFSIZE",
/// "200");`
class FakeHost : public Host {
 public:
  FakeHost& file(const std::string& path, std::string content);
  FakeHost& unreadable(const std::string& path, std::string reason);
  FakeHost& env(const std::string& name, std::string value);
  FakeHost& command(const std::string& command_line, std::string output, int status = 0);
  FakeHost& no_command(const std::string& command_line, std::string reason);
  FakeHost& machine_is(std::string name);

  using Host::read_file;
  Reading<std::string> read_file(const std::string& path, std::size_t max_bytes) const override;
  Reading<std::vector<std::string>> list_directory(const std::string& path) const override;
  bool exists(const std::string& path) const override;
  Reading<CommandOutput> run(const std::vector<std::string>& argv,
                             std::chrono::milliseconds timeout) const override;
  Reading<std::map<std::string, std::string>> environment() const override { return environment_; }
  Reading<std::string> machine() const override { return machine_; }
  Reading<std::int64_t> page_size_bytes() const override { return std::int64_t{4096}; }
  std::optional<std::string> root() const override { return std::nullopt; }
  std::string describe(const std::string& path) const override { return path; }

 private:
  std::map<std::string, Reading<std::string>> files_;
  std::map<std::string, Reading<CommandOutput>> commands_;
  std::map<std::string, std::string> environment_;
  std::string machine_ = "aarch64";
};

}  // namespace ms
