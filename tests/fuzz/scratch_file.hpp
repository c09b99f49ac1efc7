#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

namespace ms::test {

/// A file in memory that has a name while it is used: for readers that open paths. (SQLite resolves links, so
/// that a file without a name, below /proc/self/fd, is none to it.)
class ScratchFile {
 public:
  explicit ScratchFile(std::span<const std::uint8_t> bytes) {
    const int fd = ::mkstemp(path_.data());
    if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    ::close(fd);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { ::unlink(path_.c_str()); }

  std::filesystem::path path() const { return path_; }

 private:
  std::string path_ = "/dev/shm/fuzz-XXXXXX";
};

}  // namespace ms::test
