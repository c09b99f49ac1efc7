#include "profile/input.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"
#include "profile/service_events.hpp"

namespace ms::profile {
namespace {

std::string plain_name(std::string_view file_name) {
  std::string name = to_lower(file_name);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name;
}

class Search {
 public:
  explicit Search(const SearchLimits& limits) : limits_(limits) {}

  FoundFiles take() { return std::move(found_); }

  void folder(const std::filesystem::path& path, const std::string& relative, int depth) {
    const auto names = list_directory(path);
    if (!names) {
      found_.unreadable.push_back(names.reason());
      return;
    }
    for (const std::string& name : *names) {
      const std::filesystem::path child = path / name;
      const std::string below = relative.empty() ? name : relative + "/" + name;
      struct stat status = {};
      if (::lstat(child.c_str(), &status) != 0) continue;
      if (S_ISDIR(status.st_mode)) {
        if (depth >= limits_.depth) {
          found_.cut = true;
        } else {
          folder(child, below, depth + 1);
        }
        continue;
      }
      if (const auto size = ms::file_size(child)) add(child, below, static_cast<std::uint64_t>(*size));
      if (found_.cut) return;
    }
  }

  void add(const std::filesystem::path& path, const std::string& relative, std::uint64_t bytes) {
    if (found_.files.size() >= limits_.files) {
      found_.cut = true;
    } else {
      found_.files.push_back({path, relative, bytes});
    }
  }

 private:
  const SearchLimits& limits_;
  FoundFiles found_;
};

std::string read_head(ByteSource& source) {
  std::string text(Head::kBytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t count = source.read(std::span(text).subspan(size));
    if (count == 0) break;
    size += count;
  }
  text.resize(size);
  return text;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string folder_of(const std::string& relative) {
  const std::size_t slash = relative.rfind('/');
  return slash == std::string::npos ? std::string() : relative.substr(0, slash);
}

// What only the files together say.
void finish(Run& run) {
  for (Records& records : run.service) {
    finish_requests(records);
    assign_phases(records);
  }
}

// A reader fails as a whole only where its file is unusable from the start.
void read_with(const Kind& kind, Input& input, Run& run, FileReport& report) {
  report.kind = kind.name;
  try {
    kind.read(input, run, report);
  } catch (const InputError& error) {
    report.bad_at(report.path, error.message());
  }
}

}  // namespace

bool Head::has_columns(std::initializer_list<std::string_view> columns) const {
  return std::all_of(columns.begin(), columns.end(),
                     [&](std::string_view column) { return header.column({column}).has_value(); });
}

bool Head::has_member(std::string_view member) const {
  const std::string quoted = fmt::format("\"{}\"", member);
  for (std::size_t at = text.find(quoted); at != std::string::npos; at = text.find(quoted, at + 1)) {
    const std::size_t behind = text.find_first_not_of(" \t\r\n", at + quoted.size());
    if (behind != std::string::npos && text[behind] == ':') return true;
  }
  return false;
}

char Head::first_byte() const {
  const std::size_t start = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  const std::size_t at = text.find_first_not_of(" \t\r\n", start);
  return at == std::string::npos ? '\0' : text[at];
}

Head head_of(std::string_view file_name, std::string text) {
  Head head{.name = plain_name(file_name), .text = std::move(text), .header = {}};
  const auto source = text_source(std::string_view(head.text).substr(0, head.text.find('\n')));
  FileReport ignored;
  CsvReader first_line(*source, ignored);
  if (first_line.next()) head.header = CsvHeader(first_line.cells());
  return head;
}

FoundFiles find_files(const std::filesystem::path& root, const SearchLimits& limits) {
  struct stat status = {};
  if (::stat(root.c_str(), &status) != 0) throw InputError(root.string(), "no such file or directory");
  Search search(limits);
  if (S_ISDIR(status.st_mode)) {
    search.folder(root, "", 0);
  } else {
    const auto size = ms::file_size(root);
    if (!size) throw InputError(root.string(), "is not a regular file");
    search.add(root, root.filename().string(), static_cast<std::uint64_t>(*size));
  }
  return search.take();
}

FolderReading read_profiles(const std::filesystem::path& root, Run& run, const Progress& progress,
                            const SearchLimits& limits) {
  FolderReading reading;
  FoundFiles found = find_files(root, limits);
  reading.search_cut = found.cut;
  reading.unreadable = std::move(found.unreadable);
  std::uint64_t total = 0;
  for (const FoundFile& file : found.files) total += file.bytes;
  std::uint64_t done = 0;
  for (const FoundFile& file : found.files) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t before = done;
    FileReport report;
    report.path = file.relative;
    report.bytes = file.bytes;
    auto source = open_byte_source(file.path);
    if (!source) {
      reading.unreadable.push_back(source.reason());
      continue;
    }
    const Head head = head_of(file.path.filename().string(), read_head(**source));
    if (const Kind* kind = recognise(head)) {
      source = open_byte_source(file.path);  // from its start again
      if (source) {
        const auto watched = watched_source(std::move(*source), [&](std::uint64_t bytes) {
          done += bytes;
          if (progress) progress(done, total, file.relative);
        });
        Input input{file.path, head.name, folder_of(file.relative), *watched};
        read_with(*kind, input, run, report);
      }
    }
    done = before + file.bytes;
    report.seconds = seconds_since(start);
    if (report.kind.empty()) {
      reading.others.push_back(file.relative);
    } else {
      reading.files.push_back(std::move(report));
    }
  }
  finish(run);
  return reading;
}

FileReport read_text(std::string_view file_name, std::string_view text, Run& run) {
  FileReport report;
  report.path = file_name;
  report.bytes = text.size();
  const Head head = head_of(file_name, std::string(text.substr(0, Head::kBytes)));
  constexpr std::string_view kDatabase = "SQLite format 3";
  const bool database = text.starts_with(kDatabase) || head.name.ends_with(".db");
  const Kind* kind = database ? nullptr : recognise(head);
  if (kind == nullptr) return report;
  const auto source = text_source(text);
  Input input{std::filesystem::path(file_name), head.name, "", *source};
  read_with(*kind, input, run, report);
  finish(run);
  return report;
}

}  // namespace ms::profile
