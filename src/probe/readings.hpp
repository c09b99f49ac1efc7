#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "facts/document.hpp"
#include "probe/host.hpp"

namespace ms {

/// Texts above this are named in a record and not kept. [bytes]
inline constexpr std::size_t kMaxKeptText = std::size_t{256} << 10;

/// What probes read of a host, as it stood there: files, folders and what commands printed. A record keeps
/// it, so that parsers of a later version can be run over an old host.
class Readings {
 public:
  void keep_file(const std::string& path, const Reading<std::string>& text);
  void keep_folder(const std::string& path, const Reading<std::vector<std::string>>& names);
  void keep_existence(const std::string& path, bool exists);
  void keep_command(const std::vector<std::string>& argv, const Reading<CommandOutput>& output);

  /// `{"files": {path: text}, "folders": {path: [name]}, "exists": [path], "commands": {line: {"status",
  /// "text"}}}`, ordered by name, without secrets; what could not be read is an absent marker in its place.
  Json to_json() const;

 private:
  mutable std::mutex mutex_;  // probes that run commands have threads of their own
  std::map<std::string, Json> files_;
  std::map<std::string, Json> folders_;
  std::map<std::string, Json> commands_;
  std::map<std::string, bool> exists_;
};

/// A host that is `host`, with all that is asked of it kept. Both must live as long as it is used.
std::unique_ptr<Host> keeping_host(const Host& host, Readings& readings);

/// The host that the readings of a record were taken from (the JSON of Readings); environment, architecture
/// and page size are those of its facts. What was not read then is absent: "the record does not hold
/// /proc/stat". Throws InputError when `readings` is not of that form; `source` is the record's name.
std::unique_ptr<Host> kept_host(const Json& readings, const FactDocument& facts, const std::string& source);

}  // namespace ms
