#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/reading.hpp"

namespace ms {

/// Configs and rule files are small; what is larger is a mistake or an attack.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{64} << 20;

/// The whole content of a regular file of at most `max_bytes`. Never blocks: a FIFO, a device, a directory or
/// a larger file is absent with its reason. Files whose size is stated as 0 (procfs, sysfs) are read to the
/// end.
Reading<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes = kMaxDocumentBytes);

/// The same for a file that must be there: throws InputError "PATH: no such file".
std::string read_document(const std::filesystem::path& path, std::size_t max_bytes = kMaxDocumentBytes);

/// The first `count` bytes of a regular file (all of it where it is shorter).
Reading<std::string> read_file_start(const std::filesystem::path& path, std::size_t count);

/// Size of a regular file, links followed. [bytes]
Reading<std::int64_t> file_size(const std::filesystem::path& path);

/// Names in a directory, sorted; absent when it cannot be listed.
Reading<std::vector<std::string>> list_directory(const std::filesystem::path& path);

/// Writes a temporary file beside `path` and renames it over `path`, so that a reader sees the old content or
/// the new, never a part. Throws InputError when it cannot be written.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace ms
