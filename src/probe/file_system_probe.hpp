#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

struct FileSystem {
  std::string mount;   ///< where it is mounted: "/dev/shm"
  std::string source;  ///< a device, a share, "tmpfs"
  std::int64_t total_bytes = 0;
  std::int64_t free_bytes = 0;  ///< for users other than root
};

/// The lines of `df -P -k` (POSIX: 1024-byte blocks, one line each). The heading may be in any language;
/// lines without sizes are passed over.
std::vector<FileSystem> parse_df(std::string_view text);

/// Sets host.file_systems, memory.shm.total_bytes and memory.shm.free_bytes. A share whose server is gone
/// hangs who asks for its size: df is asked, and the deadline of commands holds.
void read_file_systems(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

/// Sets memory.shm.files: the names in /dev/shm.
void read_shm_files(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts);

}  // namespace ms
