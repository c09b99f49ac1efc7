#include "cli/run_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "advise/recorded_run.hpp"
#include "base/text.hpp"

namespace ms {
namespace {

// A line on standard error that is drawn over itself, on a terminal and in reads that take long enough to
// ask.
class ProgressBar {
 public:
  ProgressBar() : shown_(::isatty(STDERR_FILENO) != 0) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
  }

  void update(std::uint64_t done, std::uint64_t total, const std::string& file) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || total == 0 || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    constexpr std::size_t kWidth = 30;
    const auto filled = static_cast<std::size_t>(
        static_cast<double>(kWidth) * std::min(1.0, static_cast<double>(done) / static_cast<double>(total)));
    fmt::print(stderr, "\r\x1b[K[{}{}] {:3d}% {}", std::string(filled, '#'),
               std::string(kWidth - filled, ' '), std::min<std::uint64_t>(100, done * 100 / total),
               sanitize_utf8(file).substr(0, 40));
  }

 private:
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Whether all below `folder` is read with one of the others as well.
bool is_covered(const std::vector<std::string>& folders, std::size_t which) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::weakly_canonical(folders[which], error);
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (i == which) continue;
    const std::filesystem::path other = std::filesystem::weakly_canonical(folders[i], error);
    const bool same = path == other;
    const bool inside =
        std::mismatch(other.begin(), other.end(), path.begin(), path.end()).first == other.end();
    if ((same && i < which) || (inside && !same)) return true;
  }
  return false;
}

}  // namespace

RunSource read_run(const std::vector<std::string>& folders) {
  RunSource source;
  ProgressBar bar;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (is_covered(folders, i)) continue;
    profile::FolderReading reading = profile::read_profiles(
        folders[i], source.run, [&](std::uint64_t done, std::uint64_t total, const std::string& file) {
          bar.update(done, total, file);
        });
    source.reading.search_cut = source.reading.search_cut || reading.search_cut;
    std::move(reading.files.begin(), reading.files.end(), std::back_inserter(source.reading.files));
    std::move(reading.unreadable.begin(), reading.unreadable.end(),
              std::back_inserter(source.reading.unreadable));
    std::move(reading.others.begin(), reading.others.end(), std::back_inserter(source.reading.others));
  }
  for (const profile::FileReport& file : source.reading.files) {
    source.records += file.records;
    source.bad_records += file.bad_records;
  }
  source.facts = facts_of(source.run, fmt::format("{}", fmt::join(folders, ", ")));
  return source;
}

}  // namespace ms
