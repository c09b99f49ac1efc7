#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/embedded.hpp"
#include "base/lang.hpp"
#include "base/toml.hpp"
#include "probe/builtin.hpp"
#include "probe/extract.hpp"

namespace ms {

namespace embedded {
/// The files of probes/, compiled in.
std::span<const EmbeddedFile> probes();
}  // namespace embedded

/// `file = ...`: the value stands in a file.
struct FileProbe {
  std::vector<std::string> paths;      ///< the first that exists counts; ${NAME:-default} and '*' in them
  std::optional<std::string> extract;  ///< a regular expression; none: the whole trimmed text
  ScalarType type = ScalarType::string;
  std::int64_t multiply = 1;
  std::optional<std::string> empty;  ///< the value that an empty file stands for, of a string
};

/// `exists = ...`: whether one of some paths is there.
struct ExistsProbe {
  std::vector<std::string> paths;
};

/// `builtin = ...`
struct BuiltinProbe {
  const Builtin* builtin;
};

/// How one fact is read: one `[[probe]]` of probes/*.toml.
struct Probe {
  std::string fact;  ///< dotted path: "memory.thp.mode"
  std::string type;  ///< "string", "int", "list<{cpu: int, governor: string}>", ... as written
  std::string unit;  ///< "bytes", "" where there is none
  Text doc;
  std::variant<FileProbe, ExistsProbe, BuiltinProbe> how;
  std::string defined;  ///< where it is declared: "npu.toml:3"

  /// What is read, as a person would look it up: "/proc/meminfo", "npu-smi info".
  std::string source() const;
};

/// Where declarations come from; those of a site take the place of those that are compiled in.
enum class ProbeLayer { compiled_in, site };

/// All probes, in the order of their declaration, one for each fact.
class ProbeSet {
 public:
  const std::vector<Probe>& probes() const& { return probes_; }
  const std::vector<Probe>& probes() && = delete;  // `for (... : load_probes().probes())` would dangle
  /// nullptr when no probe gives that fact.
  const Probe* find(std::string_view fact) const;

  /// Adds a file of declarations; an entry for a fact of an earlier `layer` takes that one's place. Throws
  /// InputError for an unknown key or builtin, a bad pattern, two entries for a fact, or a fact inside
  /// another. Patterns that are compiled in are not looked at: a run uses few of them, and tests all.
  void add(const TomlTable& file, ProbeLayer layer);

 private:
  std::vector<Probe> probes_;
  std::vector<ProbeLayer> layers_;
};

/// The probes that are compiled in and, where given, those of DIR/*.toml, which add to them or replace them
/// by fact. Throws InputError as ProbeSet::add does, and when the directory cannot be read.
ProbeSet load_probes(const std::optional<std::filesystem::path>& directory = std::nullopt);

}  // namespace ms
