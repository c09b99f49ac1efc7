#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/yaml.hpp"

namespace ms {

/// MindIE refuses a config that is larger. [bytes]
inline constexpr std::size_t kMaxConfigBytes = std::size_t{10} << 20;

/// A configuration file that rules judge, as a value and with its places.
class ConfigDocument {
 public:
  enum class Format { json, yaml };

  /// Throws InputError with line and column for a text that is not of that format. A YAML file of several
  /// documents is a list of them; its plain scalars are read as YAML 1.1 has it (yes, 0x10, ~).
  static ConfigDocument parse(std::string text, Format format, const std::string& path);

  const std::string& path() const { return path_; }
  const Json& value() const { return value_; }

  /// Where the value at a path ("a.b[0]") starts or, where there is none, what is nearest above it.
  std::optional<Position> place(std::string_view path) const;

 private:
  std::string path_;
  std::string text_;
  Format format_ = Format::json;
  Json value_;
  YamlFile yaml_;
};

/// The format that a word ("json", "yaml", "yml") or, with `file_name`, the end of a name stands for.
std::optional<ConfigDocument::Format> config_format(std::string_view word);
std::optional<ConfigDocument::Format> config_format_of_file(std::string_view file_name);

/// The RFC 6901 pointer to what is at a path or, where there is nothing, nearest above it. A key with dots in
/// it is found as well.
std::string nearest_pointer(const Json& value, std::string_view path);

/// A YAML value with the types of its plain scalars. Throws InputError where aliases make more than a million
/// values of it.
Json yaml_to_json(const YamlFile& file, const std::string& source);

}  // namespace ms
