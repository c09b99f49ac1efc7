#include "probe/file_system_probe.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr const char* kCommand = "df -P -k";
constexpr const char* kShm = "/dev/shm";
constexpr std::size_t kMaxShmFiles = 1000;

}  // namespace

std::vector<FileSystem> parse_df(std::string_view text) {
  // Source, size, used, available, used in percent, mount.
  static const RE2 line_pattern(R"((\S.*?)\s+(\d{1,15})\s+\d+\s+(\d{1,15})\s+(?:\d+%|-)\s+(/.*))");
  std::vector<FileSystem> systems;
  for (const std::string_view line : split_lines(text)) {
    FileSystem system;
    const re2::StringPiece piece(line.data(), line.size());
    if (!RE2::FullMatch(piece, line_pattern, &system.source, &system.total_bytes, &system.free_bytes,
                        &system.mount)) {
      continue;
    }
    system.source = sanitize_utf8(system.source);
    system.mount = sanitize_utf8(trim(system.mount));
    system.total_bytes *= 1024;
    system.free_bytes *= 1024;
    systems.push_back(std::move(system));
  }
  return systems;
}

void read_file_systems(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  constexpr const char* kFacts[] = {"host.file_systems", "memory.shm.total_bytes", "memory.shm.free_bytes"};
  const auto absent = [&](const std::string& reason) {
    for (const char* fact : kFacts) facts.set_absent(fact, reason, kCommand);
  };
  const auto output = host.run({"df", "-P", "-k"}, timeout);
  if (!output) return absent(output.reason());
  // A status other than 0 is a file system that may not be looked at; the others are listed all the same.
  const auto systems = parse_df(output->text);
  if (systems.empty()) return absent(fmt::format("{}: lists no file system", kCommand));

  Json list = Json::array();
  for (const FileSystem& system : systems) {
    list.push_back({{"mount", system.mount},
                    {"source", system.source},
                    {"total_bytes", system.total_bytes},
                    {"free_bytes", system.free_bytes}});
  }
  facts.set("host.file_systems", std::move(list), kCommand);
  const auto shm =
      std::find_if(systems.begin(), systems.end(), [](const FileSystem& s) { return s.mount == kShm; });
  if (shm == systems.end()) {
    const std::string reason = fmt::format("{} is not a file system of its own", kShm);
    facts.set_absent("memory.shm.total_bytes", reason, kCommand);
    facts.set_absent("memory.shm.free_bytes", reason, kCommand);
    return;
  }
  facts.set("memory.shm.total_bytes", Json(shm->total_bytes), kCommand);
  facts.set("memory.shm.free_bytes", Json(shm->free_bytes), kCommand);
}

void read_shm_files(const Host& host, std::chrono::milliseconds, FactDocument& facts) {
  const auto names = host.list_directory(kShm);
  if (!names) return facts.set_absent("memory.shm.files", names.reason(), host.describe(kShm));
  Json files = Json::array();
  for (const std::string& name : *names) {
    if (files.size() == kMaxShmFiles) break;
    files.push_back(sanitize_utf8(name));
  }
  facts.set("memory.shm.files", std::move(files), host.describe(kShm));
}

}  // namespace ms
