#include "base/byte_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

namespace ms {
namespace {

class PlainFile final : public ByteSource {
 public:
  explicit PlainFile(int fd) : fd_(fd) {}
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile() override { ::close(fd_); }

  std::size_t read(std::span<char> buffer) override {
    while (failure_.empty()) {
      const ssize_t count = ::read(fd_, buffer.data(), buffer.size());
      if (count >= 0) {
        consumed_ += static_cast<std::uint64_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) failure_ = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
    }
    return 0;
  }

  std::uint64_t consumed() const override { return consumed_; }
  const std::string& failure() const override { return failure_; }

 private:
  int fd_;
  std::uint64_t consumed_ = 0;
  std::string failure_;
};

class GzipFile final : public ByteSource {
 public:
  explicit GzipFile(std::unique_ptr<ByteSource> file) : file_(std::move(file)), input_(std::size_t{1} << 16) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (::inflateInit2(&stream_, kGzipOnly) != Z_OK) failure_ = "cannot be decompressed";
  }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;
  ~GzipFile() override { ::inflateEnd(&stream_); }

  std::size_t read(std::span<char> buffer) override {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    const auto wanted = static_cast<uInt>(std::min(buffer.size(), kMost));
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = wanted;
    while (stream_.avail_out == wanted && failure_.empty() && !ended_) step();
    return wanted - stream_.avail_out;
  }

  std::uint64_t consumed() const override { return file_->consumed(); }
  const std::string& failure() const override { return failure_.empty() ? file_->failure() : failure_; }

 private:
  void step() {
    if (stream_.avail_in == 0 && !fill()) {
      // Members may follow each other; only inside one is the end of the file a surprise.
      if (inside_) failure_ = "compressed data is cut off";
      ended_ = true;
      return;
    }
    inside_ = true;
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      inside_ = false;
      ::inflateReset(&stream_);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      failure_ = "compressed data is damaged";
    }
  }

  bool fill() {
    const std::size_t count = file_->read(input_);
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return count > 0;
  }

  std::unique_ptr<ByteSource> file_;
  std::vector<char> input_;
  z_stream stream_ = {};
  bool inside_ = false;
  bool ended_ = false;
  std::string failure_;
};

class TextSource final : public ByteSource {
 public:
  TextSource(std::string_view text, std::size_t block) : text_(text), block_(block) {}

  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = std::min({buffer.size(), text_.size() - offset_, block_});
    std::copy_n(text_.data() + offset_, count, buffer.data());
    offset_ += count;
    return count;
  }

  std::uint64_t consumed() const override { return offset_; }
  const std::string& failure() const override { return none_; }

 private:
  std::string_view text_;
  std::size_t block_;
  std::size_t offset_ = 0;
  std::string none_;
};

class WatchedSource final : public ByteSource {
 public:
  WatchedSource(std::unique_ptr<ByteSource> source, std::function<void(std::uint64_t)> on_read)
      : source_(std::move(source)), on_read_(std::move(on_read)) {}

  std::size_t read(std::span<char> buffer) override {
    const std::uint64_t before = source_->consumed();
    const std::size_t count = source_->read(buffer);
    if (source_->consumed() > before) on_read_(source_->consumed() - before);
    return count;
  }

  std::uint64_t consumed() const override { return source_->consumed(); }
  const std::string& failure() const override { return source_->failure(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::function<void(std::uint64_t)> on_read_;
};

Absent absent_file(const std::filesystem::path& path, std::string_view reason) {
  return Absent{fmt::format("{}: {}", path.string(), reason)};
}

}  // namespace

Reading<std::unique_ptr<ByteSource>> open_byte_source(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return absent_file(path, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  auto file = std::make_unique<PlainFile>(fd);
  struct stat status = {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
    return absent_file(path, "is not a regular file");
  std::array<unsigned char, 2> magic = {};
  const bool gzip = ::pread(fd, magic.data(), magic.size(), 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
  if (!gzip) return std::unique_ptr<ByteSource>(std::move(file));
  return std::unique_ptr<ByteSource>(std::make_unique<GzipFile>(std::move(file)));
}

std::unique_ptr<ByteSource> text_source(std::string_view text, std::size_t block) {
  return std::make_unique<TextSource>(text, block);
}

std::unique_ptr<ByteSource> watched_source(std::unique_ptr<ByteSource> source,
                                           std::function<void(std::uint64_t)> on_read) {
  return std::make_unique<WatchedSource>(std::move(source), std::move(on_read));
}

}  // namespace ms
