#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/reading.hpp"
#include "base/subprocess.hpp"

namespace ms {

/// The one seam to the machine: all that a probe may ask. Paths are absolute, as on the host itself.
class Host {
 public:
  virtual ~Host() = default;

  /// The whole content of a file, at most `max_bytes` of it being allowed. Never blocks.
  virtual Reading<std::string> read_file(const std::string& path, std::size_t max_bytes) const = 0;
  Reading<std::string> read_file(const std::string& path) const {
    return read_file(path, std::size_t{4} << 20);
  }

  /// Names in a directory, sorted.
  virtual Reading<std::vector<std::string>> list_directory(const std::string& path) const = 0;

  /// Whether a path of any kind is there.
  virtual bool exists(const std::string& path) const = 0;

  /// Runs a command, or gives the output that was recorded of it.
  virtual Reading<CommandOutput> run(const std::vector<std::string>& argv,
                                     std::chrono::milliseconds timeout) const = 0;

  /// The variables that a service started here would see.
  virtual Reading<std::map<std::string, std::string>> environment() const = 0;

  /// Machine hardware name as `uname -m` prints it: "aarch64", "x86_64".
  virtual Reading<std::string> machine() const = 0;

  /// Size of a memory page. [bytes]
  virtual Reading<std::int64_t> page_size_bytes() const = 0;

  /// The directory that stands for "/" ("/" itself on the live host); nullopt where there are no files at
  /// all.
  virtual std::optional<std::string> root() const = 0;

  /// How `path` is named to a person.
  virtual std::string describe(const std::string& path) const = 0;
};

/// The machine that the program runs on. With `allow_commands` false every command is absent.
std::unique_ptr<Host> live_host(bool allow_commands);

/// A recorded host: a directory that stands for "/". `DIR/environ` holds the environment (KEY=VALUE, one a
/// line or NUL-separated); `DIR/commands/` holds what commands printed, one file each, named like the command
/// line: "npu-smi info" is read from "npu-smi_info.txt", "npu-smi info.out", "npu-smi-info" and the like.
/// Throws InputError when DIR is not a directory.
std::unique_ptr<Host> rooted_host(const std::string& directory);

}  // namespace ms
