#include "base/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/error.hpp"

namespace ms {
namespace {

std::string reason_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "no such file";
    case EACCES:
    case EPERM:
      return "permission denied";
    case ELOOP:
      return "too many symbolic links";
    default:
      return std::strerror(error);  // NOLINT(concurrency-mt-unsafe): glibc's is thread-safe
  }
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Absent absent_file(const std::filesystem::path& path, const std::string& reason) {
  return Absent{fmt::format("{}: {}", path.string(), reason)};
}

// Reads at most `limit` bytes from an open file; a limit that is reached is not an error here. `expected` is
// what the file says of its size: 0 for most of /proc.
Reading<std::string> read_up_to(int fd, const std::filesystem::path& path, std::size_t limit,
                                std::size_t expected) {
  std::string content;
  std::size_t size = 0;
  while (size < limit) {
    constexpr std::size_t kFirst = 4096;
    // One byte more than expected, so that the end is seen without growing.
    if (size == content.size()) content.resize(std::min(limit, std::max({kFirst, expected + 1, 2 * size})));
    const ssize_t count = ::read(fd, content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absent_file(path, reason_of(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

Reading<std::string> read_regular(const std::filesystem::path& path, std::size_t limit, bool whole) {
  // O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) return absent_file(path, reason_of(errno));
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return absent_file(path, reason_of(errno));
  if (S_ISDIR(status.st_mode)) return absent_file(path, "is a directory");
  if (!S_ISREG(status.st_mode)) return absent_file(path, "is not a regular file");
  const std::string too_large = fmt::format("is larger than {} bytes", limit);
  if (whole && status.st_size > 0 && static_cast<std::size_t>(status.st_size) > limit) {
    return absent_file(path, too_large);
  }
  auto content =
      read_up_to(fd.get(), path, whole ? limit + 1 : limit, static_cast<std::size_t>(status.st_size));
  if (content && whole && content->size() > limit) return absent_file(path, too_large);
  return content;
}

}  // namespace

Reading<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_regular(path, max_bytes, true);
}

Reading<std::string> read_file_start(const std::filesystem::path& path, std::size_t count) {
  return read_regular(path, count, false);
}

std::string read_document(const std::filesystem::path& path, std::size_t max_bytes) {
  auto content = read_file(path, max_bytes);
  if (content) return std::move(*content);
  // The reason starts with the path already.
  throw InputError(path.string(), content.reason().substr(path.string().size() + 2));
}

Reading<std::int64_t> file_size(const std::filesystem::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return absent_file(path, reason_of(errno));
  if (!S_ISREG(status.st_mode)) return absent_file(path, "is not a regular file");
  return static_cast<std::int64_t>(status.st_size);
}

Reading<std::vector<std::string>> list_directory(const std::filesystem::path& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
  if (!directory) return absent_file(path, errno == ENOENT ? "no such directory" : reason_of(errno));
  std::vector<std::string> names;
  while (const dirent* entry =
             ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe): one stream, one thread
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::string target = path.string();
  std::string temporary = target + ".XXXXXX";
  const FileDescriptor fd(::mkstemp(temporary.data()));
  if (fd.get() < 0) throw InputError(target, "cannot be written: " + reason_of(errno));
  const auto fail = [&](int error) {
    ::unlink(temporary.c_str());
    throw InputError(target, "cannot be written: " + reason_of(error));
  };
  while (!content.empty()) {
    const ssize_t count = ::write(fd.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  // mkstemp makes 0600; a file that replaces another keeps that one's mode.
  struct stat status = {};
  const mode_t mode = ::stat(target.c_str(), &status) == 0 ? (status.st_mode & 07777U) : 0644U;
  if (::fchmod(fd.get(), mode) != 0) fail(errno);
  if (std::rename(temporary.c_str(), target.c_str()) != 0) fail(errno);
}

}  // namespace ms
