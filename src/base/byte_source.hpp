#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/reading.hpp"

namespace ms {

/// The bytes of a file, front to back and once: what a reader of large files reads from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Fills `buffer` from its start and returns how many bytes that were; 0 at the end, or after a failure.
  virtual std::size_t read(std::span<char> buffer) = 0;

  /// Bytes of the file that were consumed so far: of a compressed one, before they grow.
  virtual std::uint64_t consumed() const = 0;

  /// Why the bytes ended before the file did ("compressed data is damaged"); empty where they did not.
  virtual const std::string& failure() const = 0;
};

/// Opens a regular file, plain or gzip, whichever its first bytes say. Never blocks: a FIFO, a device or a
/// directory is absent with its reason.
Reading<std::unique_ptr<ByteSource>> open_byte_source(const std::filesystem::path& path);

/// A text in memory, in blocks of at most `block` bytes. The text must outlive the source.
std::unique_ptr<ByteSource> text_source(std::string_view text, std::size_t block = SIZE_MAX);

/// `source`, with `on_read` called with the bytes that each block consumed of the file.
std::unique_ptr<ByteSource> watched_source(std::unique_ptr<ByteSource> source,
                                           std::function<void(std::uint64_t)> on_read);

}  // namespace ms
